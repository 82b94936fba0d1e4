"""Render the public pages from a `Visit`, without knowing the reader."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from registry.api.problems import TITLES
from registry.log import as_of, keys
from registry.models import Record
from registry.open_data import catalogue
from registry.open_data.charters import current_charters
from registry.reference_data import postcodes
from registry.schema import kinds
from registry.website import as_of as as_of_pages
from registry.website import (
    changes,
    compare,
    home,
    measures,
    methods,
    register_list,
    reports,
    signatories,
    statistics,
    successes,
    themes,
    verify,
)
from registry.website import places as place_pages
from registry.website.pages import Visit, public_page
from registry.website.record_pages import RecordPage, RemovedRecord, record_fields
from registry.website.redirects import redirect_to_normalised_key
from registry.website.signatory_page import build_signatory_page
from registry.website.success_page import build_success_page
from registry.website.update_page import build_update_page

# Each has a page of its own, below /for.
AUDIENCES = ("businesses", "buyers", "councillors", "residents", "re-users")


@public_page
def home_page(visit: Visit) -> HttpResponse:
    return visit.render("website/home.html", {"home": home.build_home_page(visit.today)})


@public_page
def commitments_page(visit: Visit) -> HttpResponse:
    if postcode := postcodes.normalise_postcode(visit.query.get("q", "")):
        return redirect(f"{reverse('website:places')}?{urlencode({'q': postcode})}")
    context = register_list.register_context(visit.query, visit.today)
    return visit.render("website/commitments.html", context, section="commitments")


@public_page
def summary_page(visit: Visit) -> HttpResponse:
    context = {"summary": reports.build_summary(visit.query, visit.today)}
    return visit.render("website/summary.html", context, section="commitments")


@public_page
def report_page(visit: Visit) -> HttpResponse:
    context = {"report": reports.build_report(visit.query, visit.today)}
    return visit.render("website/report.html", context, section="commitments")


@public_page
def commitment_page(visit: Visit, key: str) -> HttpResponse:
    return _record_page(visit, "commitment", key, compare.build_commitment_page)


@public_page
def commitments_past(visit: Visit) -> HttpResponse:
    """Show the list of all commitments as it was at the end of a day."""
    day = as_of_pages.requested_day(visit.query, visit.today)
    context = {**as_of_pages.register_on(day.on), "asked": day}
    return visit.render("website/commitments_past.html", context, section="commitments")


@public_page
def signatories_page(visit: Visit) -> HttpResponse:
    context = {"list": signatories.list_signatories(visit.query, visit.today)}
    return visit.render("website/signatories.html", context, section="signatories")


@public_page
def signatory_page(visit: Visit, key: str) -> HttpResponse:
    return _record_page(visit, "signatory", key, build_signatory_page)


@public_page
def commitment_statement(visit: Visit, key: str) -> HttpResponse:
    return _statement(visit, "commitment", key, as_of_pages.commitment_on)


@public_page
def signatory_statement(visit: Visit, key: str) -> HttpResponse:
    return _statement(visit, "signatory", key, as_of_pages.signatory_on)


@public_page
def commitment_past(visit: Visit, key: str) -> HttpResponse:
    """Show the page of a commitment as it was at the end of a day."""
    context = _earlier_page(visit, "commitment", key, as_of_pages.commitment_on)
    return visit.render("website/commitment_past.html", context, section="commitments")


@public_page
def themes_page(visit: Visit) -> HttpResponse:
    return visit.render("website/themes.html", {"themes": themes.list_themes()}, section="themes")


@public_page
def theme_page(visit: Visit, key: str) -> HttpResponse:
    return _record_page(visit, "theme", key, themes.build_theme_page)


@public_page
def measures_page(visit: Visit) -> HttpResponse:
    context = {"themes": measures.list_measures()}
    return visit.render("website/measures.html", context, section="themes")


@public_page
def measure_page(visit: Visit, key: str) -> HttpResponse:
    return _record_page(visit, "measure", key, measures.build_measure_page)


@public_page
def places_page(visit: Visit) -> HttpResponse:
    text = visit.query.get("q", "")[:100].strip()
    result = place_pages.find_places(text) if text else None
    if result and len(result["found"]) == 1:
        return redirect("website:place", result["found"][0].code)
    place_list = place_pages.place_list_context(visit.today, visit.query.get("show", ""))
    context = {**place_list, "q": text, "searched": result}
    return visit.render("website/places.html", context, section="places")


@public_page
def place_page(visit: Visit, code: str) -> HttpResponse:
    place = place_pages.place_context(code, visit.today, visit.query.get("show", ""))
    if place is None:
        raise Http404
    return visit.render("website/place.html", {"place": place}, section="places")


@public_page
def statistics_page(visit: Visit) -> HttpResponse:
    context = statistics.statistics_context(visit.today)
    return visit.render("website/statistics.html", context, section="statistics")


@public_page
def statistics_subject(visit: Visit, name: str) -> HttpResponse:
    table = statistics.find_table(name, visit.today)
    if table is None:
        raise Http404
    return visit.render("website/statistics_subject.html", {"table": table}, section="statistics")


@public_page
def statistics_measures(visit: Visit) -> HttpResponse:
    context = statistics.measure_totals_context()
    return visit.render("website/statistics_measures.html", context, section="statistics")


@public_page
def successes_page(visit: Visit) -> HttpResponse:
    context = {"list": successes.list_successes(visit.query)}
    return visit.render("website/successes.html", context, section="successes")


@public_page
def success_page(visit: Visit, key: str) -> HttpResponse:
    return _record_page(visit, "success", key, build_success_page)


@public_page
def update_page(visit: Visit, key: str) -> HttpResponse:
    return _record_page(visit, "update", key, build_update_page)


@public_page
def compare_page(visit: Visit) -> HttpResponse:
    context = compare.comparison_context(visit.query, visit.today)
    return visit.render("website/compare.html", context, section="statistics")


@public_page
def changes_page(visit: Visit) -> HttpResponse:
    context = changes.changes_context(visit.query, visit.today)
    return visit.render("website/changes.html", context, section="changes")


@public_page
def methods_page(visit: Visit) -> HttpResponse:
    return visit.render("website/methods.html", {"methods": methods.build_methods_page()})


@public_page
def audience_page(visit: Visit, name: str) -> HttpResponse:
    if name not in AUDIENCES:
        raise Http404
    return visit.render(f"website/for_{name}.html", {})


def static_page(name: str) -> Callable[..., HttpResponseBase]:
    """Return the view of a page with the same text in every register."""

    @public_page
    def render_page(visit: Visit) -> HttpResponse:
        return visit.render(f"website/{name}.html", {})

    return render_page


@public_page
def verify_page(visit: Visit) -> HttpResponse:
    context = {"verify": verify.build_verify_page(visit.query, visit.head)}
    return visit.render("website/verify.html", context)


@public_page
def contact_page(visit: Visit) -> HttpResponse:
    items = [
        kinds.parse_item("charter", charter.item)
        for charter in current_charters(visit.today)
        if charter.item
    ]
    return visit.render("website/contact.html", {"charters": items})


@public_page
def data_page(visit: Visit) -> HttpResponse:
    description = json.dumps(catalogue.json_ld(visit.head)).replace("<", "\\u003c")
    context = {
        "plurals": list(kinds.KINDS_BY_PLURAL),
        "description": description,
        "problems": TITLES.items(),
    }
    return visit.render("website/data.html", context, section="data")


def _record_page(
    visit: Visit, kind: str, key: str, build_page: Callable[[Record, date], RecordPage]
) -> HttpResponse:
    """Return the page of a record, or redirect to it from a key in another spelling."""
    if not keys.is_key(key):
        return redirect_to_normalised_key(f"website:{kind}", key)
    record = Record.objects.of_kind(kind).filter(pk=key).first()
    if record is None:
        raise Http404
    spec = kinds.KINDS[kind]
    if record.item is None:
        context = {"record": RemovedRecord(**record_fields(record)), "path": spec.plural}
        return visit.render("website/removed.html", context, section=spec.section)
    page = build_page(record, visit.today)
    return visit.render(f"website/{kind}.html", {kind: page}, section=spec.section)


def _statement(
    visit: Visit, kind: str, key: str, build_context: Callable[[str, date], Any]
) -> HttpResponse:
    """Return a printable statement as at the day in the query."""
    context = _earlier_page(visit, kind, key, build_context)
    context["last"] = as_of.last_entry_on(context["asked"].on)
    return visit.render(
        f"website/{kind}_statement.html", context, section=kinds.KINDS[kind].section
    )


def _earlier_page(
    visit: Visit, kind: str, key: str, build_context: Callable[[str, date], Any]
) -> dict[str, Any]:
    """Return a record's page at the end of the day in the query, if it was public and has a text.

    The page is under the name of the kind, or the record under "removed".
    """
    record = Record.objects.of_kind(kind).filter(pk=key).first()
    if record is None:
        raise Http404
    day = as_of_pages.requested_day(visit.query, visit.today)
    page = build_context(key, day.on)
    is_removed = isinstance(page, RemovedRecord)
    return {
        "key": key,
        kind: None if is_removed else page,
        "removed": page if is_removed else None,
        "asked": day,
        "published": record.published_at,
    }
