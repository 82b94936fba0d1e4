"""The records of each kind: lists, details and versions, now or as of an entry."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from registry import clock
from registry.api import filters, schema
from registry.api.negotiation import CSVRenderer, ReadyJSON, RecordRenderer
from registry.api.paging import LARGEST_LIMIT
from registry.api.problems import ProblemError, invalid_parameter
from registry.api.public import PublicView
from registry.api.representation import (
    RECORD_SERIALIZERS,
    represent_change,
    with_derived_fields,
)
from registry.log import as_of, keys
from registry.log.documents import document_on, represent_record
from registry.log.listed_successes import COUNTED
from registry.models import (
    Entry,
    KindCount,
    ListedSuccess,
    Record,
    RecordQuerySet,
)
from registry.open_data import csv_export
from registry.open_data.counts import count_commitments
from registry.open_data.filters import filter_commitments, filter_records
from registry.schema import kinds


class RecordList(PublicView):
    """The records of a kind, closed and withdrawn ones too, in the order of first publication."""

    kind = ""
    counted_filters = {"charter", "theme", "record_status"}  # of which `KindCount` has the numbers
    renderer_classes = [RecordRenderer, CSVRenderer]

    def get_format_suffix(self, **options: Any) -> str | None:
        """Return the format that the address ends with, or that the parameter `format` names."""
        suffix: str | None = super().get_format_suffix(**options)
        asked = self.request.query_params.get("format")
        if asked is not None and asked not in schema.FORMATS:
            raise invalid_parameter("format", f"Give {' or '.join(schema.FORMATS)}.")
        return suffix or asked

    def get(self, request: Request, **suffix: str) -> HttpResponseBase:
        moment = filters.parse_moment(request.query_params)
        if moment:
            return self.list_as_of(request, moment)
        known = filters.filter_names(self.kind) | {"updated_since", "cursor", "limit", "format"}
        query = filters.validated_query(request, known)
        binding = filters.query_without(query, "cursor", "limit", "format")
        today = clock.today()
        records = Record.objects.of_kind(self.kind)
        if "updated_since" in query:
            since = filters.parse_since(query.get("updated_since", ""))
            records = records.changed_since(since, today)
        if request.accepted_renderer.format == "csv":
            records = with_derived_fields(records, self.kind, today)
            found = self.find_records(records, binding, today)
            return self.csv_response(found.order_by("first_entry").iterator(), today)
        matches = self.find_matches(records, binding, today)
        listed = self.with_documents(matches, today).values_list("first_entry", "text", named=True)
        page = self.read_page(listed, column="first_entry", query=binding, parameters=query)
        data = ReadyJSON(f"[{','.join(row.text for row in page.rows)}]")
        # What has changed since would be counted row by row: a reader follows `links.next`.
        total = None if "updated_since" in query else self.count_matches(matches, binding)
        return self.list_response(data, total=total, page=page, parameters=query)

    def find_records(self, records: RecordQuerySet, query: QueryDict, today: date) -> QuerySet[Any]:
        """Return those of the records that match the filters of a query."""
        return filters.apply_filters(self.kind, records, query)

    def find_matches(self, records: RecordQuerySet, query: QueryDict, today: date) -> QuerySet[Any]:
        """Return the same, or rows with their keys."""
        return self.find_records(records, query, today)

    def with_documents(self, rows: QuerySet[Any], today: date) -> QuerySet[Any]:
        """Annotate records, or rows with their keys, with the `text` of their open data form."""
        if rows.model is Record:
            return rows.annotate(text=document_on(today))
        record = Record.objects.filter(key=OuterRef("key"))
        return rows.annotate(text=Subquery(record.values_list(document_on(today))))

    def count_matches(self, matches: QuerySet[Any], query: QueryDict) -> int:
        """Return how many match: as the log keeps count with no or one filter, else counted."""
        filters_in_use = {name for name in query if any(query.getlist(name))}
        if not filters_in_use:
            return KindCount.objects.total([self.kind])
        name = filters_in_use.pop()
        values = set(filter(None, query.getlist(name)))
        if filters_in_use or len(values) > 1 or name not in self.counted_filters:
            return matches.count()
        return KindCount.objects.total([self.kind], [f"{name}:{value}" for value in values])

    def csv_response(self, records: Iterable[Record], day: date) -> StreamingHttpResponse:
        """Return all these records as one table."""
        lines = csv_export.csv_rows(self.kind, records, day)
        response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        name = kinds.KINDS[self.kind].plural
        response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        return response

    def list_as_of(self, request: Request, moment: as_of.Moment) -> HttpResponseBase:
        """Return the list at a moment, without filters: they need the current state."""
        query = filters.validated_query(request, {"as_of", "day", "cursor", "limit", "format"})
        published = Record.objects.of_kind(self.kind).filter(first_entry__lte=moment.number)
        total = as_of.count_published(self.kind, moment)
        if request.accepted_renderer.format == "csv":
            if total > LARGEST_LIMIT:
                raise _too_many(query, f"A file has at most {LARGEST_LIMIT} records: read JSON.")
            found = published.order_by("first_entry").values_list("key", flat=True)
            return self.csv_response(self.read_past(found, moment), moment.day)
        binding = filters.query_without(query, "cursor", "limit", "format")
        named = published.values_list("key", "first_entry", named=True)
        page = self.read_page(named, column="first_entry", query=binding, parameters=query)
        past = self.read_past([row.key for row in page.rows], moment)
        data = [represent_record(record, moment.day) for record in past]
        return self.list_response(data, total=total, page=page, parameters=query)

    def read_past(self, record_keys: Iterable[str], moment: as_of.Moment) -> list[Record]:
        """Return records as they were at a moment."""
        return as_of.records_at(self.kind, record_keys, moment)


class SuccessList(RecordList):
    """The successes, filtered in the narrow table of lists."""

    kind = "success"
    counted_filters = {*RecordList.counted_filters, *COUNTED}

    def find_records(self, records: RecordQuerySet, query: QueryDict, today: date) -> QuerySet[Any]:
        if not set(query) & filters.filter_names(self.kind):
            return records
        listed = filters.apply_filters(self.kind, ListedSuccess.objects.all(), query)
        return records.filter(key__in=listed.values("key"))

    def find_matches(self, records: RecordQuerySet, query: QueryDict, today: date) -> QuerySet[Any]:
        if "updated_since" in query or not set(query) & filters.filter_names(self.kind):
            return self.find_records(records, query, today)
        return filters.apply_filters(self.kind, ListedSuccess.objects.all(), query)


class CommitmentList(RecordList):
    """The commitments: filtered in the narrow table of lists, and counted by the log."""

    kind = "commitment"

    def find_records(self, records: RecordQuerySet, query: QueryDict, today: date) -> QuerySet[Any]:
        filter_set = filter_commitments(query, today)
        filters.check_filters(filter_set)
        return filter_records(records, filter_set)

    def find_matches(self, records: RecordQuerySet, query: QueryDict, today: date) -> QuerySet[Any]:
        if not set(query) & filters.filter_names(self.kind):
            return records
        self.filter_set = filter_commitments(query, today)
        filters.check_filters(self.filter_set)
        listed = self.filter_set.qs
        if "updated_since" in query:
            return listed.filter(key__in=records.values("key"))
        return listed

    def count_matches(self, matches: QuerySet[Any], query: QueryDict) -> int:
        if matches.model is Record:
            return super().count_matches(matches, query)
        return count_commitments(self.filter_set)


@extend_schema(exclude=True)
class CommitmentsFile(CommitmentList):
    """The API's list of commitments, at the website's address for downloads."""


class RecordDetail(PublicView):
    """The latest state of one key."""

    kind = ""
    renderer_classes = [RecordRenderer]

    def get(self, request: Request, key: str) -> Response:
        query = filters.validated_query(request, {"as_of", "day"})
        key = keys.normalise_key(key)
        moment = filters.parse_moment(query)
        response = Response(self.record_at(key, moment) if moment else self.read_record(key))
        response["Link"] = f'<{settings.PUBLIC_URL}{request.path}/versions>; rel="version-history"'
        return response

    def read_record(self, key: str) -> ReadyJSON:
        """Return a record of this kind, or raise Http404."""
        records = Record.objects.of_kind(self.kind).values_list(
            document_on(clock.today()), flat=True
        )
        return ReadyJSON(get_object_or_404(records, key=key))

    def record_at(self, key: str, moment: as_of.Moment) -> dict[str, Any]:
        """Return a record at a moment, or raise NotFound if it was not yet public."""
        record = as_of.record_at(self.kind, key, moment)
        if record is None:
            raise NotFound("No record with this key was public at that moment.")
        return represent_record(record, moment.day)


def _too_many(query: QueryDict, detail: str) -> ProblemError:
    """Return the problem of a moment at which too much would have to be read."""
    return invalid_parameter("as_of" if "as_of" in query else "day", detail)


class VersionList(PublicView):
    """Every version of a key, redacted ones included, oldest first."""

    kind = ""

    def get(self, request: Request, key: str) -> Response:
        filters.validated_query(request, set())
        data = _record_versions(self.kind, keys.normalise_key(key))
        return Response({"data": data, "meta": {"count": len(data), **self.provenance_fields()}})


class VersionDetail(PublicView):
    """One version of a key."""

    kind = ""

    def get(self, request: Request, key: str, version: str) -> Response:
        filters.validated_query(request, set())
        number = int(version)
        versions = _record_versions(self.kind, keys.normalise_key(key))
        if not 1 <= number <= len(versions):
            raise NotFound(f"The versions of this record are 1 to {len(versions)}.")
        response = Response(versions[number - 1])
        address = f"{settings.PUBLIC_URL}{request.path.rpartition('/')[0]}"
        links = [f'<{address}>; rel="version-history"']
        if number > 1:
            links.append(f'<{address}/{number - 1}>; rel="predecessor-version"')
        if number < len(versions):
            links.append(f'<{address}/{number + 1}>; rel="successor-version"')
        response["Link"] = ", ".join(links)
        return response


def _record_versions(kind: str, key: str) -> list[dict[str, Any]]:
    """Return the versions of a key, oldest first; raise Http404 for an unknown key."""
    record = get_object_or_404(Record, kind=kind, key=key)
    redactions = {redaction["entry"]: redaction for redaction in record.redactions}
    entries = Entry.objects.filter(kind=kind, key=key).exclude(action=Entry.Action.REDACT)
    return [
        {
            **represent_change(entry),
            "version": number,
            "redacted": entry.item is None,
            "redaction": redactions.get(entry.number),
        }
        for number, entry in enumerate(entries.order_by("number"), start=1)
    ]


def views_for_kind(kind: str) -> dict[str, Any]:
    """Return the views of a kind, by the name of their base class, with OpenAPI descriptions."""
    plural = kinds.KINDS[kind].plural
    descriptions = {
        RecordList: extend_schema(
            operation_id=plural,
            summary=f"List {plural}",
            parameters=[
                *schema.filter_parameters(filters.filter_names(kind)),
                schema.UPDATED_SINCE,
                *schema.MOMENT,
                schema.FORMAT,
                *schema.PAGING,
            ],
            responses=schema.list_serializer(kind),
        ),
        RecordDetail: extend_schema(
            operation_id=kind,
            summary=f"Read one {kind}",
            parameters=schema.MOMENT,
            responses=RECORD_SERIALIZERS[kind],
        ),
        VersionList: extend_schema(
            operation_id=f"{kind}_versions",
            summary=f"Every version of one {kind}",
            responses=schema.Versions,
        ),
        VersionDetail: extend_schema(
            operation_id=f"{kind}_version",
            summary=f"One version of one {kind}",
            responses=schema.Version,
        ),
    }
    list_base = {"commitment": CommitmentList, "success": SuccessList}.get(kind, RecordList)
    return {
        base.__name__: extend_schema_view(get=describe)(
            type(
                f"{kind.title()}{base.__name__}",
                (list_base if base is RecordList else base,),
                {"kind": kind},
            )
        )
        for base, describe in descriptions.items()
    }
