"""The base of all API views: conditional requests, the envelope of lists, and CORS."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.utils.cache import get_conditional_response, patch_vary_headers
from rest_framework.response import Response
from rest_framework.views import APIView

from registry import clock
from registry.api.paging import Page
from registry.log import publishing
from registry.log.canonical import published_time
from registry.schema import kinds
from registry.website.pages import public_etag

CACHE = "public, max-age=60, stale-while-revalidate=300"


class PublicView(APIView):
    """A public view of the log, open to other sites. The head is read once per request."""

    latest: publishing.Head

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        self.latest = publishing.head()
        # Weak: bytes may differ for the same state (generated_at, compression).
        etag = "W/" + public_etag(self.latest, clock.today())
        unchanged = get_conditional_response(request, etag=etag)
        response = unchanged or super().dispatch(request, *args, **options)
        if response.status_code in (200, 304):
            response["ETag"] = etag
            response["Cache-Control"] = CACHE
        patch_vary_headers(response, ["Accept"])
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = "ETag, Link, Retry-After"
        return response

    def list_response(
        self, data: list[Any], *, total: int, page: Page, parameters: QueryDict
    ) -> Response:
        """Return a page of a list with its counts, its provenance and a link to the next page."""
        address = f"{settings.PUBLIC_URL}{self.request.path}"
        following = page.next_address(address, parameters)
        response = Response(
            {
                "data": data,
                "meta": {"count": len(data), "total": total, **self.provenance_fields()},
                "links": {
                    "self": f"{settings.PUBLIC_URL}{self.request.get_full_path()}",
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
