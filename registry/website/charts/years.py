"""Two dots for the same day of two years, as shares on one scale, with what each is a part of."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """A number of a total."""

    count: int
    total: int

    @property
    def percent(self) -> float:
        return self.count * 100 / self.total if self.total else 0

    @property
    def text(self) -> str:
        """Return "27 of 230 (12%)", or "none yet" without a total."""
        if not self.total:
            return "none yet"
        share = f"{round(self.percent)}%" if self.percent >= 1 or not self.count else "under 1%"
        return f"{self.count:,} of {self.total:,} ({share})"


@dataclass(frozen=True)
class YearRow:
    """Positions in per cent of the drawing. `is_good` says of a change, None of none."""

    code: str
    name: str
    before: Part
    now: Part
    before_at: float
    now_at: float
    is_good: bool | None

    @property
    def description(self) -> str:
        return f"{self.name}: {self.now.text} now, {self.before.text} a year ago"


@dataclass(frozen=True)
class YearChart:
    rows: list[YearRow]
    half: str  # The marks of the scale, from 0.
    full: str


def year_chart(measured: Sequence[tuple[str, str, Part, Part, bool]]) -> YearChart:
    """Return the chart of code, name, part a year ago, part now, and whether more is better."""
    highest = max(part.percent for row in measured for part in row[2:4])
    full = max(10, -(-int(highest + 0.999) // 10) * 10)  # Full tens.
    rows = [
        YearRow(
            code,
            name,
            before,
            now,
            before_at=round(before.percent * 100 / full, 1),
            now_at=round(now.percent * 100 / full, 1),
            is_good=None if now.percent == before.percent else is_more == more_is_better,
        )
        for code, name, before, now, more_is_better in measured
        for is_more in [now.percent > before.percent]
    ]
    return YearChart(rows, f"{full / 2:g}%", f"{full}%")
