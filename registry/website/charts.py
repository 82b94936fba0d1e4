"""Build tables of figures with a bar in each row: the table is the chart."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from registry.open_data import totals
from registry.schema.code_lists import LevelOfProof
from registry.wording.formatting import count_noun, format_amount


@dataclass(frozen=True)
class Bar:
    """A row: label, value and base in words, and the length of the bar in per cent.

    `share` is None where a bar would mislead.
    """

    label: str
    value: str
    basis: str
    share: int | None
    tone: str = ""


def total_chart(total: totals.Total) -> dict[str, Any]:
    """Return a chart of a total: a row for the commitment, and one per level of proof."""
    longest = max(
        [total.committed or Decimal(0), *(level.value or Decimal(0) for level in total.delivered)]
    )
    rows = [
        Bar(
            "Committed",
            _total_amount(total.committed, total) or "Not added up",
            basis_text(total.commitments, total.signatories),
            _bar_share(total.committed, longest),
            "committed",
        )
    ]
    rows += [
        Bar(
            f"Delivered: {LevelOfProof.label_of(level.level).lower()}",
            _total_amount(level.value, total) or "Not added up",
            basis_text(level.commitments, level.signatories),
            _bar_share(level.value, longest),
            level.level,
        )
        for level in total.delivered
    ]
    return {
        "key": total.measure,
        "code": total.item.get("code", ""),
        "name": total.name,
        "rows": rows,
        "notes": list(_reader_notes(total)),
    }


def total_line(total: totals.Total) -> dict[str, Any]:
    """Return committed and delivered in one line, for a table of several measures."""
    delivered = [
        f"{_total_amount(level.value, total)}, {LevelOfProof.label_of(level.level).lower()}"
        for level in total.delivered
        if level.value is not None
    ]
    return {
        "key": total.measure,
        "name": total.name,
        "committed": _total_amount(total.committed, total) or "Not added up",
        "delivered": delivered,
        "basis": basis_text(total.commitments, total.signatories),
        "commitments": total.commitments,
    }


def basis_text(commitments: int, signatories: int) -> str:
    """Return the base of a figure: "3 commitments by 2 signatories"."""
    return (
        f"{count_noun(commitments, 'commitment')} "
        f"by {count_noun(signatories, 'signatory', 'signatories')}"
    )


def count_bars(
    counts: dict[str, int], labels: dict[str, str], total: int, *, leave_out_empty: bool = True
) -> list[Bar]:
    """Return counts as parts of a total, in the order of their labels; [] for a total of 0."""
    return [
        Bar(
            label,
            f"{counts.get(code, 0):,} of {total:,}",
            "",
            _part_percent(counts.get(code, 0), total),
            code,
        )
        for code, label in labels.items()
        if total and (counts.get(code) or not leave_out_empty)
    ]


def _total_amount(value: Decimal | None, total: totals.Total) -> str:
    return "" if value is None else format_amount(value, total.unit, total.label)


def _reader_notes(total: totals.Total) -> Any:
    """Yield notes that readers need to understand the figures."""
    if total.committed is None and total.targets and total.item.get("value_type") == "percentage":
        yield "Percentages of different things are never added: read each commitment."
    elif total.started:
        yield (
            f"There at the start: {_total_amount(total.started, total)}. "
            "Targets and values to date include it."
        )
    if total.targets < total.commitments:
        without_number = total.commitments - total.targets
        yield f"{count_noun(without_number, 'commitment')} without a number."
    if total.without_figure:
        yield f"No figure has been told yet for {count_noun(total.without_figure, 'commitment')}."


def _bar_share(value: Decimal | None, longest: Decimal) -> int | None:
    if value is None or not longest:
        return None
    return int(max(Decimal(0), value) * 100 / longest)


def _part_percent(part: int, total: int) -> int:
    return part * 100 // total if total else 0
