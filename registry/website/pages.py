"""Serve public pages with one validator and without request or cookie.

A page depends only on its address and format, the head of the log, the release and the day. These
are its ETag: a request with a current ETag gets a 304 response before any other query. Pages come
from a bounded cache in the process, compressed once for all visitors. Compression is safe: pages
hold no secret that an attacker could guess through text in the query.
"""

import gzip
import re
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from functools import partial, wraps
from threading import Lock
from typing import Any

from django.conf import settings
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
    QueryDict,
)
from django.template.loader import render_to_string
from django.utils.crypto import salted_hmac
from django.utils.http import parse_etags
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from registry import clock
from registry.log import publishing
from registry.log.snapshot import public_snapshot
from registry.operations import release
from registry.website.parameters import ParameterError, check_parameters, refuse_parameter

CACHE_BYTES = 32 * 2**20
# Caches may keep an answer, but must ask every time, so that redacted text disappears at once;
# 304 keeps it cheap.
CACHE_CONTROL = "public, no-cache"
ACCEPTS_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")


def register_state(head: publishing.Head, today: date) -> str:
    """Return a text that changes whenever any public page may change."""
    stale = f".{head.stale}" if head.stale else ""
    return f"{head.number}.{head.hash[:12]}{stale}-{release.release_digest()}-{today:%Y%m%d}"


def public_etag(state: str, address: str, accepted_format: str = "") -> str:
    """Return the ETag of an address in one format.

    It is signed, and sent with pages only: who presents it has been answered there with a page,
    never with an error.
    """
    signature = salted_hmac("registry.etag", f"{state} {address} {accepted_format}").hexdigest()
    return f'"{state}-{signature[:16]}"'


def unchanged_response(request: HttpRequest, etag: str) -> HttpResponseNotModified | None:
    """Return a 304 response to a reader who has the answer with this ETag."""
    known = [
        tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))
    ]
    is_known = request.method in ("GET", "HEAD") and etag.removeprefix("W/") in known
    return HttpResponseNotModified() if is_known else None


@dataclass(frozen=True)
class Visit:
    """The part of a request available to a public page: no session, user or cookie."""

    path: str
    query: QueryDict
    head: publishing.Head
    today: date

    def render(self, template: str, context: dict[str, Any], *, section: str = "") -> HttpResponse:
        """Return a page; `section` is the item of the navigation to highlight."""
        frame = {
            "head": self.head,
            "today": self.today,
            "site": settings.PUBLIC_URL,
            "section": section,
        }
        return HttpResponse(render_to_string(template, context | frame))


class PageCache:
    """Pages for the register's current state, up to `limit` bytes; the oldest leave first."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.lock = Lock()
        self.empty("")

    def empty(self, state: str) -> None:
        self.state = state
        self.size = 0
        self.pages: OrderedDict[str, HttpResponse] = OrderedDict()

    def get(self, state: str, path: str) -> HttpResponse | None:
        with self.lock:
            return self.pages.get(path) if state == self.state else None

    def keep(self, state: str, path: str, page: HttpResponse) -> None:
        with self.lock:
            if state != self.state:
                self.empty(state)
            if path not in self.pages:
                self.pages[path] = page
                self.size += len(page.content)
            while self.size > self.limit:
                self.size -= len(self.pages.popitem(last=False)[1].content)


_cache = PageCache(CACHE_BYTES)


def public_page(
    *known: str,
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponseBase]]:
    """Turn a view of a `Visit` into a cached public page that knows some parameters only."""
    return partial(_public_page, known=known)


def _public_page(
    view: Callable[..., HttpResponse], known: Collection[str]
) -> Callable[..., HttpResponseBase]:
    @csrf_exempt  # Public pages only read: `require_safe` answers a form with 405.
    @require_safe
    @wraps(view)
    def serve_page(request: HttpRequest, **arguments: str) -> HttpResponseBase:
        try:
            check_parameters(request.GET, known)
            return answer_visit(request, arguments)
        except ParameterError as error:
            return refuse_parameter(request, error)

    def answer_visit(request: HttpRequest, arguments: dict[str, str]) -> HttpResponseBase:
        with public_snapshot():
            visit = Visit(request.get_full_path(), request.GET, publishing.head(), clock.today())
            state = register_state(visit.head, visit.today)
            etag = public_etag(state, visit.path)
            unchanged = unchanged_response(request, etag)
            if unchanged is not None:
                return _with_cache_headers(unchanged, etag)
            page = _cache.get(state, visit.path) or view(visit, **arguments)
        if page.status_code != 200:
            return page
        _cache.keep(state, visit.path, page)
        if ACCEPTS_GZIP.search(request.headers.get("Accept-Encoding", "")):
            return _with_cache_headers(_gzip_page(page, state, visit.path), f"W/{etag}")
        # A copy, because middleware may set headers that must not reach the next visitor.
        return _with_cache_headers(
            HttpResponse(page.content, content_type=page["Content-Type"]), etag
        )

    return serve_page


def _gzip_page(page: HttpResponse, state: str, path: str) -> HttpResponse:
    """Return a page compressed with gzip, from the cache if possible."""
    compressed = _cache.get(state, f"{path} gzip")
    if compressed is None:
        # Without a time in its header, the same page always has the same bytes.
        compressed = HttpResponse(
            gzip.compress(page.content, mtime=0), content_type=page["Content-Type"]
        )
        _cache.keep(state, f"{path} gzip", compressed)
    response = HttpResponse(compressed.content, content_type=page["Content-Type"])
    response["Content-Encoding"] = "gzip"
    return response


def _with_cache_headers(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    response["ETag"] = etag
    response["Vary"] = "Accept-Encoding"
    response["Cache-Control"] = CACHE_CONTROL
    return response
