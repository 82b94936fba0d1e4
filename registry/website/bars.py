"""Figures as rows of a table, each with a bar: the table is the picture."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from registry import codelists, statistics
from registry.website import words


@dataclass(frozen=True)
class Bar:
    """A row: what, its value in words, who stands behind it, and the length of its bar in per cent.

    `share` is None where a bar would mislead.
    """

    label: str
    value: str
    behind: str
    share: int | None
    tone: str = ""


def beside(total: statistics.Total) -> dict[str, Any]:
    """Return committed beside delivered: a row for the promise, and one per level of proof."""
    longest = max(
        [total.committed or Decimal(0), *(level.value or Decimal(0) for level in total.delivered)]
    )
    rows = [
        Bar(
            "Committed",
            _amount(total.committed, total) or "Not added up",
            behind(total.commitments, total.signatories),
            _share(total.committed, longest),
            "committed",
        )
    ]
    rows += [
        Bar(
            f"Delivered: {codelists.LEVELS_OF_PROOF[level.level].lower()}",
            _amount(level.value, total) or "Not added up",
            behind(level.commitments, level.signatories),
            _share(level.value, longest),
            level.level,
        )
        for level in total.delivered
    ]
    return {
        "key": total.measure,
        "code": total.item.get("code", ""),
        "name": total.name,
        "rows": rows,
        "notes": list(_notes(total)),
    }


def in_line(total: statistics.Total) -> dict[str, Any]:
    """Return committed beside delivered in one line, for a table of several measures."""
    delivered = [
        f"{_amount(level.value, total)}, {codelists.LEVELS_OF_PROOF[level.level].lower()}"
        for level in total.delivered
        if level.value is not None
    ]
    return {
        "key": total.measure,
        "name": total.name,
        "committed": _amount(total.committed, total) or "Not added up",
        "delivered": delivered,
        "behind": behind(total.commitments, total.signatories),
        "commitments": total.commitments,
    }


def behind(commitments: int, signatories: int) -> str:
    """Return who stands behind a figure: "3 commitments by 2 signatories"."""
    return (
        f"{words.counted(commitments, 'commitment')} "
        f"by {words.counted(signatories, 'signatory', 'signatories')}"
    )


def parts(
    counts: dict[str, int], labels: dict[str, str], of: int, *, leave_out_empty: bool = True
) -> list[Bar]:
    """Return counts as parts of one number, in the order of their labels; none of nothing."""
    return [
        Bar(
            label, f"{counts.get(code, 0):,} of {of:,}", "", _percent(counts.get(code, 0), of), code
        )
        for code, label in labels.items()
        if of and (counts.get(code) or not leave_out_empty)
    ]


def _amount(value: Decimal | None, total: statistics.Total) -> str:
    return "" if value is None else words.amount(value, total.unit, total.label)


def _notes(total: statistics.Total) -> Any:
    """Yield what a reader must know to read the figures rightly."""
    if total.committed is None and total.targets and total.item.get("value_type") == "percentage":
        yield "Percentages of different things are never added: read each promise."
    elif total.started:
        yield (
            f"There at the start: {_amount(total.started, total)}. "
            "Targets and values to date include it."
        )
    if total.targets < total.commitments:
        without = total.commitments - total.targets
        yield f"{words.counted(without, 'commitment')} without a number."
    if total.untold:
        yield f"No figure has been told yet for {words.counted(total.untold, 'commitment')}."


def _share(value: Decimal | None, longest: Decimal) -> int | None:
    if value is None or not longest:
        return None
    return int(max(Decimal(0), value) * 100 / longest)


def _percent(part: int, of: int) -> int:
    return part * 100 // of if of else 0
