"""What looks odd about something that waits: for the officer who decides, and never a judgement."""

from decimal import Decimal
from typing import Any

from charter.models import Change
from registry.models import Record
from registry.website import words
from reporting import items
from reporting.models import ProgressUpdate
from reporting.models.updates import SelfAssessment

# A figure so many times the one before may be in another unit, or count something else.
LARGE_JUMP = 4


def of(thing: Any, preview: dict[str, Any]) -> list[str]:
    """Return what an officer may like to look at; `preview` is the page as it would read."""
    if isinstance(thing, Change):
        return _of_change(thing, preview)
    if isinstance(thing, ProgressUpdate) and not (thing.nothing_changed or thing.is_talk):
        return _of_news(thing)
    return []


def _of_change(change: Change, preview: dict[str, Any]) -> list[str]:
    """Return in what ways a change weakens the promise, in the words of its page."""
    if change.action == Change.Action.WITHDRAW:
        return ["The promise is taken back. Its page stays, and says so."]
    record = Record.objects.get(pk=change.commitment.key)
    known = {way["entry"] for way in record.weakenings}
    return [
        f"This weakens the promise: {way['sentence']}."
        for way in preview["weakenings"][len(known) :]
    ]


def _of_news(update: ProgressUpdate) -> list[str]:
    """Return what does not go together in an update."""
    found = []
    value, target = update.value, update.commitment.target_value
    if value is not None:
        found += _of_figure(value, _figure_before(update))
        measure = update.commitment.measure
        rises = measure is not None and measure.direction in ("increase", "achieve")
        falls_short = rises and target is not None and value < target
        if update.self_assessment == SelfAssessment.MET and falls_short:
            found.append(f"It says “met”, and the figure is below the target: {update.in_short}.")
        if measure and measure.unit == "percent" and value > 100:
            found.append(f"A share of more than 100%: {words.number(value)}%.")
    if not update.evidence.exists():
        found.append("No evidence is given with it.")
    return found


def _of_figure(value: Decimal, before: Decimal | None) -> list[str]:
    if before is None:
        return []
    told = f"{words.number(value)} after {words.number(before)}."
    if value < before:
        return [f"The figure to date is lower than the last: {told}"]
    if before and value >= LARGE_JUMP * before:
        return [f"The figure made a large jump; is it of the same unit? {told}"]
    return []


def _figure_before(update: ProgressUpdate) -> Decimal | None:
    """Return the last public figure, or where the promise started."""
    before = items.previous(update)
    while before and before.value is None:
        before = items.previous(before)
    return before.value if before else update.commitment.baseline_value
