"""Warnings about unusual updates and changes, for the author and then for the officer."""

from decimal import Decimal

from charter.actions import changes
from charter.correction_rules import was_update_sent
from charter.models import Change, Measure, Reviewable
from registry.schema.commitment_fields import COMMITMENT_FIELDS
from registry.schema.measure_codes import Counts, Direction
from registry.wording.formatting import format_number, join_list
from reporting import items
from reporting.models import ProgressUpdate

# A figure this many times the previous one, or the target, may be in another unit.
LARGE_JUMP = 4


def warnings_for(reviewed: Reviewable) -> list[str]:
    """Return warnings for the officer."""
    if isinstance(reviewed, Change):
        return _change_warnings(reviewed)
    if isinstance(reviewed, ProgressUpdate) and not reviewed.nothing_changed:
        warnings = update_warnings(reviewed)
        return (
            warnings if reviewed.evidence.exists() else [*warnings, "No evidence is given with it."]
        )
    return []


def _change_warnings(change: Change) -> list[str]:
    if change.action == Change.Action.WITHDRAW:
        return ["The commitment will be withdrawn. Its page stays, and says so."]
    if changes.refused_fields(change):
        return [changes.NO_LONGER_A_CORRECTION]
    return _unmarked_warnings(change)


def _unmarked_warnings(change: Change) -> list[str]:
    """Warn of a late correction of words and dates that nothing compares."""
    is_late = change.action == Change.Action.CORRECT and was_update_sent(change.commitment)
    labels = [
        declared.label.lower()
        for declared in COMMITMENT_FIELDS
        if declared.name in change.values and not declared.may_weaken
    ]
    if not (is_late and labels):
        return []
    return [
        f"An update was sent already, and this corrects {join_list(labels)}. The public page shows "
        "both versions, and does not say that it promises less. Is it a mistake that is corrected?"
    ]


def update_warnings(update: ProgressUpdate) -> list[str]:
    """Return inconsistencies in an update's figure for its author to check."""
    warnings = []
    value, target = update.value, update.commitment.target_value
    if value is not None and not update.nothing_changed:
        measure = update.commitment.measure
        warnings += _figure_warnings(value, _previous_figure(update), measure)
        rises = measure is not None and measure.direction in (Direction.INCREASE, Direction.ACHIEVE)
        if rises and target and value >= LARGE_JUMP * target:
            warnings.append(f"The figure is far above the target: {update.in_short}.")
        if measure and (problem := measure.value_problem(value)):
            warnings.append(f"{problem}.")
    return warnings


def _figure_warnings(
    value: Decimal, previous: Decimal | None, measure: Measure | None
) -> list[str]:
    if previous is None:
        return []
    comparison = f"{format_number(value)} after {format_number(previous)}."
    only_grows = (
        measure is not None
        and measure.counts == Counts.SINCE_PROMISE
        and not measure.may_be_negative
    )
    if value < previous and only_grows:
        return [f"The figure to date is lower than the last: {comparison}"]
    if previous and value >= LARGE_JUMP * previous:
        return [f"The figure made a large jump; is it of the same unit? {comparison}"]
    return []


def _previous_figure(update: ProgressUpdate) -> Decimal | None:
    """Return the last public figure, or the commitment's starting point."""
    previous = items.previous_update(update)
    while previous and previous.value is None:
        previous = items.previous_update(previous)
    return previous.value if previous else update.commitment.baseline_value
