"""What an answer of the API takes from the header Accept."""

from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from rest_framework.exceptions import APIException
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request


class CSVRenderer(BaseRenderer):
    """Offers CSV in content negotiation; the view itself streams it."""

    media_type, format = "text/csv", "csv"

    def render(self, data: Any, *args: Any, **options: Any) -> bytes:
        """Render a problem as JSON: an error has no table."""
        return JSONRenderer().render(data)


# The formats that addresses of the API offer: both, or one of them.
JSON, CSV = JSONRenderer(), CSVRenderer()
OFFERS: list[list[BaseRenderer]] = [[JSON, CSV], [JSON], [CSV]]


@lru_cache(maxsize=256)
def accepted_format(accept: str) -> str:
    """Return what the header Accept asks of the API, the same for all its spellings.

    An answer depends on the format, and JSON on the width to which it is to be indented.
    """
    request = HttpRequest()
    request.META["HTTP_ACCEPT"] = accept
    return ",".join(_choose_format(Request(request), offered) for offered in OFFERS)


def _choose_format(request: Request, offered: list[BaseRenderer]) -> str:
    try:
        renderer, media_type = DefaultContentNegotiation().select_renderer(request, offered)
    except APIException:  # Not acceptable, or too long to be read.
        return ""
    return f"{renderer.format}{JSON.get_indent(media_type, {}) or ''}"
