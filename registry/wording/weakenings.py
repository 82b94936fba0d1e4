"""What is less than before, in words: weakened by a change, or corrected downwards.

Each way is an item of a record's `weakenings`.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from registry.schema.code_lists import CorrectionGround, Weakening
from registry.wording.formatting import count_times, format_amount, format_day, join_list, quote

Item = dict[str, Any]
WEAKENED, CORRECTED_DOWNWARDS = "Weakened", "Corrected downwards"


def weakening_mark(way: Item) -> str:
    """Return in one or two words whether it was a change or a correction."""
    return CORRECTED_DOWNWARDS if way["correction"] else WEAKENED


def weakening_marks(ways: Iterable[Item]) -> list[str]:
    """Return the marks of several ways, each once, the weaker word first."""
    return sorted({weakening_mark(way) for way in ways}, reverse=True)


def weakened_text(ways: Sequence[Item], item: Item) -> str:
    """Return how a commitment was weakened or corrected downwards, each by its latest way.

    Such as "Weakened twice, most recently: target lowered from 20 to 16 people".
    """
    return ". ".join(
        _latest_text(mark, [way for way in ways if weakening_mark(way) == mark], item)
        for mark in weakening_marks(ways)
    )


def _latest_text(mark: str, ways: Sequence[Item], item: Item) -> str:
    versions = [list(version) for _, version in groupby(ways, key=itemgetter("entry"))]
    text = join_list([weakening_text(way, item) for way in versions[-1]])
    if len(versions) == 1:
        ground = f", {ground_text(ways[0])}" if mark == CORRECTED_DOWNWARDS else ""
        return f"{mark}{ground}: {text}"
    return f"{mark} {count_times(len(versions))}, most recently: {text}"


def weakening_heading(way: Item) -> str:
    """Return "Corrected downwards on 3 May 2026, the council’s error" or "Weakened on …"."""
    heading = f"{weakening_mark(way)} on {format_day(date.fromisoformat(way['on']))}"
    return f"{heading}, {ground_text(way)}" if way["correction"] else heading


def ground_text(way: Item) -> str:
    """Return the ground of a downward correction: "checked against “Payroll, March 2026”"."""
    match way["correction"]:
        case CorrectionGround.COUNCIL_ERROR:
            return "the council’s error"
        case CorrectionGround.CHECKED_AGAINST_DOCUMENT:
            return f"checked against {quote(way['document'])}"
    return "before the first update"


def weakening_text(way: Item, item: Item, *, is_again: bool = False) -> str:
    """Return what is less than before: "target lowered from 25 to 20 apprenticeships".

    `item` is the commitment's; `is_again` says that the deadline had been moved before.
    """
    before, after = way["before"], way["after"]
    match way["what"]:
        case Weakening.WITHDRAWN:
            return "the commitment was withdrawn"
        case Weakening.DATE_LATER:
            return _moved_deadline_text(date.fromisoformat(before), after, is_again)
        case Weakening.START_CHANGED:
            return _moved_value_text("starting point", "moved", way, item)
        case Weakening.MEASURE_CHANGED:
            return "measure or unit changed, so figures before and after cannot be compared"
    # Where less is better, a weaker target is a higher one.
    is_lowered = after is not None and Decimal(after) < Decimal(before)
    return _moved_value_text("target", "lowered" if is_lowered else "raised", way, item)


def _moved_value_text(noun: str, verb: str, way: Item, item: Item) -> str:
    unit, label = item.get("unit"), item.get("unit_label")
    before = Decimal(way["before"])
    if way["after"] is None:
        return f"{noun} of {format_amount(before, unit, label)} removed"
    amount = format_amount(Decimal(way["after"]), unit, label)
    return f"{noun} {verb} from {format_amount(before, unit)} to {amount}"


def _moved_deadline_text(before: date, after: str | None, is_again: bool) -> str:
    if after is None:
        return f"deadline of {format_day(before)} removed"
    later = date.fromisoformat(after)
    again = "again, " if is_again else ""
    first = format_day(before, year=before.year != later.year)
    return f"deadline moved {again}from {first} to {format_day(later)}"
