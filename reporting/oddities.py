"""What looks odd about news or a change: a question to who wrote it, then to the officer."""

from decimal import Decimal
from typing import Any

from charter.models import Change
from registry.models import Record
from registry.website import words
from reporting import items
from reporting.models import ProgressUpdate
from reporting.models.updates import SelfAssessment

# A figure so many times the one before, or the target, may be of another unit.
LARGE_JUMP = 4


def of(thing: Any, preview: dict[str, Any]) -> list[str]:
    """Return what an officer may like to look at; `preview` is the page as it would read."""
    if isinstance(thing, Change):
        return _of_change(thing, preview)
    if isinstance(thing, ProgressUpdate) and not (thing.nothing_changed or thing.is_talk):
        found = questions(thing)
        return found if thing.evidence.exists() else [*found, "No evidence is given with it."]
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


def questions(update: ProgressUpdate) -> list[str]:
    """Return what does not go together in a figure, which its writer may like to read again."""
    found = []
    value, target = update.value, update.commitment.target_value
    if value is not None and not update.nothing_changed:
        found += _of_figure(value, _figure_before(update))
        measure = update.commitment.measure
        rises = measure is not None and measure.direction in ("increase", "achieve")
        falls_short = rises and target is not None and value < target
        if update.self_assessment == SelfAssessment.MET and falls_short:
            found.append(f"It says “met”, and the figure is below the target: {update.in_short}.")
        if rises and target and value >= LARGE_JUMP * target:
            found.append(f"The figure is far above the target: {update.in_short}.")
        if measure and (why := measure.impossible(value)):
            found.append(f"{why}.")
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
