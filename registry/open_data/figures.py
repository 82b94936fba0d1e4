"""All figures of some commitments: those that the log keeps for a tag, or added up of some rows."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connections, router

from registry.log.counting import COUNTED_TABLES
from registry.models import ListedCommitment, TagSum
from registry.open_data.counts import count_tags, read_kept_counts

MOST_ADDED = 2000
STORED = [field.attname for field in ListedCommitment._meta.concrete_fields]


@dataclass(frozen=True)
class Figures:
    """How many of some commitments have each tag, and their sums, as `TagSum` has them.

    `listed` finds the commitments, with `day_tags`; `is_partial` says that only the newest
    `MOST_ADDED` are counted.
    """

    counts: Counter[str]
    sums: Sequence[Mapping[str, Any]]
    listed: Any  # A queryset, which has annotations.
    is_partial: bool = False

    @property
    def total(self) -> int:
        return self.counts[""]

    @property
    def signatories(self) -> int:
        """Return the number of different signatories."""
        return sum(row["signatories"] for row in self.sums if not row["measure"])

    def values_of(self, name: str) -> dict[str, int]:
        """Return how many have each value of a tag with this name."""
        prefix = f"{name}:"
        return {
            tag.removeprefix(prefix): number
            for tag, number in self.counts.items()
            if tag.startswith(prefix)
        }


def kept_figures(given: str, day: date) -> Figures:
    """Return the figures of all readable commitments with a tag on a day. Three queries.

    The tag is empty, for all commitments, or one of those that `TagSum` is given.
    """
    is_stored = ListedCommitment.objects.are_of(day)
    listed = ListedCommitment.objects.readable().on(day, is_stored=is_stored)
    listed = listed.filter(tags__contains=[given]) if given else listed
    return Figures(
        counts=read_kept_counts([given]) if is_stored else count_tags(listed),
        sums=list(TagSum.objects.filter(given=given).values()),
        listed=listed,
    )


def count_signatories(given: Iterable[str]) -> dict[str, int]:
    """Return how many different signatories have commitments with each tag. One query."""
    sums = TagSum.objects.filter(given__in=list(given), measure="")
    return dict(sums.values_list("given", "signatories"))


def added_figures(matches: Any) -> Figures:
    """Return the figures of the newest of some listed commitments, with `day_tags`. Two queries."""
    newest = matches.order_by("-first_entry")[:MOST_ADDED]
    counts = count_tags(newest)
    rows, parameters = newest.values(*STORED).query.sql_with_params()
    with connections[router.db_for_read(ListedCommitment)].cursor() as cursor:
        cursor.execute(
            f"""WITH registry_listedcommitment AS ({rows}), {COUNTED_TABLES}
            SELECT * FROM registry_tagsum WHERE given = ''""",  # noqa: S608
            parameters,
        )
        names = [column.name for column in cursor.description]
        sums = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return Figures(counts, sums, matches, is_partial=counts[""] == MOST_ADDED)
