"""The base of all API views: conditional requests, the envelope of lists, and CORS."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
    StreamingHttpResponse,
)
from django.template.response import SimpleTemplateResponse
from django.utils.cache import patch_vary_headers
from rest_framework.response import Response
from rest_framework.views import APIView

from registry import clock
from registry.api.negotiation import ReadyJSON, accepted_format
from registry.api.paging import Page
from registry.log import publishing
from registry.log.canonical import published_time
from registry.log.replica import NEEDED_HEAD, read_current
from registry.log.snapshot import read_download
from registry.schema import kinds
from registry.website.pages import (
    CACHE_CONTROL,
    compress_answer,
    mark_public,
    public_etag,
    register_state,
    unchanged_response,
)
from registry.website.parameters import canonical_address, canonical_query


class PublicView(APIView):
    """A public view of the log, open to other sites. One answer reads one state, head included."""

    latest: publishing.Head
    address: str
    etag: str

    @mark_public
    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        self.address = canonical_address(request)
        request.GET = QueryDict(canonical_query(request.META.get("QUERY_STRING", "")))

        def answer_request(head: publishing.Head) -> HttpResponseBase:
            self.latest = head
            # Weak: bytes may differ for the same state (generated_at, compression).
            self.etag = f"W/{self._strong_etag(request)}"
            unchanged = unchanged_response(request, self.etag)
            response = unchanged or super(PublicView, self).dispatch(request, *args, **options)
            if isinstance(response, StreamingHttpResponse):
                response.streaming_content = read_download(iter(response))
            return response

        response = read_current(request.META.get(NEEDED_HEAD), answer_request)
        if response.status_code in (200, 304):
            response["ETag"] = self.etag
            response["Cache-Control"] = CACHE_CONTROL
        if response.status_code == 200 and isinstance(response, HttpResponse):
            if isinstance(response, SimpleTemplateResponse):
                response.render()
            compress_answer(request, response)
        patch_vary_headers(response, ["Accept", "Accept-Encoding"])
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = "ETag, Link, Retry-After"
        return response

    def _strong_etag(self, request: HttpRequest) -> str:
        """Return the ETag of the address as asked: its format follows from it and from Accept."""
        state = register_state(self.latest, clock.today())
        accepted = accepted_format(request.META.get("HTTP_ACCEPT", "*/*"))
        return public_etag(state, self.address, accepted)

    def read_page(
        self,
        rows: QuerySet[Any] | list[Any],
        *,
        column: str,
        query: QueryDict,
        parameters: QueryDict,
    ) -> Page:
        """Return the page of this list that `parameters` ask for."""
        return Page(
            rows,
            column=column,
            query=query,
            parameters=parameters,
            path=self.request.path,
            head=self.latest,
        )

    def list_response(
        self, data: list[Any] | ReadyJSON, *, total: int | None, page: Page, parameters: QueryDict
    ) -> Response:
        """Return a page of a list with its counts, its provenance and a link to the next page.

        Without a total, `meta` has none.
        """
        address = f"{settings.PUBLIC_URL}{self.request.path}"
        following = page.next_address(address, parameters)
        totals = {} if total is None else {"total": total}
        response = Response(
            {
                "data": data,
                "meta": {"count": len(page.rows), **totals, **self.provenance_fields()},
                "links": {
                    "self": f"{settings.PUBLIC_URL}{self.address}",
                    "next": following,
                },
            }
        )
        if following:
            response["Link"] = f'<{following}>; rel="next"'
        return response

    def provenance_fields(self) -> dict[str, Any]:
        return {
            "head": {"number": self.latest.number, "hash": self.latest.hash},
            "generated_at": published_time(clock.now()),
            "licence": kinds.LICENCE,
        }
