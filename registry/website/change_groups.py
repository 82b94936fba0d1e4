"""Group changes by week, by day, and by the signatory that made them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from operator import attrgetter

from registry.website.changes import Change
from registry.wording.change_sentences import group_heading

MOST_OPEN = 4  # A group of more is folded.


@dataclass(frozen=True)
class Group:
    """The changes of a signatory on a day. `heading` is "" for those of the council alone."""

    on: date
    heading: str
    changes: Sequence[Change]

    @property
    def is_folded(self) -> bool:
        return len(self.changes) > MOST_OPEN


@dataclass(frozen=True)
class Day:
    on: date
    groups: list[Group]


@dataclass(frozen=True)
class Week:
    """The days with changes of a week, which begins on a Monday."""

    first_day: date
    days: list[Day]


def group_by_week(changes: Iterable[Change]) -> list[Week]:
    """Return changes, which are newest first, by week, day and signatory."""
    groups = group_by_signatory(changes)
    days = [Day(on, list(found)) for on, found in groupby(groups, attrgetter("on"))]
    weeks = groupby(days, lambda day: day.on - timedelta(days=day.on.weekday()))
    return [Week(first_day, list(found)) for first_day, found in weeks]


def group_by_signatory(changes: Iterable[Change]) -> list[Group]:
    """Return changes, which are newest first, by day and signatory, the newest of each first."""
    grouped: dict[tuple[date, str], list[Change]] = {}
    for change in changes:
        grouped.setdefault((change.on, change.text.signatory), []).append(change)
    return [
        Group(on, group_heading(signatory, [change.label for change in found]), found)
        for (on, signatory), found in grouped.items()
    ]
