"""Addresses that never die: from a key, as it was written, heard or typed, to where it is read."""

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
)
from django.urls import reverse
from django.views.decorators.http import require_safe

from registry import keys, kinds
from registry.models import Record

# The kinds that have a page of their own, and the part of the menu where it is found; the others
# are read on the page of another record.
SECTIONS = {
    "commitment": "commitments",
    "signatory": "signatories",
    "theme": "themes",
    "measure": "themes",
    "success": "successes",
    "update": "commitments",
}


@require_safe
def identifier(request: HttpRequest, key: str) -> HttpResponse:
    """Lead from a permanent address to the page of a record, or to JSON for a program."""
    if not keys.is_key(key):
        return written("website:identifier", key)
    record = Record.objects.filter(pk=key).first()
    if record is None:
        raise Http404
    wants_json = request.get_preferred_type(["text/html", "application/json"]) == "application/json"
    if wants_json or record.kind not in (*SECTIONS, "period", "notice"):
        target = f"/api/v1/{kinds.PLURALS[record.kind]}/{key}"
    else:
        target = _page_of(record)
    return HttpResponseRedirect(target, status=303, headers={"Vary": "Accept"})


@require_safe
def short(request: HttpRequest, key: str) -> HttpResponse:
    """Lead from a spoken key to the page, through its permanent address."""
    if not keys.is_key(key):
        return written("website:short", key)
    return HttpResponseRedirect(reverse("website:identifier", args=[key]), status=303)


def written(name: str, key: str) -> HttpResponse:
    """Lead from a key as it was heard or typed to the same address with the key as we write it."""
    written = keys.written_form(key)
    if not keys.is_key(written):
        raise Http404
    return HttpResponsePermanentRedirect(reverse(name, args=[written]), preserve_request=True)


def _page_of(record: Record) -> str:
    """Return where a record is read."""
    if record.kind in SECTIONS:
        return reverse(f"website:{record.kind}", args=[record.key])
    if record.kind == "notice":
        return _page_of_notice(record)
    promise = (record.item or {}).get("commitment")
    if not promise:
        return f"/api/v1/{kinds.PLURALS[record.kind]}/{record.key}"
    return f"{reverse('website:commitment', args=[promise])}#{record.key}"


def _page_of_notice(notice: Record) -> str:
    """Return where the council's word is read: on the page of what it is about."""
    about = Record.objects.filter(pk=(notice.item or {}).get("about", "")).first()
    if about is None:
        return f"{reverse('website:statistics')}#council"
    return f"{_page_of(about).partition('#')[0]}#{notice.key}"
