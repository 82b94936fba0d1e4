"""Public pages: look, render. They know a `Visit` and nothing of who reads."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from registry import catalogue, history, keys, kinds, postcodes
from registry.api.problems import TITLES
from registry.models import Record
from registry.website import (
    areas,
    changes,
    compare,
    finding,
    home,
    overview,
    past,
    reports,
    roles,
    signatories,
    successes,
    themes,
)
from registry.website.addresses import SECTIONS, written
from registry.website.pages import Visit, public


@public
def home_page(visit: Visit) -> HttpResponse:
    return visit.render("website/home.html", home.shown(visit.today))


@public
def commitments_page(visit: Visit) -> HttpResponse:
    if postcode := postcodes.written(visit.query.get("q", "")):
        return redirect(f"{reverse('website:places')}?{urlencode({'q': postcode})}")
    listed = finding.shown(visit.query, visit.today)
    return visit.render("website/commitments.html", {**listed, "section": "commitments"})


@public
def summary_page(visit: Visit) -> HttpResponse:
    told = reports.summary(visit.query, visit.today)
    return visit.render("website/summary.html", {**told, "section": "commitments"})


@public
def report_page(visit: Visit) -> HttpResponse:
    told = reports.full(visit.query, visit.today)
    return visit.render("website/report.html", {**told, "section": "commitments"})


@public
def commitment_page(visit: Visit, key: str) -> HttpResponse:
    return _record_page(visit, "commitment", key, compare.beside_others)


@public
def commitments_past(visit: Visit) -> HttpResponse:
    """Show the list of all commitments as it was at the end of a day."""
    asked = past.day(visit.query, visit.today)
    context = {**past.register_on(asked.on), "asked": asked, "section": "commitments"}
    return visit.render("website/commitments_past.html", context)


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
    asked = visit.query.get("q", "")[:100].strip()
    searched = areas.searched(asked) if asked else None
    if searched and len(searched["found"]) == 1:
        return redirect("website:place", searched["found"][0].code)
    listed = areas.listed(visit.today, visit.query.get("show", ""))
    context = {**listed, "q": asked, "searched": searched, "section": "places"}
    return visit.render("website/places.html", context)


@public
def place_page(visit: Visit, code: str) -> HttpResponse:
    shown = areas.shown(code, visit.today, visit.query.get("show", ""))
    if shown is None:
        raise Http404
    return visit.render("website/place.html", {"place": shown, "section": "places"})


@public
def statistics_page(visit: Visit) -> HttpResponse:
    return visit.render(
        "website/statistics.html", {**overview.shown(visit.today), "section": "statistics"}
    )


@public
def statistics_subject(visit: Visit, name: str) -> HttpResponse:
    table = overview.subject(name, visit.today)
    if table is None:
        raise Http404
    return visit.render(
        "website/statistics_subject.html", {"table": table, "section": "statistics"}
    )


@public
def statistics_measures(visit: Visit) -> HttpResponse:
    return visit.render(
        "website/statistics_measures.html", {**overview.by_measure(), "section": "statistics"}
    )


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
def changes_page(visit: Visit) -> HttpResponse:
    return visit.render(
        "website/changes.html", {**changes.listed(visit.query, visit.today), "section": "changes"}
    )


@public
def methods_page(visit: Visit) -> HttpResponse:
    return visit.render("website/methods.html", roles.methods())


@public
def role_page(visit: Visit, name: str) -> HttpResponse:
    shown = roles.shown(name)
    if shown is None:
        raise Http404
    return visit.render("website/role.html", {"role": shown})


def words_page(name: str) -> Callable[..., HttpResponseBase]:
    """Return the view of a page that is the same for every register."""

    @public
    def page(visit: Visit) -> HttpResponse:
        return visit.render(f"website/{name}.html", {})

    return page


@public
def contact_page(visit: Visit) -> HttpResponse:
    charter = Record.objects.of_kind("charter").live().order_by("-first_entry").first()
    return visit.render("website/contact.html", {"charter": charter.item if charter else None})


@public
def data_page(visit: Visit) -> HttpResponse:
    plurals = [(kind, kinds.PLURALS[kind]) for kind in kinds.KINDS]
    description = json.dumps(catalogue.json_ld(visit.head)).replace("<", "\\u003c")
    context = {
        "kinds": plurals,
        "description": description,
        "problems": TITLES.items(),
        "section": "data",
    }
    return visit.render("website/data.html", context)


def _record_page(
    visit: Visit, kind: str, key: str, shown: Callable[[str, date], dict[str, Any] | None]
) -> HttpResponse:
    """Return the page of a record; lead there from a key as it was heard."""
    if not keys.is_key(key):
        return written(f"website:{kind}", key)
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
            "last": history.last_entry(asked.on),
            "section": SECTIONS[kind],
        },
    )
