"""What many commitments added to each measure, as bars up to what they promised.

What was there at the start is never inside a bar, and levels of proof are drawn apart.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from registry.open_data.totals import Total
from registry.schema.code_lists import LevelOfProof
from registry.wording.formatting import count_noun, format_amount, join_dots

SHOWN = 8  # All others are folded.


@dataclass(frozen=True)
class MeasureBar:
    """A measure in a list: what was added, in words and as positions in per cent; [] for no bar.

    A measure in per cent has no sum: `dots` are the figures reported, from 0 to 100%.
    """

    key: str
    name: str
    basis: str
    figure: str  # "120 backed, 310 self-reported"
    promised: str  # "of 860 weeks promised"
    note: str
    backed: float
    self_reported: float
    promised_at: float | None
    dots: list[float]
    commitments: int

    @property
    def self_reported_to(self) -> float:
        return round(self.backed + self.self_reported, 1)


def measure_bars(totals: Iterable[Total]) -> list[MeasureBar]:
    """Return a bar for each measure and unit with commitments, most commitments first."""
    bars = [_measure_bar(total) for total in totals if total.commitments]
    return sorted(bars, key=lambda bar: (-bar.commitments, bar.name))


def _measure_bar(total: Total) -> MeasureBar:
    backed, own = _amounts(total)
    signatories = count_noun(total.signatories, "signatory", "signatories")
    basis = f"{count_noun(total.commitments, 'commitment')} by {signatories}"
    figure, promised, whole = _words(total, backed, own)
    longest = max(whole or Decimal(0), backed + own)
    is_drawn = bool(longest) and whole is not None

    def percent(amount: Decimal) -> float:
        return round(float(amount * 100 / longest), 1) if is_drawn else 0

    return MeasureBar(
        key=total.measure,
        name=total.name,
        basis=basis,
        figure=figure,
        promised=promised,
        note=_note(total),
        backed=percent(backed),
        self_reported=percent(own),
        promised_at=percent(whole) if is_drawn and whole else None,
        dots=[_share_at(share.value) for share in total.shares if share.value is not None],
        commitments=total.commitments,
    )


def _amounts(total: Total) -> tuple[Decimal, Decimal]:
    """Return what was added with evidence, a check or a confirmation, and by word alone."""
    if total.yes_count:
        checked = Decimal(total.yes_count.checked)
        return checked, Decimal(total.yes_count.yes) - checked
    own = backed = Decimal(0)
    for level in total.delivered:
        if level.level == LevelOfProof.SELF_REPORTED:
            own += level.gained or 0
        else:
            backed += level.gained or 0
    return backed, own


def _words(total: Total, backed: Decimal, own: Decimal) -> tuple[str, str, Decimal | None]:
    """Return what was added, what it is of, and that as a number; None if it cannot be added."""
    if total.yes_count:
        yes = total.yes_count
        text = f"{yes.yes:,} say yes, {yes.checked:,} of them checked"
        return text, f"of {yes.promised:,} promised", Decimal(yes.promised)
    if total.shares:
        reported = f"{count_noun(total.with_figure, 'share')} reported"
        return reported, "each of its own whole, never added", None
    if total.promised is None:
        return "Cannot be added up", "", None
    parts = [
        f"{format_amount(amount, total.unit)} {word}"
        for amount, word in ((backed, "backed"), (own, "self-reported"))
        if amount
    ]
    whole = format_amount(total.promised, total.unit, total.label)
    verb = "to cut" if total.less_is_better else "promised"
    return ", ".join(parts) or "Nothing added yet", f"of {whole} {verb}", total.promised


def _note(total: Total) -> str:
    """Return what stands beside the bar: what was there at the start, what was lost or given up."""
    lost = [level.lost for level in total.delivered if level.lost]
    first = total.first_promised
    is_less = first is not None and total.promised is not None and first > total.promised
    return join_dots(
        [
            f"{format_amount(total.start, total.unit)} at the start" if total.start else "",
            f"{format_amount(sum(lost, Decimal(0)), total.unit)} lost" if lost else "",
            f"first promised {format_amount(first, total.unit)}" if is_less and first else "",
        ]
    )


def _share_at(value: Decimal) -> float:
    return round(float(min(max(value, Decimal(0)), Decimal(100))), 1)
