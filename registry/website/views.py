"""Public pages: look, render. They know a `Visit` and nothing of who reads."""

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
from registry.website import changes, commitment, home, lists, signatories
from registry.website.pages import Visit, public

# The kinds that have a page of their own; the others are read on the page of another record.
PAGES = ("commitment", "signatory")


@public
def home_page(visit: Visit) -> HttpResponse:
    return visit.render("website/home.html", home.shown(visit.today))


@public
def commitments_page(visit: Visit) -> HttpResponse:
    listed = lists.commitments(visit.query, visit.today)
    return visit.render("website/commitments.html", {**listed, "section": "commitments"})


@public
def commitment_page(visit: Visit, key: str) -> HttpResponse:
    if not keys.is_key(key):
        return _written("website:commitment", key)
    shown = commitment.context(key, visit.today)
    if shown is None:
        raise Http404
    return visit.render("website/commitment.html", {"commitment": shown, "section": "commitments"})


@public
def signatories_page(visit: Visit) -> HttpResponse:
    listed = signatories.listed(visit.query, visit.today)
    return visit.render("website/signatories.html", {**listed, "section": "signatories"})


@public
def signatory_page(visit: Visit, key: str) -> HttpResponse:
    if not keys.is_key(key):
        return _written("website:signatory", key)
    shown = signatories.shown(key, visit.today)
    if shown is None:
        raise Http404
    return visit.render("website/signatory.html", {"signatory": shown, "section": "signatories"})


@public
def changes_page(visit: Visit) -> HttpResponse:
    return visit.render(
        "website/changes.html", {**changes.listed(visit.query), "section": "changes"}
    )


@public
def contact_page(visit: Visit) -> HttpResponse:
    charter = Record.objects.of_kind("charter").live().order_by("-first_entry").first()
    about = keys.written_form(visit.query.get("about", ""))
    return visit.render(
        "website/contact.html",
        {
            "charter": charter.item if charter else None,
            "about": about if keys.is_key(about) else "",
        },
    )


@public
def verify_page(visit: Visit) -> HttpResponse:
    return visit.render("website/verify.html", {})


@public
def privacy_page(visit: Visit) -> HttpResponse:
    return visit.render("website/privacy.html", {})


@public
def accessibility_page(visit: Visit) -> HttpResponse:
    return visit.render("website/accessibility.html", {})


@public
def data_page(visit: Visit) -> HttpResponse:
    plurals = [(kind, kinds.PLURALS[kind]) for kind in kinds.KINDS]
    return visit.render("website/data.html", {"kinds": plurals, "section": "data"})


@require_safe
def identifier(request: HttpRequest, key: str) -> HttpResponse:
    """Lead from a permanent address to the page of a record, or to JSON for a program."""
    if not keys.is_key(key):
        return _written("website:identifier", key)
    record = Record.objects.filter(pk=key).first()
    if record is None:
        raise Http404
    wants_json = request.get_preferred_type(["text/html", "application/json"]) == "application/json"
    if wants_json or record.kind not in (*PAGES, "period", "update", "success"):
        target = f"/api/v1/{kinds.PLURALS[record.kind]}/{key}"
    else:
        target = _page_of(record)
    return HttpResponseRedirect(target, status=303, headers={"Vary": "Accept"})


@require_safe
def short(request: HttpRequest, key: str) -> HttpResponse:
    """Lead from a spoken key to the page, through its permanent address."""
    if not keys.is_key(key):
        return _written("website:short", key)
    return HttpResponseRedirect(reverse("website:identifier", args=[key]), status=303)


def _page_of(record: Record) -> str:
    """Return where a record is read."""
    if record.kind in PAGES:
        return reverse(f"website:{record.kind}", args=[record.key])
    item = record.item or {}
    promise = item.get("commitment") or next(iter(item.get("commitments", [])), "")
    if not promise:
        return f"/api/v1/{kinds.PLURALS[record.kind]}/{record.key}"
    return f"{reverse('website:commitment', args=[promise])}#{record.key}"


def _written(name: str, key: str) -> HttpResponse:
    """Lead from a key as it was heard or typed to the same address with the key as we write it."""
    written = keys.written_form(key)
    if not keys.is_key(written):
        raise Http404
    return HttpResponsePermanentRedirect(reverse(name, args=[written]), preserve_request=True)
