"""Page that shows if the charter applies, and the due dates that would follow."""

from decimal import Decimal
from itertools import islice
from typing import Any

from django.http import Http404, HttpResponse

from charter.forms.joining import EligibilityForm
from charter.models.organisations import usual_cadence
from registry.models import Record
from registry.open_data.charters import current_charters
from registry.schema.code_lists import Cadence, Route, Size
from registry.schema.measure_codes import Unit
from registry.website.pages import Visit, public_page
from registry.wording.formatting import format_amount
from reporting import schedule

MAX_DATES = 6


@public_page("charter", *EligibilityForm.base_fields)
def charter_applies(visit: Visit) -> HttpResponse:
    charters = current_charters(visit.today)
    key = visit.query.get("charter", "")
    chosen = [charter for charter in charters if not key or charter.key == key]
    if key and not chosen:
        raise Http404
    if len(chosen) > 1:
        return _choose_charter_page(visit, chosen)
    item: dict[str, Any] = (chosen[0].item or {}) if chosen else {}
    form = EligibilityForm(visit.query if "route" in visit.query else None)
    is_answered = bool(item) and form.is_valid()
    context = {
        "form": form,
        "charter": item,
        "charter_key": key,
        "tiers": _tier_labels(item),
        "result": _result_context(form.cleaned_data, item, visit) if is_answered else None,
    }
    return visit.render("charter/applies.html", context)


def _choose_charter_page(visit: Visit, charters: list[Record]) -> HttpResponse:
    """Show a page to choose one of several charters."""
    context = {
        "title": "Do you need to sign the charter?",
        "charters": [
            {
                "key": charter.key,
                "title": charter.name,
                "owner": (charter.item or {})["owner"]["name"],
            }
            for charter in charters
        ],
        "address": visit.path.partition("?")[0],
        "query": visit.query.urlencode(),
    }
    return visit.render("charter/choose_charter.html", context)


def _tier_labels(charter: dict[str, Any]) -> list[str]:
    """Return each tier of a charter with its threshold."""
    return [
        f"{tier['title']}: from {format_amount(Decimal(tier['threshold']['amount']), 'gbp')}"
        for tier in charter.get("tiers", [])
        if "threshold" in tier
    ]


def _result_context(
    answers: dict[str, Any], charter: dict[str, Any], visit: Visit
) -> dict[str, Any]:
    """Return the verdict, the cadence and the first due dates."""
    is_small = answers["size"] == Size.MICRO
    cadence = usual_cadence(
        charter["default_cadence"], size=answers["size"], route=answers["route"]
    )
    first_day = answers["start_on"] or visit.today
    days = charter.get("final_update_days", schedule.USUAL_FINAL_UPDATE_DAYS)
    plan = schedule.Plan(first_day, cadence, answers["end_on"], days)
    spans = islice(schedule.iter_spans(plan), MAX_DATES)
    dates = [
        {"due": span.due_on, "asked": schedule.requested_from(span), "is_final": span.is_final}
        for span in spans
    ]
    return {
        "verdict": _verdict_text(answers, charter),
        "small": is_small,
        "cadence": Cadence.label_of(cadence).lower(),
        "dates": dates,
    }


def _verdict_text(answers: dict[str, Any], charter: dict[str, Any]) -> str:
    thresholds = [
        (Decimal(tier["threshold"]["amount"]), tier["title"])
        for tier in charter.get("tiers", [])
        if "threshold" in tier
    ]
    value = answers["value"] or Decimal(0)
    reached_tier = max((tier for tier in thresholds if value >= tier[0]), default=None)
    if answers["route"] == Route.VOLUNTARY:
        return "Nobody has to sign of their own accord, and anyone may: you are welcome."
    agreement = "contract" if answers["route"] == Route.CONTRACT else "grant"
    if reached_tier:
        lowest = format_amount(reached_tier[0], Unit.GBP)
        return (
            f"Yes. A {agreement} of {lowest} or more is in the tier “{reached_tier[1]}”: "
            "you sign with it."
        )
    if thresholds:
        return f"A {agreement} of this value does not ask for it. You may sign of your own accord."
    return f"It applies if the papers of your {agreement} say so. You may sign in any case."
