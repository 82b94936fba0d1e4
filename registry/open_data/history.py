"""The register over time: what was counted of some commitments on any day, as it was said then."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from registry.models import Counted, DayCount

MONTHS = 24


@dataclass(frozen=True)
class Tally:
    """What was counted on a day, by `Counted`."""

    day: date
    counts: Counter[str]

    def __getitem__(self, counted: Counted) -> int:
        return self.counts[counted]


def tallies(given: str, days: Sequence[date]) -> list[Tally]:
    """Return what was counted of the commitments with a tag, on days in their order. One query.

    The tag is empty for all commitments, or one of a charter, theme, signatory or place.
    """
    changes = DayCount.objects.by_day(given, days[-1])
    counts: Counter[str] = Counter()
    found, position = [], 0
    for day in days:
        while position < len(changes) and changes[position][1] <= day:
            counted, _, number = changes[position]
            counts[counted] += number
            position += 1
        found.append(Tally(day, counts.copy()))
    return found


def tallies_on(given: Sequence[str], day: date) -> dict[str, Tally]:
    """Return what was counted on a day of the commitments with each of some tags. One query."""
    counts: dict[str, Counter[str]] = {tag: Counter() for tag in given}
    for (tag, counted), number in DayCount.objects.on_day(given, day).items():
        counts[tag][counted] = number
    return {tag: Tally(day, of_tag) for tag, of_tag in counts.items()}


def month_ends(today: date, months: int = MONTHS) -> list[date]:
    """Return the last days of the months before a day, the oldest first, and the day."""
    ends = [today]
    for _ in range(months):
        ends.append(ends[-1].replace(day=1) - timedelta(days=1))
    return ends[::-1]


def year_before(day: date) -> date:
    """Return the same day of the year before; 28 February for 29 February."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
