"""Totals of promised and delivered figures, by the published rules.

Only values of the same measure and unit are added. Percentages, proxy pounds, yes or no and text
are counted, never added. Levels of proof are never added together.

A total stands in three: first promised (withdrawn commitments included), promised now, delivered.
None of them contains the starting point, which stands beside them, and what was lost is never
subtracted from what was gained. Commitments whose starting point is not known are left out and
counted. Withdrawn and replaced ones are left out of what is promised now and delivered, so that
none counts twice. What is added was computed by `registry.log.progress` for each commitment.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, F, Max, OuterRef, Q, Subquery, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from registry.log.progress import parse_progress
from registry.models import Record, RecordQuerySet
from registry.schema import code_lists
from registry.schema.measure_codes import Direction, Unit

CHECKED_LEVELS = [
    code_lists.LevelOfProof.CHECKED_BY_COUNCIL,
    code_lists.LevelOfProof.CONFIRMED_BY_BENEFICIARY,
]
COUNTABLE = ~Q(status__in=[Record.Status.WITHDRAWN, Record.Status.REDACTED]) & Q(superseded_by="")


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
    shares: list[Share] = field(default_factory=list)  # Of a measure in per cent.

    @property
    def without_figure(self) -> int:
        """Return the number of commitments without a figure."""
        return self.commitments - sum(level.commitments for level in self.delivered)

    @property
    def less_is_better(self) -> bool:
        return self.item.get("direction") == Direction.DECREASE


def countable_commitments(commitments: RecordQuerySet) -> RecordQuerySet:
    """Exclude withdrawn, redacted and replaced commitments."""
    return commitments.filter(COUNTABLE)


def with_figure(commitments: RecordQuerySet) -> RecordQuerySet:
    """Filter to commitments with a figure."""
    return commitments.annotate(figure=_decimal_of("progress__value")).filter(figure__isnull=False)


def excluded_counts(commitments: RecordQuerySet) -> dict[str, int]:
    """Return the number of excluded commitments by reason. One query."""
    return commitments.readable().aggregate(
        withdrawn=Count("key", filter=Q(status=Record.Status.WITHDRAWN)),
        replaced=Count("key", filter=~Q(superseded_by="") & ~Q(status=Record.Status.WITHDRAWN)),
    )


def totals_by_measure(commitments: RecordQuerySet) -> list[Total]:
    """Return one total per measure and unit, ordered by measure code. Three queries.

    One query more if a measure is in per cent.
    """
    measured = (
        commitments.filter(measure__isnull=False)
        .exclude(status=Record.Status.REDACTED)
        .annotate(
            of_unit=KT("item__unit"),
            replaces=KT("item__supersedes"),
            known_start=_decimal_of("progress__start"),
        )
    )
    groups = _measure_groups(measured)
    levels = _levels_by_group(measured.filter(COUNTABLE))
    has_shares = any(group["of_unit"] == Unit.PERCENT for group in groups)
    shares = _shares_by_measure(measured.filter(COUNTABLE)) if has_shares else {}
    measures = Record.objects.in_bulk([group["measure"] for group in groups])
    groups.sort(key=lambda group: ((measures[group["measure"]].code or ""), group["of_unit"] or ""))
    return [
        _build_total(
            group,
            measures[group["measure"]],
            levels=levels.get(_group_key(group), {}),
            shares=shares.get(group["measure"], []) if group["of_unit"] == Unit.PERCENT else [],
        )
        for group in groups
    ]


def _measure_groups(measured: RecordQuerySet) -> list[dict[str, Any]]:
    """Return the sums of each measure and unit.

    A commitment that replaces another of the same measure was first promised by that one.
    """
    replaced = Record.objects.filter(key=OuterRef("replaces")).values("measure")[:1]
    is_first = Q(replaced_measure=None) | ~Q(replaced_measure=F("measure"))
    is_yes = COUNTABLE & Q(progress__is_met=True)
    groups: Any = (
        measured.annotate(replaced_measure=Subquery(replaced))
        .values("measure", "of_unit")
        .annotate(
            label=Max(KT("item__unit_label")),
            commitments=Count("key", filter=COUNTABLE),
            signatories=Count("signatory", distinct=True, filter=COUNTABLE),
            targets=Count(KT("item__target__value"), filter=COUNTABLE),
            first_promised=_decimal_sum("original__promised", is_first),
            promised=_decimal_sum("progress__promised", COUNTABLE),
            start=_decimal_sum("progress__start", COUNTABLE),
            start_unknown=Count("key", filter=COUNTABLE & Q(known_start=None)),
            yes=Count("key", filter=is_yes),
            checked_yes=Count(
                "key", filter=is_yes & Q(progress__level_of_proof__in=CHECKED_LEVELS)
            ),
        )
    )
    return list(groups)


def _levels_by_group(
    countable: RecordQuerySet,
) -> dict[tuple[str, str | None], dict[str, dict[str, Any]]]:
    """Return what was delivered by measure and unit, and within it by level of proof."""
    delivered = _decimal_of("progress__delivered")
    rows: Any = (
        with_figure(countable)
        .annotate(level=KT("progress__level_of_proof"), change=delivered)
        .values("measure", "of_unit", "level")
        .annotate(
            commitments=Count("key"),
            signatories=Count("signatory", distinct=True),
            gained=Sum("change", filter=Q(change__gt=0)),
            gained_by=Count("key", filter=Q(change__gt=0)),
            lost=Sum("change", filter=Q(change__lt=0)),
            lost_by=Count("key", filter=Q(change__lt=0)),
        )
    )
    levels: dict[tuple[str, str | None], dict[str, dict[str, Any]]] = {}
    for row in rows:
        levels.setdefault(_group_key(row), {})[row["level"]] = row
    return levels


def _shares_by_measure(countable: RecordQuerySet) -> dict[str, list[Share]]:
    """Return the commitments in per cent by measure, each by name of its signatory."""
    names = Record.objects.filter(key=OuterRef("signatory")).values("name")[:1]
    records: Any = (
        countable.filter(item__unit=Unit.PERCENT)
        .annotate(signatory_name=Subquery(names))
        .order_by("signatory_name", "first_entry")
    )
    shares: dict[str, list[Share]] = {}
    for record in records:
        published = record.progress or {}
        progress = parse_progress(published)
        shares.setdefault(record.measure, []).append(
            Share(
                key=record.key,
                title=record.name or record.key,
                signatory=record.signatory_name or "",
                start=progress.start,
                value=progress.now,
                target=progress.target,
                level_of_proof=published["level_of_proof"],
            )
        )
    return shares


def _decimal_of(path: str) -> Cast:
    return Cast(KT(path), DecimalField(max_digits=20, decimal_places=3))


def _decimal_sum(path: str, condition: Q) -> Sum:
    return Sum(_decimal_of(path), filter=condition)


def _group_key(group: dict[str, Any]) -> tuple[str, str | None]:
    return group["measure"], group["of_unit"]


def _build_total(
    group: dict[str, Any],
    measure: Record,
    *,
    levels: dict[str, dict[str, Any]],
    shares: list[Share],
) -> Total:
    unit = group["of_unit"]
    can_add = unit in Unit.addable_units()
    yes_count = YesCount(group["targets"], group["yes"], group["checked_yes"])
    return Total(
        measure=measure.key,
        name=measure.name or measure.key,
        item=measure.item or {},
        unit=unit,
        label=group["label"],
        commitments=group["commitments"],
        signatories=group["signatories"],
        targets=group["targets"],
        first_promised=group["first_promised"] or Decimal(0) if can_add else None,
        promised=group["promised"] or Decimal(0) if can_add else None,
        start=group["start"] or Decimal(0) if can_add else None,
        start_unknown=group["start_unknown"] if can_add else 0,
        yes_count=yes_count if unit == Unit.YESNO else None,
        delivered=[
            _build_level(levels[level], can_add)
            for level in reversed(code_lists.LevelOfProof)
            if level in levels
        ],
        shares=shares,
    )


def _build_level(row: dict[str, Any], can_add: bool) -> Delivered:
    return Delivered(
        level=row["level"],
        commitments=row["commitments"],
        signatories=row["signatories"],
        gained=row["gained"] or Decimal(0) if can_add else None,
        gained_by=row["gained_by"],
        lost=-(row["lost"] or Decimal(0)) if can_add else None,
        lost_by=row["lost_by"],
    )
