"""Commitments counted by delivery, where the last report says too much once the deadline passed.

A commitment without its result is counted as that, not as it was last reported.
"""

from typing import Any

from django.db.models import Case, F, TextField, When

from registry.models import Record
from registry.schema.code_lists import Delivery, Ending
from registry.schema.codes import choices_of

# What a commitment can be counted as, in the order of sentences and tables.
LABELS = dict(choices_of(Delivery.results_first())) | dict(choices_of(Ending.without_result()))


def counted_delivery(record: Record) -> str:
    """Return the code that a commitment is counted under; its ending is that of a day."""
    return record.ending if record.ending in Ending.without_result() else record.delivery


def counted_delivery_expression() -> Case:
    """Return `counted_delivery` as an expression on commitments annotated with `ending`."""
    return Case(
        When(ending__in=Ending.without_result(), then=F("ending")),
        default=F("delivery"),
        output_field=TextField(),
    )


def count_parts(counts: dict[str, Any]) -> list[str]:
    """Return "3 met", "2 on track" and so on, without what is not there."""
    return [f"{counts[code]:,} {label.lower()}" for code, label in LABELS.items() if counts[code]]
