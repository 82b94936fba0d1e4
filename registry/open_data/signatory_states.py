"""How many commitments of a signatory have each state on a day that its row is not of."""

from collections import Counter
from datetime import date
from typing import Any

from registry.models import ListedCommitment

COUNTED = ("reporting", "counted_as")


def moved_states(day: date) -> dict[str, Counter[str]]:
    """Return the counts, as `ListedSignatory.counts` has them, where stored states are of other
    days.

    One query, and two more until the states are those of the day: then the commitments of all these
    signatories are read.
    """
    listed = ListedCommitment.objects
    if listed.are_of(day):
        return {}
    moved = listed.of_another_day(day).values_list("signatory", flat=True).distinct()
    counts: dict[str, Counter[str]] = {key: Counter() for key in moved}
    commitments: Any = listed.readable().on(day, is_stored=False).filter(signatory__in=list(counts))
    for signatory, tags in commitments.values_list("signatory", "day_tags"):
        counts[signatory].update(["", *(tag for tag in tags if tag.split(":")[0] in COUNTED)])
    return counts
