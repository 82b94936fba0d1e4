"""Render the public pages from a `Visit`, without knowing the reader."""

import json
from collections.abc import Callable
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from registry.api.problems import TITLES
from registry.log import keys
from registry.log.as_of import Moment
from registry.open_data import catalogue
from registry.open_data.charters import current_charters
from registry.open_data.filters import CommitmentFilter, SignatoryFilter, SuccessFilter
from registry.reference_data import places, postcodes
from registry.schema import kinds
from registry.website import as_of as as_of_pages
from registry.website import (
    audiences,
    commitment,
    compare,
    home,
    measures,
    methods,
    missing_updates,
    parameters,
    past_list,
    register_list,
    reports,
    search,
    signatories,
    signatory_choice,
    statistics,
    successes,
    themes,
    verify,
    versions,
)
from registry.website import changes_page as changes_pages
from registry.website import places as place_pages
from registry.website.basket import PARAMETER as BASKET
from registry.website.basket import Basket
from registry.website.compare_basket import build_basket_page
from registry.website.pages import Visit, public_page
from registry.website.parameters import MOMENT, requested_moment
from registry.website.record_views import find_record, show_record, show_statement
from registry.website.signatory_page import build_signatory_page
from registry.website.success_page import build_success_page
from registry.website.update_page import build_update_page


@public_page()
def home_page(visit: Visit) -> HttpResponse:
    return visit.render("website/home.html", {"home": home.build_home_page(visit.today)})


@public_page("q", "show")
def search_page(visit: Visit) -> HttpResponse:
    text = search.search_text(visit.query)
    if address := search.find_address(text):
        return redirect(address)
    context = {"search": search.build_search_page(visit.query, visit.today)}
    return visit.render("website/search.html", context)


@public_page(*CommitmentFilter.base_filters, signatory_choice.TYPED, "sort", "before", *MOMENT)
def commitments_page(visit: Visit) -> HttpResponse:
    if set(MOMENT) & set(visit.query):
        return redirect(reverse("website:commitments_past", query=visit.query))
    if postcode := postcodes.normalise_postcode(visit.query.get("q", "")):
        return redirect(f"{reverse('website:places')}?{urlencode({'q': postcode})}")
    if signatory_choice.typed_name(visit.query):
        return _choose_signatory(visit)
    context = register_list.register_context(visit.query, visit.today)
    return visit.render("website/commitments.html", context, section="commitments")


def _choose_signatory(visit: Visit) -> HttpResponse:
    """Show the signatories of a typed name, or go on with the only one."""
    choice = signatory_choice.find_signatories(visit.query)
    if len(choice.offered) == 1:
        return redirect(choice.offered[0].url)
    context = {"choice": choice}
    return visit.render("website/choose_signatory.html", context, section="commitments")


@public_page(*CommitmentFilter.base_filters, "sort")
def summary_page(visit: Visit) -> HttpResponse:
    context = {"summary": reports.build_summary(visit.query, visit.today)}
    return visit.render("website/summary.html", context, section="commitments")


@public_page(*CommitmentFilter.base_filters, "sort", "after")
def report_page(visit: Visit) -> HttpResponse:
    context = {"report": reports.build_report(visit.query, visit.today)}
    return visit.render("website/report.html", context, section="commitments")


@public_page(*MOMENT)
def commitment_page(visit: Visit, key: str) -> HttpResponse:
    return show_record(visit, "commitment", key, compare.build_commitment_page)


@public_page()
def versions_page(visit: Visit, plural: str, key: str) -> HttpResponse:
    spec = kinds.KINDS_BY_PLURAL.get(plural)
    if spec is None:
        raise Http404
    record = versions.build_versions_page(find_record(spec.name, keys.normalise_key(key)))
    return visit.render("website/versions.html", {"record": record}, section=spec.section)


@public_page(*CommitmentFilter.base_filters, *MOMENT, "before")
def commitments_past(visit: Visit) -> HttpResponse:
    """Show the list of commitments as it was at a moment."""
    moment = requested_moment(visit.query) or Moment(visit.head.number, visit.today)
    context = past_list.past_list_context(visit.query, moment)
    return visit.render("website/commitments_past.html", context, section="commitments")


@public_page(*SignatoryFilter.base_filters, "after", BASKET, meaningful=[BASKET])
def signatories_page(visit: Visit) -> HttpResponse:
    context = {"list": signatories.list_signatories(visit.query, visit.today)}
    return visit.render("website/signatories.html", context, section="signatories")


@public_page("after")
def missing_updates_page(visit: Visit) -> HttpResponse:
    context = {"missing": missing_updates.build_missing_updates(visit.query, visit.today)}
    return visit.render("website/missing_updates.html", context, section="signatories")


@public_page(*MOMENT)
def signatory_page(visit: Visit, key: str) -> HttpResponse:
    return show_record(visit, "signatory", key, build_signatory_page)


@public_page(*MOMENT)
def commitment_statement(visit: Visit, key: str) -> HttpResponse:
    return show_statement(visit, "commitment", key, commitment.public_page)


@public_page(*MOMENT)
def signatory_statement(visit: Visit, key: str) -> HttpResponse:
    return show_statement(visit, "signatory", key, as_of_pages.build_signatory_statement)


@public_page()
def themes_page(visit: Visit) -> HttpResponse:
    return visit.render(
        "website/themes.html", {"themes": themes.list_themes(visit.today)}, section="themes"
    )


@public_page(*MOMENT)
def theme_page(visit: Visit, key: str) -> HttpResponse:
    return show_record(visit, "theme", key, themes.build_theme_page)


@public_page()
def measures_page(visit: Visit) -> HttpResponse:
    context = {"themes": measures.list_measures(visit.today)}
    return visit.render("website/measures.html", context, section="themes")


@public_page(*MOMENT)
def measure_page(visit: Visit, key: str) -> HttpResponse:
    return show_record(visit, "measure", key, measures.build_measure_page)


@public_page("q", "show")
def places_page(visit: Visit) -> HttpResponse:
    text = visit.query.get("q", "")[:100].strip()
    result = place_pages.find_places(text) if text else None
    if result and len(result["found"]) == 1:
        return redirect("website:place", result["found"][0].code)
    show = parameters.chosen_option(visit.query, "show", place_pages.MAP_LAYERS)
    place_list = place_pages.place_list_context(visit.today, show)
    context = {**place_list, "q": text, "searched": result}
    return visit.render("website/places.html", context, section="places")


@public_page("show", *MOMENT)
def place_page(visit: Visit, code: str) -> HttpResponse:
    """Show a place as it is today; its past is the list of its commitments."""
    if set(MOMENT) & set(visit.query):
        query = visit.query.copy()
        query.pop("show", None)
        query["area"] = code
        return redirect(reverse("website:commitments_past", query=query))
    show = parameters.chosen_option(visit.query, "show", place_pages.MAP_LAYERS)
    place = place_pages.place_context(code, visit.today, show)
    if place is None:
        raise Http404
    return visit.render("website/place.html", {"place": place}, section="places")


@public_page()
def statistics_page(visit: Visit) -> HttpResponse:
    context = statistics.statistics_context(visit.today)
    return visit.render("website/statistics.html", context, section="statistics")


@public_page()
def statistics_subject(visit: Visit, name: str) -> HttpResponse:
    table = statistics.find_table(name, visit.today)
    if table is None:
        raise Http404
    return visit.render("website/statistics_subject.html", {"table": table}, section="statistics")


@public_page()
def statistics_measures(visit: Visit) -> HttpResponse:
    context = statistics.measure_totals_context(visit.today)
    return visit.render("website/statistics_measures.html", context, section="statistics")


@public_page(*SuccessFilter.base_filters, "before")
def successes_page(visit: Visit) -> HttpResponse:
    context = {"list": successes.list_successes(visit.query, visit.today)}
    return visit.render("website/successes.html", context, section="successes")


@public_page(*MOMENT)
def success_page(visit: Visit, key: str) -> HttpResponse:
    return show_record(visit, "success", key, build_success_page)


@public_page(*MOMENT)
def update_page(visit: Visit, key: str) -> HttpResponse:
    return show_record(visit, "update", key, build_update_page)


@public_page(*compare.PARAMETERS)
def compare_page(visit: Visit) -> HttpResponse:
    basket = Basket.from_query(visit.query)
    if basket.keys or "add" in visit.query:
        page = build_basket_page(basket, visit.query.get("add", ""), visit.today)
        return visit.render("website/compare_basket.html", {"page": page}, section="signatories")
    context = compare.comparison_context(visit.query, visit.today)
    return visit.render("website/compare.html", context, section="signatories")


@public_page("show", "since", "before")
def changes_page(visit: Visit) -> HttpResponse:
    context = changes_pages.changes_context(visit.query, visit.today)
    return visit.render("website/changes.html", context, section="changes")


@public_page()
def methods_page(visit: Visit) -> HttpResponse:
    return visit.render("website/methods.html", {"methods": methods.build_methods_page()})


@public_page("reference")
def audience_page(visit: Visit, name: str) -> HttpResponse:
    if name not in audiences.AUDIENCES:
        raise Http404
    reference = visit.query.get("reference", "")[:20].strip()
    if reference and (url := audiences.statement_url(reference)):
        return redirect(url)
    context = {
        "numbers": audiences.live_numbers(name, visit.head.number, visit.today),
        "reference": reference,
        "wards": places.wards(),
    }
    return visit.render(f"website/for_{name}.html", context)


def static_page(name: str) -> Callable[..., HttpResponseBase]:
    """Return the view of a page with the same text in every register."""

    @public_page()
    def render_page(visit: Visit) -> HttpResponse:
        return visit.render(f"website/{name}.html", {})

    return render_page


@public_page("head", meaningful=["head"])
def verify_page(visit: Visit) -> HttpResponse:
    context = {"verify": verify.build_verify_page(visit.query, visit.head)}
    return visit.render("website/verify.html", context)


@public_page()
def contact_page(visit: Visit) -> HttpResponse:
    items = [
        kinds.parse_item("charter", charter.item)
        for charter in current_charters(visit.today)
        if charter.item
    ]
    return visit.render("website/contact.html", {"charters": items})


@public_page()
def data_page(visit: Visit) -> HttpResponse:
    description = json.dumps(catalogue.json_ld(visit.head)).replace("<", "\\u003c")
    context = {
        "plurals": list(kinds.KINDS_BY_PLURAL),
        "description": description,
        "problems": TITLES.items(),
    }
    return visit.render("website/data.html", context, section="data")
