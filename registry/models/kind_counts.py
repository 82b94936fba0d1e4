"""How many records and entries there are of each kind, so that nobody has to count them.

Only `registry/log/kind_counts.py` writes this table; `rebuild_records` makes it again.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Sum


class KindCountQuerySet(models.QuerySet["KindCount"]):
    def total(self, kinds: Iterable[str], tags: Iterable[str] = ("",)) -> int:
        """Return how many records of some kinds have any of some tags of one name. One query."""
        found = self.filter(kind__in=list(kinds), tag__in=list(tags))
        number: int = found.aggregate(number=Sum("number", default=0))["number"]
        return number

    def by_value(self, kind: str, name: str) -> dict[str, int]:
        """Return how many records of a kind have each value of a tag. One query."""
        found = self.filter(kind=kind, tag__startswith=f"{name}:").values_list("tag", "number")
        return {tag.partition(":")[2]: number for tag, number in found}

    def published_before(self, kind: str, day: date) -> int:
        """Return how many records of a kind were first published before a day.

        One query, which reads a row for each day with a first publication.
        """
        found = self.filter(kind=kind, tag=KindCount.PUBLISHED, on__lt=day)
        number: int = found.aggregate(number=Sum("number", default=0))["number"]
        return number

    def period_states(self, day: date) -> dict[str, int]:
        """Return how many readable periods, due by a day, are in each state on that day.

        One query, which reads a row for each state and day on which a period changed.
        """
        moves: Any = self.filter(kind="period", tag__startswith="state:", on__lte=day)
        states = moves.values_list("tag").annotate(number=Sum("number")).order_by()
        return {tag.partition(":")[2]: number for tag, number in states if number}

    def listed_since(self, day: date) -> dict[str, int]:
        """Return how many entries of a day or later are in each `EntryList`.

        One query, which reads a row for each list and day with such an entry.
        """
        listed: Any = self.filter(kind=KindCount.ENTRIES, on__gte=day)
        counts = listed.values_list("tag").annotate(number=Sum("number")).order_by()
        return {tag.partition(":")[2]: number for tag, number in counts}


class KindCount(models.Model):
    """The number of records of a kind that have a tag, a filter's name and value; "" is on all.

    `entry:amend` counts entries. `published` has one row for each day: how many were first public
    on it. `state:due` counts periods by day: how many came into the state, less those that left.
    Of `ENTRIES`, `list:weakened` counts the entries of each day in a list.
    """

    UNDATED = date(1, 1, 1)
    PUBLISHED = "published"
    ENTRIES = "entries"  # The kind that stands for entries of all kinds.

    pk = models.CompositePrimaryKey("kind", "tag", "on")
    kind = models.CharField(max_length=20)
    tag = models.CharField(max_length=60)
    on = models.DateField(help_text="UNDATED for what no day changes")
    # Not positive: more may leave a state on a day than come into it.
    number = models.IntegerField()

    objects = KindCountQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.kind} {self.tag}: {self.number}"
