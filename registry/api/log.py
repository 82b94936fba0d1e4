"""The log in the API: entries as they were hashed, and changes for clients that follow it."""

from django.db.models import QuerySet
from django.http import QueryDict
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api import filters, schema
from registry.api.paging import check_within_log
from registry.api.public import PublicView
from registry.api.representation import represent_change, represent_entry
from registry.models import Entry, KindCount
from registry.schema import kinds


class LogList(PublicView):
    """Entries in order and without gaps; `?after=N` returns those after entry N."""

    represent = staticmethod(represent_entry)

    def get(self, request: Request) -> Response:
        query = filters.validated_query(
            request, {"after", "cursor", "limit", "kind", "key", "action"}
        )
        binding = filters.query_without(query, "cursor", "limit")
        after = filters.parse_entry_number(query.get("after", "0"))
        check_within_log(after, self.latest)
        entries = filters.filter_entries(Entry.objects.filter(number__gt=after), binding)
        page = self.read_page(entries, column="number", query=binding, parameters=query)
        data = [self.represent(entry) for entry in page.rows]
        total = self.count_entries(entries, binding, after)
        return self.list_response(data, total=total, page=page, parameters=query)

    def count_entries(self, entries: QuerySet[Entry], query: QueryDict, after: int) -> int:
        """Return how many entries match: by their numbers, or as the log keeps count by kind."""
        names = {name for name in query if name != "after"}
        if not names:
            return self.latest.number - after
        if after or "key" in names:
            return entries.count()
        tags = [f"entry:{action}" for action in query.getlist("action") or Entry.Action.values]
        return KindCount.objects.total(query.getlist("kind") or kinds.KINDS, tags)


class EntryList(LogList):
    @extend_schema(
        operation_id="entries",
        parameters=schema.LOG_PARAMETERS,
        responses=schema.log_responses(schema.Entries),
    )
    def get(self, request: Request) -> Response:
        """The entries as they were hashed, for verification."""
        return super().get(request)


class EntryDetail(PublicView):
    @extend_schema(operation_id="entry", responses=schema.EntryShape)
    def get(self, request: Request, number: int) -> Response:
        """One entry as it was hashed."""
        filters.validated_query(request, set())
        entry = Entry.objects.filter(number=number).first()
        if entry is None:
            raise NotFound(f"No entry has this number. The log ends at entry {self.latest.number}.")
        return Response(represent_entry(entry))


class ChangeList(LogList):
    represent = staticmethod(represent_change)

    @extend_schema(
        operation_id="changes",
        parameters=schema.LOG_PARAMETERS,
        responses=schema.log_responses(schema.Changes),
    )
    def get(self, request: Request) -> Response:
        """What changed, with the item as an object: the way to stay in step."""
        return super().get(request)
