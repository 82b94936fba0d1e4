"""Serve public pages with one validator and without request or cookie.

A page depends only on its address and format, the head of the log, the release and the day. These
are its ETag: a request with a current ETag gets a 304 response before any other query. What a page
answered is kept before Django, in edge.py. Compression is safe: pages hold no secret that an
attacker could guess through text in the query.
"""

import gzip
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial, wraps
from typing import Any

from django.conf import settings
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
    HttpResponseRedirect,
    QueryDict,
)
from django.template.loader import render_to_string
from django.utils.crypto import salted_hmac
from django.utils.http import parse_etags
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from registry import clock
from registry.log import publishing
from registry.log.replica import NEEDED_HEAD, read_current
from registry.operations import release
from registry.website.parameters import (
    FORMER_DAY,
    ParameterError,
    canonical_address,
    canonical_query,
    check_parameters,
    is_never_left_out,
    redirect_former_day,
    refuse_parameter,
    without_empty,
)
from registry.website.sharing import sharing_of

# Caches may keep an answer, but must ask every time, so that redacted text disappears at once;
# 304 keeps it cheap.
CACHE_CONTROL = "public, no-cache"
# A fifth of the work of the strongest compression, for a tenth to a half more bytes: most pages
# are made for one reader.
COMPRESSION = 1
ACCEPTS_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")


@lru_cache(maxsize=4)
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


def etag_state(etag: str) -> str:
    """Return the state of the register in an ETag of ours; "" for another ETag."""
    return weak_tag(etag).strip('"').rpartition("-")[0]


def weak_tag(etag: str) -> str:
    """Return an ETag as it is compared: the compressed and the plain page count as the same."""
    return etag.removeprefix("W/")


def known_tags(if_none_match: str) -> list[str]:
    """Return the tags of the answers that a reader has, as `weak_tag` does."""
    return [weak_tag(tag) for tag in parse_etags(if_none_match)]


def unchanged_response(request: HttpRequest, etag: str) -> HttpResponseNotModified | None:
    """Return a 304 response to a reader who has the answer with this ETag."""
    known = known_tags(request.headers.get("If-None-Match", ""))
    is_known = request.method in ("GET", "HEAD") and weak_tag(etag) in known
    return HttpResponseNotModified() if is_known else None


def compress_answer(request: HttpRequest, answer: HttpResponse) -> bool:
    """Compress an answer for a reader who accepts gzip; return whether it is now compressed."""
    if answer["Content-Type"] == "image/png":
        return False  # It is compressed already.
    if not ACCEPTS_GZIP.search(request.headers.get("Accept-Encoding", "")):
        return False
    # Without a time in its header, the same page always has the same bytes.
    answer.content = gzip.compress(answer.content, COMPRESSION, mtime=0)
    answer["Content-Encoding"] = "gzip"
    return True


def mark_public(view: Any) -> Any:
    """Mark a view whose answers are the same for all readers, so that edge.py may keep them."""
    view.is_public = True
    return view


@dataclass(frozen=True)
class Visit:
    """The part of a request available to a public page: no session, user or cookie."""

    path: str
    query: QueryDict
    head: publishing.Head
    today: date
    refused: Sequence[ParameterError] = ()  # What the address also had, and the page leaves out.

    def render(self, template: str, context: dict[str, Any], *, section: str = "") -> HttpResponse:
        """Return a page; `section` is the item of the navigation to highlight."""
        frame = {
            "head": self.head,
            "today": self.today,
            "site": settings.PUBLIC_URL,
            "section": section,
            "refused": self.refused,
            "sharing": sharing_of(template, context),
        }
        return HttpResponse(render_to_string(template, context | frame))


def public_page(
    *known: str, meaningful: Collection[str] = ()
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponseBase]]:
    """Turn a view of a `Visit` into a public page that knows some parameters only.

    An address with empty ones leads to that without them, but for those that are meaningful so.
    """
    return partial(_public_page, known=known, meaningful=meaningful)


def _public_page(
    view: Callable[..., HttpResponse], known: Collection[str], meaningful: Collection[str]
) -> Callable[..., HttpResponseBase]:
    @mark_public
    @csrf_exempt  # Public pages only read: `require_safe` answers a form with 405.
    @require_safe
    @wraps(view)
    def serve_page(request: HttpRequest, **arguments: str) -> HttpResponseBase:
        try:
            check_parameters(request.GET, known)
            filled = without_empty(request.GET, meaningful)
            if filled != request.GET:
                return HttpResponseRedirect(_address(request.path, filled))
            needed = request.META.get(NEEDED_HEAD)
            return read_current(needed, lambda head: answer_visit(request, head, arguments))
        except ParameterError as error:
            if error.parameter == FORMER_DAY and "day" in known:
                return redirect_former_day(request)
            page = None if is_never_left_out(error) else page_without(request, [error], arguments)
            return page or refuse_parameter(request, error)

    def page_without(
        request: HttpRequest, refused: list[ParameterError], arguments: dict[str, str]
    ) -> HttpResponse | None:
        """Return the page without what it cannot honour, which it names; None if it is no list."""
        query = request.GET.copy()
        for error in refused:
            query.pop(error.parameter, None)
        try:
            check_parameters(query, known)
            page = read_current(
                None,
                lambda head: view(
                    Visit(request.path, query, head, clock.today(), refused), **arguments
                ),
            )
        except ParameterError as error:
            is_new = error.parameter in query
            return page_without(request, [*refused, error], arguments) if is_new else None
        if page.status_code != 200 or not page["Content-Type"].startswith("text/html"):
            return None
        page.status_code = 400
        return page

    def answer_visit(
        request: HttpRequest, head: publishing.Head, arguments: dict[str, str]
    ) -> HttpResponseBase:
        query = QueryDict(canonical_query(request.META.get("QUERY_STRING", "")))
        visit = Visit(canonical_address(request), query, head, clock.today())
        etag = public_etag(register_state(visit.head, visit.today), visit.path)
        unchanged = unchanged_response(request, etag)
        if unchanged is not None:
            return _with_cache_headers(unchanged, etag)
        page = view(visit, **arguments)
        if page.status_code != 200:
            return page
        return _with_cache_headers(page, f"W/{etag}" if compress_answer(request, page) else etag)

    return serve_page


def _address(path: str, query: QueryDict) -> str:
    text = query.urlencode()
    return f"{path}?{text}" if text else path


def _with_cache_headers(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    response["ETag"] = etag
    response["Vary"] = "Accept-Encoding"
    response["Cache-Control"] = CACHE_CONTROL
    return response
