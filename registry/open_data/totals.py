"""Totals of promised and delivered figures, by the published rules.

Only values of the same measure and unit are added. Percentages, proxy pounds, yes or no and text
are counted, never added. Levels of proof are never added together.

A total stands in three: first promised (withdrawn commitments included), promised now, delivered.
None of them contains the starting point, which stands beside them, and what was lost is never
subtracted from what was gained. Commitments whose starting point is not known are left out and
counted. Withdrawn and replaced ones are left out of what is promised now and delivered, so that
none counts twice. What is added was computed by `registry.log.progress` for each commitment, and
`registry.log.counting` says in SQL which of it is part of which sum.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from registry.log.progress import parse_progress
from registry.models import ListedCommitment, Record, TagSum
from registry.open_data.figures import Figures
from registry.schema import code_lists
from registry.schema.measure_codes import Direction, Unit

CHECKED_LEVELS = [
    code_lists.LevelOfProof.CHECKED_BY_COUNCIL,
    code_lists.LevelOfProof.CONFIRMED_BY_BENEFICIARY,
]
SumRow = Mapping[str, Any]


@dataclass(frozen=True)
class Delivered:
    """What commitments gained and lost since their start, at one level of proof.

    The amounts are above zero, or None if the unit cannot be added.
    """

    level: str
    commitments: int
    signatories: int
    gained: Decimal | None
    gained_by: int
    lost: Decimal | None
    lost_by: int


@dataclass(frozen=True)
class YesCount:
    """The answers to a yes or no: how many promised a yes, say yes, and were checked."""

    promised: int
    yes: int
    checked: int


@dataclass(frozen=True)
class Share:
    """The figures of a commitment whose percentage is of its own whole, so that none is added."""

    key: str
    title: str
    signatory: str  # Its name.
    start: Decimal | None
    value: Decimal | None
    target: Decimal | None
    level_of_proof: str | None


@dataclass(frozen=True)
class Total:
    """The total of one measure and unit; amounts are None if the unit cannot be added."""

    measure: str
    name: str
    item: dict[str, Any]
    unit: str | None
    label: str | None
    commitments: int
    signatories: int
    targets: int
    first_promised: Decimal | None
    promised: Decimal | None
    start: Decimal | None
    start_unknown: int  # Commitments left out of promised and delivered.
    yes_count: YesCount | None
    delivered: list[Delivered] = field(default_factory=list)
    shares: list[Share] = field(default_factory=list)  # The newest, of a measure in per cent.

    @property
    def with_figure(self) -> int:
        """Return the number of commitments with a figure."""
        return sum(level.commitments for level in self.delivered)

    @property
    def without_figure(self) -> int:
        """Return the number of commitments without a figure."""
        return self.commitments - self.with_figure

    @property
    def less_is_better(self) -> bool:
        return self.item.get("direction") == Direction.DECREASE


def totals_by_measure(figures: Figures, most_shares: int | None = None) -> list[Total]:
    """Return one total per measure and unit, ordered by measure code. One query.

    Three queries more if there are measures in per cent, of which the newest shares are listed.
    """
    groups = [row for row in figures.sums if _is_total(row) and not row["level"]]
    levels: dict[tuple[str, str], dict[str, SumRow]] = {}
    for row in figures.sums:
        if row["level"]:
            levels.setdefault(_group_key(row), {})[row["level"]] = row
    labels = _unit_labels(figures)
    measures = Record.objects.in_bulk([group["measure"] for group in groups])
    groups.sort(key=lambda group: ((measures[group["measure"]].code or ""), group["unit"]))
    shares = _list_shares(groups, figures, most_shares)
    return [
        _build_total(
            group,
            measures[group["measure"]],
            label=labels.get(_group_key(group)),
            levels=levels.get(_group_key(group), {}),
            shares=shares.get(group["measure"], []) if group["unit"] == Unit.PERCENT else [],
        )
        for group in groups
    ]


def excluded_counts(figures: Figures) -> dict[str, int]:
    """Return the number of excluded commitments by reason."""
    return {reason: figures.counts[f"left_out:{reason}"] for reason in ("withdrawn", "replaced")}


def _is_total(row: SumRow) -> bool:
    return row["measure"] not in ("", TagSum.ANY_MEASURE)


def _unit_labels(figures: Figures) -> dict[tuple[str, str], str]:
    """Return what each measure and unit counts, as a noun."""
    labels: dict[tuple[str, str], str] = {}
    for named in sorted(figures.values_of("unit_label")):
        measure, unit, label = named.split(":", 2)
        labels[measure, unit] = label
    return labels


def _list_shares(
    groups: Iterable[SumRow], figures: Figures, most: int | None
) -> dict[str, list[Share]]:
    """Return the newest commitments of each measure in per cent, by name of their signatories."""
    newest = [
        figures.listed.filter(measure=group["measure"], unit=Unit.PERCENT, is_countable=True)
        .order_by("-first_entry")
        .values_list("key", flat=True)[:most]
        for group in groups
        if group["unit"] == Unit.PERCENT and group["commitments"]
    ]
    keys = list(newest[0].union(*newest[1:], all=True)) if newest else []
    rows = ListedCommitment.objects.filter(key__in=keys).order_by("signatory_name", "first_entry")
    published = dict(Record.objects.filter(key__in=keys).values_list("key", "progress"))
    shares: dict[str, list[Share]] = {}
    for row in rows.values_list("measure", "key", "name", "signatory_name", named=True):
        share = _build_share(row, published[row.key] or {})
        shares.setdefault(row.measure, []).append(share)
    return shares


def _build_share(row: Any, published: dict[str, Any]) -> Share:
    progress = parse_progress(published)
    return Share(
        key=row.key,
        title=row.name or row.key,
        signatory=row.signatory_name,
        start=progress.start,
        value=progress.now,
        target=progress.target,
        level_of_proof=published["level_of_proof"],
    )


def _group_key(row: SumRow) -> tuple[str, str]:
    return row["measure"], row["unit"]


def _build_total(
    group: SumRow,
    measure: Record,
    *,
    label: str | None,
    levels: dict[str, SumRow],
    shares: list[Share],
) -> Total:
    unit = group["unit"] or None
    can_add = unit in Unit.addable_units()
    checked = sum(levels[level]["yes"] for level in CHECKED_LEVELS if level in levels)
    return Total(
        measure=measure.key,
        name=measure.name or measure.key,
        item=measure.item or {},
        unit=unit,
        label=label,
        commitments=group["commitments"],
        signatories=group["signatories"],
        targets=group["targets"],
        first_promised=group["first_promised"] if can_add else None,
        promised=group["promised"] if can_add else None,
        start=group["start"] if can_add else None,
        start_unknown=group["start_unknown"] if can_add else 0,
        yes_count=(
            YesCount(group["targets"], group["yes"], checked) if unit == Unit.YESNO else None
        ),
        delivered=[
            _build_level(levels[level], can_add)
            for level in reversed(code_lists.LevelOfProof)
            if level in levels
        ],
        shares=shares,
    )


def _build_level(row: SumRow, can_add: bool) -> Delivered:
    return Delivered(
        level=row["level"],
        commitments=row["commitments"],
        signatories=row["signatories"],
        gained=row["gained"] if can_add else None,
        gained_by=row["gained_by"],
        lost=row["lost"] if can_add else None,
        lost_by=row["lost_by"],
    )
