"""Totals of promised and delivered figures, by the published rules.

Only values of the same measure and unit are added, and only if the measure's aggregation allows it.
Percentages, proxy pounds, yes or no and text are counted, never added. Levels of proof are never
added together. Withdrawn and replaced commitments are left out, so that none counts twice.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, Max, Q, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from registry.models import Record, RecordQuerySet
from registry.schema import code_lists

NON_ADDABLE_UNITS = {"percent", "gbp_proxy", "yesno", "text"}
ADDABLE_AGGREGATIONS = {"sum", "latest"}


@dataclass(frozen=True)
class Delivered:
    """Figures to date at one level of proof; `value` is None if they cannot be added."""

    level: str
    value: Decimal | None
    commitments: int
    signatories: int


@dataclass(frozen=True)
class Total:
    """The total of one measure and unit; `committed` and `started` are None if not added."""

    measure: str
    name: str
    item: dict[str, Any]
    unit: str | None
    label: str | None
    commitments: int
    signatories: int
    targets: int
    committed: Decimal | None
    started: Decimal | None
    delivered: list[Delivered] = field(default_factory=list)

    @property
    def without_figure(self) -> int:
        """Return the number of commitments without a figure."""
        return self.commitments - sum(level.commitments for level in self.delivered)


def countable_commitments(commitments: RecordQuerySet) -> RecordQuerySet:
    """Exclude withdrawn, redacted and replaced commitments."""
    return commitments.exclude(status__in=[Record.Status.WITHDRAWN, Record.Status.REDACTED]).filter(
        superseded_by=""
    )


def excluded_counts(commitments: RecordQuerySet) -> dict[str, int]:
    """Return the number of excluded commitments by reason. One query."""
    return commitments.readable().aggregate(
        withdrawn=Count("key", filter=Q(status=Record.Status.WITHDRAWN)),
        replaced=Count("key", filter=~Q(superseded_by="") & ~Q(status=Record.Status.WITHDRAWN)),
    )


def totals_by_measure(commitments: RecordQuerySet) -> list[Total]:
    """Return one total per measure and unit, ordered by measure code. Three queries."""
    countable = (
        countable_commitments(commitments)
        .filter(measure__isnull=False)
        .annotate(of_unit=KT("item__unit"))
    )
    groups: Any = list(
        countable.values("measure", "of_unit").annotate(
            label=Max(KT("item__unit_label")),
            commitments=Count("key"),
            signatories=Count("signatory", distinct=True),
            targets=Count(KT("item__target__value")),
            committed=_decimal_sum("item__target__value"),
            started=_decimal_sum("item__baseline__value"),
        )
    )
    levels: Any = (
        countable.filter(progress__isnull=False)
        .annotate(level=KT("progress__level_of_proof"))
        .values("measure", "of_unit", "level")
        .annotate(
            commitments=Count("key"),
            signatories=Count("signatory", distinct=True),
            value=_decimal_sum("progress__value"),
        )
    )
    delivered: dict[tuple[str, str | None], dict[str, dict[str, Any]]] = {}
    for row in levels:
        delivered.setdefault((row["measure"], row["of_unit"]), {})[row["level"]] = row
    measures = Record.objects.in_bulk([group["measure"] for group in groups])
    groups.sort(key=lambda group: ((measures[group["measure"]].code or ""), group["of_unit"] or ""))
    return [
        _build_total(group, measures[group["measure"]], delivered.get(_group_key(group), {}))
        for group in groups
    ]


def _decimal_sum(path: str) -> Sum:
    return Sum(Cast(KT(path), DecimalField(max_digits=20, decimal_places=3)))


def _group_key(group: dict[str, Any]) -> tuple[str, str | None]:
    return group["measure"], group["of_unit"]


def _build_total(
    group: dict[str, Any], measure: Record, levels: dict[str, dict[str, Any]]
) -> Total:
    item = measure.item or {}
    can_add = (
        item.get("aggregation") in ADDABLE_AGGREGATIONS
        and group["of_unit"] not in NON_ADDABLE_UNITS
    )
    return Total(
        measure=measure.key,
        name=measure.name or measure.key,
        item=item,
        unit=group["of_unit"],
        label=group["label"],
        commitments=group["commitments"],
        signatories=group["signatories"],
        targets=group["targets"],
        committed=group["committed"] if can_add else None,
        started=group["started"] if can_add else None,
        delivered=[
            Delivered(
                level,
                levels[level]["value"] if can_add else None,
                levels[level]["commitments"],
                levels[level]["signatories"],
            )
            for level in reversed(code_lists.LevelOfProof)
            if level in levels
        ],
    )
