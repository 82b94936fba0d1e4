"""Does this apply to me? The lane, and the dates on which an update would fall due."""

from decimal import Decimal
from itertools import islice
from typing import Any

from django.http import HttpResponse

from charter.forms.joining import EligibilityForm
from charter.models import Organisation, Signatory
from charter.models.charters import Cadence
from registry.models import Record
from registry.website.pages import Visit, public_page
from registry.wording.formatting import format_amount
from reporting import schedule

DATES_SHOWN = 6


@public_page
def charter_applies(visit: Visit) -> HttpResponse:
    charter = Record.objects.of_kind("charter").live().order_by("-first_entry").first()
    item: dict[str, Any] = (charter.item or {}) if charter else {}
    form = EligibilityForm(visit.query if "route" in visit.query else None)
    context: dict[str, Any] = {"form": form, "charter": item, "tiers": _tier_labels(item)}
    if item and form.is_valid():
        context |= _result_context(form.cleaned_data, item, visit)
    return visit.render("charter/applies.html", context)


def _tier_labels(charter: dict[str, Any]) -> list[str]:
    """Return each tier of a charter with the value from which it holds."""
    return [
        f"{tier['title']}: from {format_amount(Decimal(tier['threshold']['amount']), 'gbp')}"
        for tier in charter.get("tiers", [])
        if "threshold" in tier
    ]


def _result_context(
    answers: dict[str, Any], charter: dict[str, Any], visit: Visit
) -> dict[str, Any]:
    """Return whether the charter applies, which lane follows, and when we would ask."""
    small = answers["size"] == Organisation.Size.MICRO
    cadence = charter["default_cadence"]
    if small:
        cadence = Cadence.YEARLY
    elif answers["route"] == Signatory.Route.CONTRACT:
        cadence = Cadence.QUARTERLY
    begins = answers["start_on"] or visit.today
    spans = islice(schedule.iter_spans(begins, cadence, answers["end_on"]), DATES_SHOWN)
    dates = [{"due": span.due_on, "asked": schedule.requested_from(span)} for span in spans]
    return {
        "answered": True,
        "verdict": _verdict_text(answers, charter),
        "small": small,
        "cadence": Cadence(cadence).label.lower(),
        "dates": dates,
    }


def _verdict_text(answers: dict[str, Any], charter: dict[str, Any]) -> str:
    thresholds = [
        (Decimal(tier["threshold"]["amount"]), tier["title"])
        for tier in charter.get("tiers", [])
        if "threshold" in tier
    ]
    value = answers["value"] or Decimal(0)
    reached = max((tier for tier in thresholds if value >= tier[0]), default=None)
    if answers["route"] == Signatory.Route.VOLUNTARY:
        return "Nobody has to sign of their own accord, and anybody may: you are welcome."
    thing = "contract" if answers["route"] == Signatory.Route.CONTRACT else "grant"
    if reached:
        lowest = format_amount(reached[0], "gbp")
        return (
            f"Yes. A {thing} of {lowest} or more is in the tier “{reached[1]}”: you sign with it."
        )
    if thresholds:
        return f"A {thing} of this value does not ask for it. You may sign of your own accord."
    return f"It applies if the papers of your {thing} say so. You may sign in any case."
