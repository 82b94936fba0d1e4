"""Draw the figures of a commitment over time, with its target and what the target was before."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from registry.models import Record
from registry.schema.code_lists import Weakening
from registry.schema.measure_codes import Unit
from registry.wording.formatting import format_amount, format_day, join_list

Item = dict[str, Any]
HEADROOM = Decimal("1.15")  # Above the highest figure, so that its dot is not cut off.


@dataclass(frozen=True)
class Dot:
    """A figure; the position is in per cent of the drawing. `level` is its level of proof."""

    x: int
    y: int
    level: str


@dataclass(frozen=True)
class TargetLine:
    """A target before it was lowered."""

    x: int
    to_x: int
    y: int


@dataclass(frozen=True)
class LineChart:
    """The drawing, its legend in words and its text alternative."""

    dots: list[Dot]
    latest: str
    earlier_targets: list[TargetLine]
    target_x: int
    target_y: int | None
    target: str
    lowered: str
    first_day: date
    last_day: date
    description: str

    @property
    def steps(self) -> list[tuple[Dot, Dot]]:
        return list(zip(self.dots, self.dots[1:], strict=False))


@dataclass(frozen=True)
class _Scale:
    """Positions in per cent: from the first day to the last, from the lowest to the highest."""

    first_day: date
    last_day: date
    lowest: Decimal
    highest: Decimal

    def x(self, on: date) -> int:
        days = max((self.last_day - self.first_day).days, 1)
        return 1 + max((on - self.first_day).days, 0) * 98 // days

    def y(self, value: Decimal) -> int:
        return int((self.highest - value) * 100 / (self.highest - self.lowest))


def draw_line_chart(item: Item, updates: list[Item], record: Record) -> LineChart | None:
    """Return the chart of typed updates with a figure, the oldest first.

    None below two figures. The starting point is a point of its own where its day is known. The
    drawing reaches from the first point to the deadline, and from zero, or from the lowest figure
    below it, to a little above the highest figure or target.
    """
    if item["unit"] == Unit.YESNO:
        return None
    points = _points(item["baseline"], updates)
    lowered = _lowered_targets(record)
    target = item["target"] or {}
    heights = [value for _, value, _ in points] + [value for _, value in lowered]
    heights += [target["value"]] if target else []
    if len(points) < 2 or max(heights) == min(heights) == 0:
        return None
    first_day, last_day = points[0][0], points[-1][0]
    highest = max(*heights, Decimal(0)) * HEADROOM
    lowest = min(*heights, Decimal(0)) * HEADROOM
    scale = _Scale(
        first_day, max(last_day, target.get("by") or item["end_on"] or last_day), lowest, highest
    )
    unit, label = item["unit"], item["unit_label"]
    earlier_targets = _earlier_targets(lowered, scale)
    lowered_text = join_list(
        [f"{format_amount(value, unit, label)} until {format_day(on)}" for on, value in lowered]
    )
    target_text = format_amount(target["value"], unit, label) if target else ""
    return LineChart(
        dots=[Dot(scale.x(on), scale.y(value), level) for on, value, level in points],
        latest=format_amount(points[-1][1], unit),
        earlier_targets=earlier_targets,
        target_x=earlier_targets[-1].to_x if earlier_targets else 0,
        target_y=scale.y(target["value"]) if target else None,
        target=target_text,
        lowered=lowered_text,
        first_day=first_day,
        last_day=scale.last_day,
        description=_describe(points, unit, target_text, lowered_text),
    )


def _points(baseline: Item | None, updates: list[Item]) -> list[tuple[date, Decimal, str]]:
    points = [
        (
            min(update["to"], update["reported_on"]),
            update["cumulative_value"],
            update["level_of_proof"],
        )
        for update in updates
    ]
    if baseline and baseline.get("on") and points and baseline["on"] < points[0][0]:
        points.insert(0, (baseline["on"], baseline["value"], "start"))
    return points


def _earlier_targets(lowered: list[tuple[date, Decimal]], scale: _Scale) -> list[TargetLine]:
    """Return the lines of earlier targets; each begins where the one before it ended."""
    ends = [scale.x(on) for on, _ in lowered]
    starts = [0, *ends]
    return [
        TargetLine(start, end, scale.y(value))
        for start, end, (_, value) in zip(starts, ends, lowered, strict=False)
    ]


def _lowered_targets(record: Record) -> list[tuple[date, Decimal]]:
    """Return the later lowered targets, each with its last day."""
    return [
        (date.fromisoformat(way["on"]), Decimal(way["before"]))
        for way in record.weakenings
        if way["what"] == Weakening.TARGET_LOWERED
    ]


def _describe(
    points: list[tuple[date, Decimal, str]], unit: str | None, target: str, lowered: str
) -> str:
    readings = [f"{format_amount(value, unit)} on {format_day(on)}" for on, value, _ in points]
    target_clause = f", against a target of {target}" if target else ""
    if lowered:
        target_clause += f", which was {lowered}"
    return f"Figures over time: {join_list(readings)}{target_clause}."
