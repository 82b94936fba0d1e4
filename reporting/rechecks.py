"""Which commitments a scheduled task looks at, and on which day it looks at them again."""

from collections.abc import Collection, Mapping
from datetime import date

from django.db import transaction

from reporting.models import Recheck


@transaction.atomic
def finish(looked_at: Collection[int], task: str, next_days: Mapping[int, date]) -> None:
    """Remove the rows that a task has looked at, and add the next day of each commitment.

    What changes meanwhile adds rows of its own, so nothing is lost. Idempotent. Two runs add their
    rows in the same order, so that neither waits for the other for ever.
    """
    Recheck.objects.filter(pk__in=looked_at).delete()
    Recheck.objects.bulk_create(
        (Recheck(task=task, commitment_id=pk, day=day) for pk, day in sorted(next_days.items())),
        ignore_conflicts=True,
    )


def note_earliest(days: dict[int, date], commitment: int, day: date, *, after: date) -> None:
    """Keep the earliest day of a commitment that is later than a day."""
    if day > after:
        days[commitment] = min(day, days.get(commitment, day))
