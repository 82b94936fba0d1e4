"""What most Django teams would write, done well: list and detail pages, DRF, and downloads.

The list joins the organisation, reads the latest figure by a sub-query and counts each filter by
GROUP BY. `full_text` is the same with PostgreSQL's own search.
"""

import csv
import json
from collections.abc import Iterator
from typing import Any

import django_filters
from django.contrib.postgres.search import SearchQuery
from django.core.paginator import Paginator
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from rest_framework import serializers, viewsets

from tests.bench.peers.models import Commitment, Organisation, Success, Update

ROWS = 25
FACETS = ("theme", "sector", "ward", "status")
PLAIN_COLUMNS = [
    *("id", "key", "theme", "measure", "unit", "target", "baseline", "start", "due", "ward"),
    *("sector", "status", "title", "description", "published_at"),
]
EXPORTED = [*PLAIN_COLUMNS, "organisation__key", "organisation__name", "latest"]
CHUNK = 2000


def all_commitments() -> QuerySet[Any]:
    newest = Update.objects.filter(commitment=OuterRef("pk")).order_by("-period")
    commitments = Commitment.objects.select_related("organisation").defer("search")
    return commitments.annotate(latest=Subquery(newest.values("value")[:1])).order_by("-id")


class CommitmentFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="search")

    class Meta:
        model = Commitment
        fields = [*FACETS]

    def search(self, queryset: QuerySet[Any], name: str, text: str) -> QuerySet[Any]:
        return queryset.filter(Q(title__icontains=text) | Q(description__icontains=text))


class FullTextFilter(CommitmentFilter):
    def search(self, queryset: QuerySet[Any], name: str, text: str) -> QuerySet[Any]:
        return queryset.filter(search=SearchQuery(text, config="english"))


def list_page(request: HttpRequest, filters: type[CommitmentFilter]) -> HttpResponse:
    matches = filters(request.GET, queryset=all_commitments()).qs
    page = Paginator(matches, ROWS).get_page(request.GET.get("page"))
    facets = {
        name: matches.order_by().values_list(name).annotate(count=Count("pk")).order_by("-count")
        for name in FACETS
    }
    for commitment in page:
        is_known = commitment.target and commitment.latest is not None
        commitment.percent = round(100 * commitment.latest / commitment.target) if is_known else 0
    context = {"page": page, "facets": facets, "q": request.GET.get("q", "")}
    return render(request, "peers/list.html", context)


def commitment_page(request: HttpRequest, key: str) -> HttpResponse:
    commitments = Commitment.objects.select_related("organisation").defer("search")
    related = commitments.prefetch_related("updates", "successes")
    return render(request, "peers/detail.html", {"commitment": get_object_or_404(related, key=key)})


class OrganisationSerializer(serializers.ModelSerializer):
    class Meta:
        model = Organisation
        fields = ["id", "key", "name"]


class UpdateSerializer(serializers.ModelSerializer):
    class Meta:
        model = Update
        fields = ["period", "value", "narrative", "recorded_on"]


class SuccessSerializer(serializers.ModelSerializer):
    class Meta:
        model = Success
        fields = ["id", "title", "story", "happened_on"]


class ListSerializer(serializers.ModelSerializer):
    organisation = OrganisationSerializer()
    latest = serializers.DecimalField(max_digits=14, decimal_places=3)

    class Meta:
        model = Commitment
        fields = [*PLAIN_COLUMNS, "organisation", "latest"]


class DetailSerializer(ListSerializer):
    updates = UpdateSerializer(many=True)
    successes = SuccessSerializer(many=True)

    class Meta(ListSerializer.Meta):
        fields = [*ListSerializer.Meta.fields, "updates", "successes"]


class CommitmentViewSet(viewsets.ReadOnlyModelViewSet):
    filterset_class = CommitmentFilter
    lookup_field = "key"

    def get_queryset(self) -> QuerySet[Any]:
        is_list = self.action == "list"
        return (
            all_commitments()
            if is_list
            else all_commitments().prefetch_related("updates", "successes")
        )

    def get_serializer_class(self) -> type[ListSerializer]:
        return ListSerializer if self.action == "list" else DetailSerializer


class Echo:
    """A file for csv.writer that gives each line back."""

    def write(self, line: str) -> str:
        return line


def csv_file(request: HttpRequest) -> StreamingHttpResponse:
    writer = csv.writer(Echo())
    matches = CommitmentFilter(request.GET, queryset=all_commitments().order_by("id")).qs
    rows = matches.values_list(*EXPORTED).iterator(chunk_size=CHUNK)

    def lines() -> Iterator[str]:
        yield writer.writerow(EXPORTED)
        yield from map(writer.writerow, rows)

    return StreamingHttpResponse(lines(), content_type="text/csv")


def json_lines(request: HttpRequest) -> StreamingHttpResponse:
    rows = all_commitments().order_by("id").values(*EXPORTED).iterator(chunk_size=CHUNK)
    lines = (json.dumps(row, cls=DjangoJSONEncoder) + "\n" for row in rows)
    return StreamingHttpResponse(lines, content_type="application/jsonl")
