"""The open data API: lists and details of all kinds, their versions, and the log itself."""

import json
from typing import Any

from django.conf import settings
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response, patch_vary_headers
from drf_spectacular.utils import extend_schema, extend_schema_view
from drf_spectacular.views import SpectacularAPIView
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry import clock, codelists, downloads, history, keys, kinds, log
from registry.api import filters, schema
from registry.api.paging import Page
from registry.api.problems import invalid
from registry.api.representation import represent, represent_all, represent_entry, with_derived
from registry.canonical import published_time
from registry.models import Entry, Record
from registry.website.pages import validator

CACHE = "public, max-age=60, stale-while-revalidate=300"


class CSVRenderer(BaseRenderer):
    """Says that lists can be had as CSV; the view streams them itself."""

    media_type, format = "text/csv", "csv"

    def render(self, data: Any, *args: Any, **options: Any) -> bytes:
        """Write a problem as JSON: an error has no table."""
        return JSONRenderer().render(data)


class PublicView(APIView):
    """A view of the log: anonymous, conditional, open to other sites. The head is read once."""

    latest: log.Head

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        self.latest = log.head()
        # Weak: the same state may be told in other bytes (time of the answer, compression).
        etag = "W/" + validator(self.latest, clock.today())
        unchanged = get_conditional_response(request, etag=etag)
        response = unchanged or super().dispatch(request, *args, **options)
        if response.status_code in (200, 304):
            response["ETag"] = etag
            response["Cache-Control"] = CACHE
        patch_vary_headers(response, ["Accept"])
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = "ETag, Link, Retry-After"
        return response

    def envelope(self, data: list[Any], *, total: int, page: Page, known: QueryDict) -> Response:
        """Return a page of a list with what a reader needs to go on and to cite it."""
        address = f"{settings.PUBLIC_URL}{self.request.path}"
        following = page.next_address(address, known)
        response = Response(
            {
                "data": data,
                "meta": {"count": len(data), "total": total, **self.provenance()},
                "links": {
                    "self": f"{settings.PUBLIC_URL}{self.request.get_full_path()}",
                    "next": following,
                },
            }
        )
        if following:
            response["Link"] = f'<{following}>; rel="next"'
        return response

    def provenance(self) -> dict[str, Any]:
        return {
            "head": {"number": self.latest.number, "hash": self.latest.hash},
            "generated_at": published_time(clock.now()),
            "licence": kinds.LICENCE,
        }


class RootView(PublicView):
    @extend_schema(responses=schema.Root, operation_id="root")
    def get(self, request: Request) -> Response:
        """Name, version, licence, head, and where all else is."""
        base = f"{settings.PUBLIC_URL}/api/v1"
        return Response(
            {
                "name": "Charter Register",
                "version": "1",
                "openapi_url": f"{base}/openapi.json",
                "docs_url": f"{settings.PUBLIC_URL}/data",
                **{f"{plural}_url": f"{base}/{plural}" for plural in kinds.PLURALS.values()},
                "changes_url": f"{base}/changes",
                "entries_url": f"{base}/entries",
                "codelists_url": f"{base}/codelists",
                **self.provenance(),
            }
        )


class RecordList(PublicView):
    """The records of a kind, closed and withdrawn ones too, in the order of first publication."""

    kind = ""
    renderer_classes = [JSONRenderer, CSVRenderer]

    def get(self, request: Request, **suffix: str) -> HttpResponseBase:
        if "as_of" in request.query_params:
            return self.as_it_stood(request)
        query = filters.known(request, filters.names(self.kind) | {"cursor", "limit", "format"})
        binding = filters.without(query, "cursor", "limit", "format")
        records = with_derived(Record.objects.of_kind(self.kind), self.kind, clock.today())
        chosen = filters.apply(self.kind, records, binding)
        if request.accepted_renderer.format == "csv":
            rows = downloads.csv_rows(self.kind, chosen.order_by("first_entry").iterator())
            response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
            name = kinds.PLURALS[self.kind]
            response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
            return response
        page = Page(chosen, column="first_entry", query=binding, parameters=query)
        total = chosen.count()
        return self.envelope(represent_all(page.rows), total=total, page=page, known=query)

    def as_it_stood(self, request: Request) -> Response:
        """Return the whole list as it stood at an entry; filters are for what stands now."""
        query = filters.known(request, {"as_of", "cursor", "limit", "format"})
        number = filters.as_of(query.get("as_of", ""), self.latest.number)
        if number > history.MOST_FOLDED:
            most = history.MOST_FOLDED
            raise invalid(
                "as_of", f"Lists are told up to entry {most}; replay `/changes` for more."
            )
        binding = filters.without(query, "cursor", "limit", "format")
        stood = history.records(self.kind, number)
        page = Page(stood, column="first_entry", query=binding, parameters=query)
        return self.envelope(represent_all(page.rows), total=len(stood), page=page, known=query)


@extend_schema(exclude=True)
class CommitmentsFile(RecordList):
    """The list of the website as a file; the same as the API's."""

    kind = "commitment"


class RecordDetail(PublicView):
    """The latest state of one key."""

    kind = ""

    def get(self, request: Request, key: str) -> Response:
        query = filters.known(request, {"as_of", "format"})
        key = keys.written_form(key)
        if "as_of" in query:
            number = filters.as_of(query.get("as_of", ""), self.latest.number)
            record = history.record(self.kind, key, number)
            if record is None:
                raise Http404
        else:
            records = with_derived(Record.objects.of_kind(self.kind), self.kind, clock.today())
            record = get_object_or_404(records, key=key)
        response = Response(represent(record))
        response["Link"] = f'<{settings.PUBLIC_URL}{request.path}/versions>; rel="version-history"'
        return response


class VersionList(PublicView):
    """Every version of a key, redacted ones included, oldest first."""

    kind = ""

    def get(self, request: Request, key: str) -> Response:
        filters.known(request, {"format"})
        data = _versions(self.kind, keys.written_form(key))
        return Response({"data": data, "meta": {"count": len(data), **self.provenance()}})


class VersionDetail(PublicView):
    """One version of a key."""

    kind = ""

    def get(self, request: Request, key: str, version: str) -> Response:
        filters.known(request, {"format"})
        number = int(version)
        found = _versions(self.kind, keys.written_form(key))
        if not 1 <= number <= len(found):
            raise Http404
        response = Response(found[number - 1])
        address = f"{settings.PUBLIC_URL}{request.path.rpartition('/')[0]}"
        links = [f'<{address}>; rel="version-history"']
        if number > 1:
            links.append(f'<{address}/{number - 1}>; rel="predecessor-version"')
        if number < len(found):
            links.append(f'<{address}/{number + 1}>; rel="successor-version"')
        response["Link"] = ", ".join(links)
        return response


def _versions(kind: str, key: str) -> list[dict[str, Any]]:
    """Return the versions of a key, oldest first. Raise Http404 for an unknown one."""
    record = get_object_or_404(Record, kind=kind, key=key)
    redactions = {redaction["entry"]: redaction for redaction in record.redactions}
    entries = Entry.objects.filter(kind=kind, key=key).exclude(action=Entry.Action.REDACT)
    return [
        {
            **_changed(entry),
            "version": number,
            "redacted": entry.item is None,
            "redaction": redactions.get(entry.number),
        }
        for number, entry in enumerate(entries.order_by("number"), start=1)
    ]


class LogList(PublicView):
    """Entries in order and without gaps: `?after=N` gives all that came since entry N."""

    represent = staticmethod(represent_entry)

    def get(self, request: Request) -> Response:
        query = filters.known(
            request, {"after", "cursor", "limit", "kind", "key", "action", "format"}
        )
        binding = filters.without(query, "cursor", "limit", "format")
        entries = Entry.objects.filter(number__gt=filters.entry_number(query.get("after", "0")))
        entries = filters.of_log(entries, binding)
        page = Page(entries, column="number", query=binding, parameters=query)
        data = [self.represent(entry) for entry in page.rows]
        return self.envelope(data, total=entries.count(), page=page, known=query)


class EntryList(LogList):
    @extend_schema(
        operation_id="entries", parameters=schema.LOG_PARAMETERS, responses=schema.Entries
    )
    def get(self, request: Request) -> Response:
        """The entries as they were hashed, for verification."""
        return super().get(request)


class EntryDetail(PublicView):
    @extend_schema(operation_id="entry", responses=schema.EntryShape)
    def get(self, request: Request, number: int) -> Response:
        """One entry as it was hashed."""
        filters.known(request, {"format"})
        return Response(represent_entry(get_object_or_404(Entry, number=number)))


def _changed(entry: Entry) -> dict[str, Any]:
    """Return an entry with its item as an object, without its salt."""
    item = json.loads(entry.item) if entry.item is not None else None
    if item is not None:
        item.pop("salt")
    return {
        "number": entry.number,
        "at": entry.published_at,
        "kind": entry.kind,
        "key": entry.key,
        "action": entry.action,
        "change_reason": item.get("change_reason") if item else None,
        "item": item,
    }


class ChangeList(LogList):
    represent = staticmethod(_changed)

    @extend_schema(
        operation_id="changes", parameters=schema.LOG_PARAMETERS, responses=schema.Changes
    )
    def get(self, request: Request) -> Response:
        """What changed, with the item as an object: the way to stay in step."""
        return super().get(request)


class CodelistList(PublicView):
    @extend_schema(operation_id="codelists", responses=schema.Codelists)
    def get(self, request: Request) -> Response:
        """The names of the closed lists of codes."""
        filters.known(request, {"format"})
        return Response({"data": list(codelists.CLOSED), "meta": self.provenance()})


class CodelistDetail(PublicView):
    @extend_schema(operation_id="codelist", responses=schema.Codelist)
    def get(self, request: Request, name: str) -> Response:
        """The codes of a list with their words."""
        filters.known(request, {"format"})
        if name not in codelists.CLOSED:
            raise invalid("name", f"Known lists: {', '.join(codelists.CLOSED)}.")
        codes = [{"code": code, "title": title} for code, title in codelists.CLOSED[name].items()]
        return Response({"data": codes, "meta": self.provenance()})


class CodelistFile(PublicView):
    """The codes of a list as CSV."""

    @extend_schema(exclude=True)
    def get(self, request: Request, name: str) -> HttpResponseBase:
        filters.known(request, set())
        if name not in codelists.CLOSED:
            raise Http404
        rows = downloads.lines([["code", "title"], *codelists.CLOSED[name].items()])
        return HttpResponse("".join(rows), content_type="text/csv; charset=utf-8")


class OpenAPIView(SpectacularAPIView):
    """The description of the API, made from what kinds.py declares."""

    renderer_classes = [JSONRenderer]


def views_of(kind: str) -> dict[str, Any]:
    """Return the list, detail and versions view of a kind, described from its declaration."""
    plural = kinds.PLURALS[kind]
    described = {
        RecordList: extend_schema(
            operation_id=plural,
            summary=f"List {plural}",
            parameters=[*schema.parameters(filters.names(kind)), schema.AS_OF, *schema.PAGING],
            responses=schema.list_of(kind),
        ),
        RecordDetail: extend_schema(
            operation_id=kind,
            summary=f"Read one {kind}",
            parameters=[schema.AS_OF],
            responses=schema.SHAPES[kind],
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
    return {
        base.__name__: extend_schema_view(get=describe)(
            type(f"{kind.title()}{base.__name__}", (base,), {"kind": kind})
        )
        for base, describe in described.items()
    }
