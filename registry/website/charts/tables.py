"""Build tables of figures with a bar in each row: the table is the chart."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from registry.open_data import totals
from registry.schema.code_lists import LevelOfProof
from registry.schema.measure_codes import Unit
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
    count: int = 0  # The value of a row that counts, as a number.


@dataclass(frozen=True)
class ShareDots:
    """A share in words, and as dots at positions in per cent of the drawing; None for no dot."""

    key: str
    title: str
    signatory: str
    start: str
    value: str
    target: str
    start_at: int | None
    value_at: int | None
    target_at: int | None
    level: str


@dataclass(frozen=True)
class TotalChart:
    """A total of a measure, by its key and name, with notes for its reader."""

    key: str
    name: str
    rows: list[Bar]
    notes: list[str]
    shares: list[ShareDots]


NOT_ADDED = "Cannot be added up"
MOST_SHARES = 3  # In one line of a table.


def total_chart(total: totals.Total) -> TotalChart:
    """Return a chart of a total: first promised, promised now, and delivered by level of proof."""
    if total.yes_count:
        rows = list(_yes_bars(total.yes_count))
    else:
        rows = [] if total.shares else list(_total_bars(total))
    return TotalChart(
        total.measure,
        total.name,
        rows=rows,
        notes=list(_reader_notes(total)),
        shares=list(_share_dots(total.shares)),
    )


def _share_dots(shares: list[totals.Share]) -> Iterable[ShareDots]:
    """Yield each share as dots on one scale: from 0 to 100%, or as far as the figures go."""
    figures = [
        figure
        for share in shares
        for figure in (share.start, share.value, share.target)
        if figure is not None
    ]
    lowest, highest = min([*figures, Decimal(0)]), max([*figures, Decimal(100)])

    def position(figure: Decimal | None) -> int | None:
        if figure is None:
            return None
        return int((figure - lowest) * 100 / (highest - lowest))

    for share in shares:
        yield ShareDots(
            key=share.key,
            title=share.title,
            signatory=share.signatory,
            start=_percent_text(share.start, "Not known"),
            value=_percent_text(share.value, "No figure reported yet"),
            target=_percent_text(share.target, "No numerical target"),
            start_at=position(share.start),
            value_at=position(share.value),
            target_at=position(share.target),
            level=share.level_of_proof or "",
        )


def _percent_text(figure: Decimal | None, missing: str) -> str:
    return missing if figure is None else format_amount(figure, Unit.PERCENT)


def _total_bars(total: totals.Total) -> Iterable[Bar]:
    amounts = [total.first_promised, total.promised]
    amounts += [amount for level in total.delivered for amount in (level.gained, level.lost)]
    longest = max(amount or Decimal(0) for amount in amounts)
    basis = basis_text(total.commitments, total.signatories)
    if total.first_promised != total.promised:
        yield _amount_bar("First promised", total.first_promised, total, longest)
    yield replace(_amount_bar("Promised", total.promised, total, longest), basis=basis)
    gained, lost = ("Cut", "Grown") if total.less_is_better else ("Delivered", "Lost")
    for level in total.delivered:
        proof = LevelOfProof.label_of(level.level).lower()
        bar = _amount_bar(f"{gained}: {proof}", level.gained, total, longest)
        basis = basis_text(level.commitments, level.signatories)
        yield replace(bar, basis=basis, tone=level.level)
        if level.lost:
            bar = _amount_bar(f"{lost}: {proof}", level.lost, total, longest)
            yield replace(bar, basis=count_noun(level.lost_by, "commitment"), tone="lost")


def _yes_bars(count: totals.YesCount) -> Iterable[Bar]:
    for label, number, tone in [
        ("Promised", count.promised, "committed"),
        ("Say yes", count.yes, LevelOfProof.SELF_REPORTED),
        ("Checked or confirmed", count.checked, LevelOfProof.CHECKED_BY_COUNCIL),
    ]:
        share = _part_percent(number, count.promised)
        yield Bar(label, count_noun(number, "commitment"), "", share, tone, number)


def _amount_bar(label: str, amount: Decimal | None, total: totals.Total, longest: Decimal) -> Bar:
    value = NOT_ADDED if amount is None else _total_amount(amount, total)
    return Bar(label, value, "", _bar_share(amount, longest), "committed")


@dataclass(frozen=True)
class TotalLine:
    """A total of a measure in one line of a table; `can_add` is False if it has no sum."""

    key: str
    name: str
    promised: list[str]  # Now, and at first if that was more or less; then the starting point.
    delivered: list[str]
    can_add: bool
    basis: str
    commitments: int


def total_line(total: totals.Total) -> TotalLine:
    """Return promised and delivered in one line, for a table of several measures."""
    delivered = [
        f"{amount}, {LevelOfProof.label_of(level.level).lower()}"
        for level in total.delivered
        if (amount := _delivered_text(level, total))
    ]
    if total.yes_count:
        yes = total.yes_count
        delivered = [f"{yes.yes:,} say yes, {yes.checked:,} of them checked"]
    if total.shares:
        delivered = list(_share_lines(total))
    return TotalLine(
        key=total.measure,
        name=total.name,
        promised=list(_promised_lines(total)),
        delivered=delivered,
        can_add=total.promised is not None or total.yes_count is not None,
        basis=basis_text(total.commitments, total.signatories),
        commitments=total.commitments,
    )


def _promised_lines(total: totals.Total) -> Iterable[str]:
    if total.yes_count:
        yield f"{count_noun(total.yes_count.promised, 'commitment')} to say yes"
    elif total.shares:
        yield f"{count_noun(total.commitments, 'commitment')}, each with a share of its own"
    elif total.promised is None or total.first_promised is None:
        yield NOT_ADDED
    else:
        yield _total_amount(total.promised, total)
        if total.first_promised != total.promised:
            yield f"first promised: {_total_amount(total.first_promised, total)}"
        if total.start:
            yield f"starting point, not included: {_total_amount(total.start, total)}"


def _share_lines(total: totals.Total) -> Iterable[str]:
    """Yield "45% (target 60%), self-reported" for the first shares with a figure."""
    with_value = [share for share in total.shares if share.value is not None][:MOST_SHARES]
    for share in with_value:
        target = "" if share.target is None else f" (target {_percent_text(share.target, '')})"
        proof = LevelOfProof.label_of(share.level_of_proof).lower()
        yield f"{_percent_text(share.value, '')}{target}, {proof}"
    if total.with_figure > len(with_value):
        yield f"and {total.with_figure - len(with_value):,} more"


def _delivered_text(level: totals.Delivered, total: totals.Total) -> str:
    """Return "12 FTE", or "12 FTE added by 4, 3 FTE lost by 1" if some was lost."""
    if level.gained is None or level.lost is None:
        return ""
    gained = _total_amount(level.gained, total)
    if not level.lost:
        return gained
    verbs = ("cut", "grown") if total.less_is_better else ("added", "lost")
    lost = _total_amount(level.lost, total)
    return f"{gained} {verbs[0]} by {level.gained_by}, {lost} {verbs[1]} by {level.lost_by}"


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
            counts.get(code, 0),
        )
        for code, label in labels.items()
        if total and (counts.get(code) or not leave_out_empty)
    ]


def _total_amount(value: Decimal, total: totals.Total) -> str:
    return format_amount(value, total.unit, total.label)


def _reader_notes(total: totals.Total) -> Iterable[str]:
    """Yield notes that readers need to understand the figures."""
    if total.unit == Unit.PERCENT:
        yield "Percentages of different things are never added: read each commitment."
        if len(total.shares) < total.commitments:
            yield f"These are the newest {len(total.shares):,} of {total.commitments:,}."
    if total.start:
        yield f"Starting point, not included: {_total_amount(total.start, total)}."
    if total.targets < total.commitments:
        count = total.commitments - total.targets
        verb = "has" if count == 1 else "have"
        yield f"{count_noun(count, 'commitment')} {verb} no numerical target."
    if total.start_unknown:
        yield (
            "Starting point not known, so not in these totals: "
            f"{count_noun(total.start_unknown, 'commitment')}."
        )
    if total.without_figure:
        yield f"No figure reported yet for {count_noun(total.without_figure, 'commitment')}."


def _bar_share(value: Decimal | None, longest: Decimal) -> int | None:
    if value is None or not longest:
        return None
    return int(max(Decimal(0), value) * 100 / longest)


def _part_percent(part: int, total: int) -> int:
    return part * 100 // total if total else 0
