"""Redirect permanent addresses and keys in any spelling to the page of a record."""

from urllib.parse import urlencode

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
    QueryDict,
)
from django.urls import is_valid_path, reverse
from django.utils.encoding import escape_uri_path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from registry.log import keys
from registry.log.snapshot import public_snapshot
from registry.models import Record
from registry.schema import kinds


@csrf_exempt  # They only read: `require_safe` answers a form with 405.
@require_safe
def redirect_to_record(request: HttpRequest, key: str) -> HttpResponse:
    """Redirect a permanent address to the page of a record, or to JSON for programs."""
    if not keys.is_key(key):
        return redirect_to_normalised_key("website:identifier", key, query=request.GET)
    wants_json = request.get_preferred_type(["text/html", "application/json"]) == "application/json"
    with public_snapshot():
        record = Record.objects.filter(pk=key).first()
        if record is None:
            raise Http404
        page = "" if wants_json else _page_url(record)
    target = page or f"/api/v1/{kinds.KINDS[record.kind].plural}/{key}"
    if query := request.GET.urlencode():
        path, mark, fragment = target.partition("#")
        target = f"{path}?{query}{mark}{fragment}"
    return HttpResponseRedirect(target, status=303, headers={"Vary": "Accept"})


@csrf_exempt
@require_safe
def redirect_short_key(request: HttpRequest, key: str) -> HttpResponse:
    """Redirect a bare key to the permanent address of its record."""
    if not keys.is_key(key):
        return redirect_to_normalised_key("website:short", key, query=request.GET)
    target = reverse("website:identifier", args=[key], query=request.GET)
    return HttpResponseRedirect(target, status=303)


@csrf_exempt
@require_safe
def redirect_past(request: HttpRequest, key: str) -> HttpResponse:
    """Redirect the former address of a commitment's past, `/past?at=DAY`."""
    page = reverse("website:commitment", args=[key])
    day = request.GET.get("at", "")
    return HttpResponsePermanentRedirect(f"{page}?{urlencode({'day': day})}" if day else page)


@csrf_exempt
@require_safe
def redirect_without_slash(request: HttpRequest, path: str) -> HttpResponse:
    """Redirect an address with a slash at its end to the one without, if there is one."""
    # One slash at the beginning: two would lead to another site.
    target = f"/{path.strip('/')}"
    if not is_valid_path(target):
        raise Http404
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(f"{escape_uri_path(target)}{'?' if query else ''}{query}")


def redirect_to_normalised_key(name: str, key: str, *, query: QueryDict) -> HttpResponse:
    """Redirect a key in another spelling to the same address with the key as we write it."""
    normalised_key = keys.normalise_key(key)
    if not keys.is_key(normalised_key):
        raise Http404
    return HttpResponsePermanentRedirect(
        reverse(name, args=[normalised_key], query=query), preserve_request=True
    )


def _page_url(record: Record) -> str:
    """Return the address of a record on its own page or on another record's; "" for no page."""
    spec = kinds.KINDS[record.kind]
    if spec.has_page:
        return reverse(f"website:{record.kind}", args=[record.key])
    if record.kind == "notice":
        return _notice_url(record)
    commitment_key = (record.item or {}).get("commitment")
    if not (spec.in_timeline and commitment_key):
        return ""
    return f"{reverse('website:commitment', args=[commitment_key])}#{record.key}"


def _notice_url(notice: Record) -> str:
    """Return the address of a notice on the page of its subject."""
    subject = Record.objects.filter(pk=(notice.item or {}).get("about", "")).first()
    if subject is None:
        return f"{reverse('website:statistics')}#council"
    return f"{_page_url(subject).partition('#')[0]}#{notice.key}"
