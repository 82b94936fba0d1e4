"""Counts at the end of each month as lines; each panel has a scale of its own, from zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from registry.wording.formatting import format_day

STEPS = (1, 2, 3, 4, 5, 6, 8)  # The highest mark is one of these, times a power of ten.


@dataclass(frozen=True)
class MonthLine:
    """The line in a drawing of 100 by 100 units from above, its marks and its text alternative."""

    name: str
    code: str
    points: str
    top: int  # The number at the upper mark; the lower one is 0.
    latest: int
    latest_y: float  # In per cent, from above.
    first_day: date
    last_day: date
    description: str


def month_line(code: str, name: str, days: Sequence[date], counts: Sequence[int]) -> MonthLine:
    """Return the line of counts on some days, in their order."""
    top = _round_up(max(counts))
    length = max((days[-1] - days[0]).days, 1)
    positions = [
        (round((day - days[0]).days * 100 / length, 1), round(100 - count * 100 / top, 1))
        for day, count in zip(days, counts, strict=True)
    ]
    return MonthLine(
        name=name,
        code=code,
        points=" ".join(f"{x:g},{y:g}" for x, y in positions),
        top=top,
        latest=counts[-1],
        latest_y=positions[-1][1],
        first_day=days[0],
        last_day=days[-1],
        description=_describe(name, days, counts),
    )


def _round_up(highest: int) -> int:
    """Return the next number that is easy to read: 1, 2, 3, 4, 5, 6, 8, 10, 20 and so on."""
    power = 1
    while True:
        for step in STEPS:
            if step * power >= highest:
                return step * power
        power *= 10


def _describe(name: str, days: Sequence[date], counts: Sequence[int]) -> str:
    """Return the first, the highest and the last count in words."""
    highest = max(counts)
    text = f"{name}: {counts[0]:,} on {format_day(days[0])}"
    if highest > max(counts[0], counts[-1]):
        day = days[list(counts).index(highest)]
        text += f", at most {highest:,} on {format_day(day)}"
    return f"{text}, {counts[-1]:,} on {format_day(days[-1])}."
