"""What an answer of the API takes from the header Accept."""

import json
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from rest_framework.exceptions import APIException
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request


class ReadyJSON(str):
    """The text of a JSON value, as a whole answer or as the `data` of one."""


class RecordRenderer(JSONRenderer):
    """Joins ready texts of records to an answer; all else it renders as JSON."""

    def render(self, data: Any, media_type: Any = None, context: Any = None) -> bytes:
        ready = data.get("data") if isinstance(data, dict) else data
        if not isinstance(ready, ReadyJSON):
            rendered: bytes = super().render(data, media_type, context)
            return rendered
        if self.get_indent(media_type, context or {}):
            value = json.loads(ready)
            return self.render(value if ready is data else data | {"data": value}, media_type)
        if ready is data:
            return ready.encode()
        begun = b'{"data":'
        rest: bytes = super().render(data | {"data": None}, media_type, context)
        return begun + ready.encode() + rest.removeprefix(begun + b"null")


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
