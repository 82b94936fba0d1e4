"""What looks odd about updates or a change: a question to who wrote it, then to the officer."""

from decimal import Decimal
from typing import Any

from charter.models import Change
from registry.models import Record
from registry.wording.formatting import format_number
from reporting import items
from reporting.models import ProgressUpdate
from reporting.models.updates import SelfAssessment

# A figure so many times the one before, or the target, may be of another unit.
LARGE_JUMP = 4


def warnings_for(reviewed: Any, preview: dict[str, Any]) -> list[str]:
    """Return what an officer may like to look at; `preview` is the page as it would read."""
    if isinstance(reviewed, Change):
        return _change_warnings(reviewed, preview)
    if isinstance(reviewed, ProgressUpdate) and not (
        reviewed.nothing_changed or reviewed.is_help_request
    ):
        warnings = update_warnings(reviewed)
        return (
            warnings if reviewed.evidence.exists() else [*warnings, "No evidence is given with it."]
        )
    return []


def _change_warnings(change: Change, preview: dict[str, Any]) -> list[str]:
    """Return in what ways a change weakens the commitment, in the words of its page."""
    if change.action == Change.Action.WITHDRAW:
        return ["The commitment is taken back. Its page stays, and says so."]
    record = Record.objects.get(pk=change.commitment.key)
    known = {way["entry"] for way in record.weakenings}
    return [
        f"This weakens the commitment: {way['sentence']}."
        for way in preview["weakenings"][len(known) :]
    ]


def update_warnings(update: ProgressUpdate) -> list[str]:
    """Return what does not go together in a figure, which its writer may like to read again."""
    warnings = []
    value, target = update.value, update.commitment.target_value
    if value is not None and not update.nothing_changed:
        warnings += _figure_warnings(value, _previous_figure(update))
        measure = update.commitment.measure
        rises = measure is not None and measure.direction in ("increase", "achieve")
        falls_short = rises and target is not None and value < target
        if update.self_assessment == SelfAssessment.MET and falls_short:
            warnings.append(
                f"It says “met”, and the figure is below the target: {update.in_short}."
            )
        if rises and target and value >= LARGE_JUMP * target:
            warnings.append(f"The figure is far above the target: {update.in_short}.")
        if measure and (why := measure.value_problem(value)):
            warnings.append(f"{why}.")
    return warnings


def _figure_warnings(value: Decimal, before: Decimal | None) -> list[str]:
    if before is None:
        return []
    comparison = f"{format_number(value)} after {format_number(before)}."
    if value < before:
        return [f"The figure to date is lower than the last: {comparison}"]
    if before and value >= LARGE_JUMP * before:
        return [f"The figure made a large jump; is it of the same unit? {comparison}"]
    return []


def _previous_figure(update: ProgressUpdate) -> Decimal | None:
    """Return the last public figure, or where the commitment started."""
    before = items.previous_update(update)
    while before and before.value is None:
        before = items.previous_update(before)
    return before.value if before else update.commitment.baseline_value
