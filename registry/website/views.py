"""Public pages: look, render. They know a `Visit` and nothing of who reads."""

from collections.abc import Callable
from datetime import date
from typing import Any

from csp.decorators import csp_replace
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
)
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from registry import keys, kinds
from registry.models import Record
from registry.templatetags.register import tone
from registry.website import (
    areas,
    badges,
    changes,
    commitment,
    compare,
    feeds,
    finding,
    home,
    overview,
    past,
    roles,
    signatories,
    successes,
    themes,
)
from registry.website.pages import Visit, public

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
FEEDS = {"signatories": "signatory", "commitments": "commitment", "themes": "theme"}


@public
def home_page(visit: Visit) -> HttpResponse:
    return visit.render("website/home.html", home.shown(visit.today))


@public
def commitments_page(visit: Visit) -> HttpResponse:
    listed = finding.shown(visit.query, visit.today)
    return visit.render("website/commitments.html", {**listed, "section": "commitments"})


@public
def commitment_page(visit: Visit, key: str) -> HttpResponse:
    return _record_page(visit, "commitment", key, commitment.context)


@public
def signatories_page(visit: Visit) -> HttpResponse:
    listed = signatories.listed(visit.query, visit.today)
    return visit.render("website/signatories.html", {**listed, "section": "signatories"})


@public
def signatory_page(visit: Visit, key: str) -> HttpResponse:
    return _record_page(visit, "signatory", key, signatories.shown)


@public
def commitment_statement(visit: Visit, key: str) -> HttpResponse:
    return _statement(visit, "commitment", key, past.commitment_on)


@public
def signatory_statement(visit: Visit, key: str) -> HttpResponse:
    return _statement(visit, "signatory", key, past.signatory_on)


@public
def commitment_past(visit: Visit, key: str) -> HttpResponse:
    """Show the whole page of a commitment as it was at the end of a day."""
    asked = past.day(visit.query, visit.today)
    record = Record.objects.of_kind("commitment").filter(pk=key).first()
    if record is None:
        raise Http404
    return visit.render(
        "website/commitment_past.html",
        {
            "commitment": past.commitment_on(key, asked.on) or {"key": key},
            "asked": asked,
            "published": record.published_at,
            "section": "commitments",
        },
    )


@public
def themes_page(visit: Visit) -> HttpResponse:
    return visit.render("website/themes.html", {**themes.listed(), "section": "themes"})


@public
def theme_page(visit: Visit, key: str) -> HttpResponse:
    return _record_page(visit, "theme", key, themes.shown)


@public
def measures_page(visit: Visit) -> HttpResponse:
    return visit.render("website/measures.html", {**themes.measure_list(), "section": "themes"})


@public
def measure_page(visit: Visit, key: str) -> HttpResponse:
    return _record_page(visit, "measure", key, themes.measure)


@public
def places_page(visit: Visit) -> HttpResponse:
    return visit.render("website/places.html", {**areas.listed(visit.today), "section": "places"})


@public
def place_page(visit: Visit, code: str) -> HttpResponse:
    shown = areas.shown(code, visit.today)
    if shown is None:
        raise Http404
    return visit.render("website/place.html", {"place": shown, "section": "places"})


@public
def statistics_page(visit: Visit) -> HttpResponse:
    return visit.render(
        "website/statistics.html", {**overview.shown(visit.today), "section": "statistics"}
    )


@public
def statistics_file(visit: Visit) -> HttpResponse:
    return _csv(overview.as_csv(visit.today))


@public
def successes_page(visit: Visit) -> HttpResponse:
    listed = successes.listed(visit.query)
    return visit.render("website/successes.html", {**listed, "section": "successes"})


@public
def success_page(visit: Visit, key: str) -> HttpResponse:
    return _record_page(visit, "success", key, successes.success)


@public
def update_page(visit: Visit, key: str) -> HttpResponse:
    return _record_page(visit, "update", key, successes.update)


@public
def compare_page(visit: Visit) -> HttpResponse:
    compared = compare.shown(visit.query, visit.today)
    return visit.render("website/compare.html", {**compared, "section": "statistics"})


@public
def compare_file(visit: Visit) -> HttpResponse:
    return _csv(compare.as_csv(visit.query, visit.today))


@public
def changes_page(visit: Visit) -> HttpResponse:
    return visit.render(
        "website/changes.html", {**changes.listed(visit.query, visit.today), "section": "changes"}
    )


@public
def changes_feed(visit: Visit) -> HttpResponse:
    return _atom(feeds.of_register(visit.path, visit.query.get("before", ""), visit.head))


@public
def record_feed(visit: Visit, plural: str, key: str) -> HttpResponse:
    kind = FEEDS[plural]
    if not keys.is_key(key):
        raise Http404
    return _atom(feeds.of_record(kind, key, visit.path, visit.query.get("before", ""), visit.head))


@public
def place_feed(visit: Visit, code: str) -> HttpResponse:
    return _atom(feeds.of_place(code, visit.path, visit.query.get("before", ""), visit.head))


@public
def badge(visit: Visit, key: str) -> HttpResponse:
    shown = badges.shown(key, visit.today)
    if shown is None:
        raise Http404
    ink, ground = badges.COLOURS[tone(shown["delivery"])]
    page = visit.render("website/badge.svg", {"badge": shown, "ink": ink, "ground": ground})
    return HttpResponse(page.content, content_type="image/svg+xml")


@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})
@public
def embedded(visit: Visit, key: str) -> HttpResponse:
    """Show a promise as a block in a frame of another site: nothing in it can be clicked unseen."""
    shown = badges.shown(key, visit.today)
    if shown is None:
        raise Http404
    return visit.render("website/block.html", {"badge": shown})


@public
def builder_page(visit: Visit) -> HttpResponse:
    asked = keys.written_form(visit.query.get("key", ""))[:12]
    what = "block" if visit.query.get("what") == "block" else "badge"
    shown = badges.shown(asked, visit.today) if keys.is_key(asked) else None
    return visit.render("website/builder.html", {"asked": asked, "what": what, "badge": shown})


@public
def glossary_page(visit: Visit) -> HttpResponse:
    return visit.render("website/glossary.html", {})


@public
def methods_page(visit: Visit) -> HttpResponse:
    return visit.render("website/methods.html", roles.methods())


@public
def role_page(visit: Visit, name: str) -> HttpResponse:
    shown = roles.shown(name)
    if shown is None:
        raise Http404
    return visit.render("website/role.html", {"role": shown})


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
    if wants_json or record.kind not in (*SECTIONS, "period"):
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


def _record_page(
    visit: Visit, kind: str, key: str, shown: Callable[[str, date], dict[str, Any] | None]
) -> HttpResponse:
    """Return the page of a record; lead there from a key as it was heard."""
    if not keys.is_key(key):
        return _written(f"website:{kind}", key)
    page = shown(key, visit.today)
    if page is None:
        raise Http404
    return visit.render(f"website/{kind}.html", {kind: page, "section": SECTIONS[kind]})


def _statement(
    visit: Visit, kind: str, key: str, stood: Callable[[str, date], dict[str, Any] | None]
) -> HttpResponse:
    """Return a statement to print, as at the day that the query names."""
    record = Record.objects.of_kind(kind).filter(pk=key).first()
    if record is None:
        raise Http404
    asked = past.day(visit.query, visit.today)
    return visit.render(
        f"website/{kind}_statement.html",
        {
            kind: stood(key, asked.on) or {"key": key},
            "asked": asked,
            "published": record.published_at,
            "last": past.head_on(asked.on),
            "section": SECTIONS[kind],
        },
    )


def _csv(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="text/csv; charset=utf-8")


def _atom(feed: bytes | None) -> HttpResponse:
    if feed is None:
        raise Http404
    return HttpResponse(feed, content_type="application/atom+xml; charset=utf-8")


def _page_of(record: Record) -> str:
    """Return where a record is read."""
    if record.kind in SECTIONS:
        return reverse(f"website:{record.kind}", args=[record.key])
    promise = (record.item or {}).get("commitment")
    if not promise:
        return f"/api/v1/{kinds.PLURALS[record.kind]}/{record.key}"
    return f"{reverse('website:commitment', args=[promise])}#{record.key}"


def _written(name: str, key: str) -> HttpResponse:
    """Lead from a key as it was heard or typed to the same address with the key as we write it."""
    written = keys.written_form(key)
    if not keys.is_key(written):
        raise Http404
    return HttpResponsePermanentRedirect(reverse(name, args=[written]), preserve_request=True)
