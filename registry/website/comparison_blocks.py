"""Build commitments of one measure side by side: their plot, the middle of them, and the table."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from registry.log.progress import parse_progress
from registry.models import Record
from registry.schema import kinds
from registry.schema.code_lists import LevelOfProof
from registry.schema.fields import parse_day
from registry.schema.measure_codes import Unit
from registry.website import progress
from registry.website.charts.dots import (
    DotFact,
    DotLine,
    MedianStrip,
    Tick,
    dot_plot,
    median_strip,
    yes_text,
)
from registry.website.rows import CommitmentRow
from registry.wording.formatting import count_noun, format_amount

Item = dict[str, Any]


@dataclass(frozen=True)
class SizeMedian:
    """The median way from start to target of organisations of one size, or why there is none."""

    text: str
    share: Decimal | None = None
    of: int | None = None


@dataclass(frozen=True)
class ComparisonRow:
    """A commitment beside others of its measure; gaps are named in words."""

    commitment: CommitmentRow
    start: str
    target: str
    value: str
    on: date | None
    change: progress.FigureChange | None
    figures: Item  # The same as numbers: the progress of its record.
    target_by: date | None
    size: str = ""
    median: SizeMedian | None = None


@dataclass(frozen=True)
class PlotRow:
    """A commitment beside its line."""

    row: ComparisonRow
    line: DotLine


@dataclass(frozen=True)
class ComparisonBlock:
    """Commitments side by side; without numbers in one unit there is only the table."""

    table: list[ComparisonRow]
    plot: list[PlotRow]
    ticks: list[Tick]
    finding: str  # What one sees, or the answers to a yes or no.
    strip: MedianStrip | None
    left_out: str  # A sentence on those that are in the table only, or "".


def comparison_block(
    rows: Sequence[ComparisonRow], records: Sequence[Record], middle: Decimal | None = None
) -> ComparisonBlock:
    """Return commitments of one measure, in the order of their rows.

    `middle` is the median share of the way, where that is of more commitments than these.
    """
    drawn = {
        row.commitment.headline.key: row
        for row, record in zip(rows, records, strict=True)
        if _is_counted(record) and row.figures.get("target") is not None
    }
    units = Counter(row.figures.get("unit") for row in drawn.values())
    unit = units.most_common(1)[0][0] if units else None
    facts = [_dot_fact(row) for row in drawn.values() if row.figures.get("unit") == unit]
    is_yes_no = unit == Unit.YESNO
    plot = None if is_yes_no else dot_plot(facts)
    lines = plot.lines if plot else {}
    missing = len(rows) - len(lines)
    return ComparisonBlock(
        table=list(rows),
        plot=[PlotRow(drawn[key], line) for key, line in lines.items()],
        ticks=plot.ticks if plot else [],
        finding=yes_text(facts) if is_yes_no else plot.finding if plot else "",
        strip=None if is_yes_no else median_strip(facts, middle),
        left_out=_left_out_sentence(missing) if lines and missing else "",
    )


def _is_counted(record: Record) -> bool:
    return record.status != Record.Status.WITHDRAWN and not record.superseded_by


def _dot_fact(row: ComparisonRow) -> DotFact:
    headline = row.commitment.headline
    return DotFact(
        key=headline.key,
        progress=parse_progress(row.figures),
        unit=row.figures.get("unit") or "",
        is_recent=not headline.is_stale,
        is_backed=headline.level_of_proof not in ("", LevelOfProof.SELF_REPORTED),
    )


def _left_out_sentence(count: int) -> str:
    """Return where commitments without a line are: withdrawn, replaced, or not to be compared."""
    verb = "is" if count == 1 else "are"
    noun = count_noun(count, "commitment")
    return (
        f"{noun} {verb} in the table only: withdrawn, replaced, or without a target in this unit."
    )


def comparison_row(
    commitment: CommitmentRow, record: Record, change: progress.FigureChange | None
) -> ComparisonRow:
    """Return a row with start, target, value to date and change since the last figure."""
    item = kinds.parse_item("commitment", record.item or {})
    progress_item = record.progress or {}
    start, on = progress_item.get("start"), progress_item.get("on")
    return ComparisonRow(
        commitment=commitment,
        start=format_amount(Decimal(start), item["unit"]) if start else "Not known",
        target=commitment.headline.target or "No numerical target",
        value=progress.value_text(progress_item.get("value"), item),
        on=parse_day(on),
        change=change,
        figures=progress_item,
        target_by=(item["target"] or {}).get("by"),
    )
