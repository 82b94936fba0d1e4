"""The register over time: how many commitments there were of each kind on each day.

Only `registry/log/history.py` writes these tables, from the entries; `rebuild_records` makes them
again.
"""

from collections.abc import Iterable
from datetime import date

from django.db import models
from django.db.models import Sum


class Counted(models.TextChoices):
    """What is counted of commitments on a day. Several fit one commitment."""

    REGISTERED = "registered", "Registered"
    # Neither closed nor withdrawn: its updates are due, its final update too.
    OPEN = "open", "Open"
    # Closed or withdrawn, or past the deadline without a published result.
    ENDED = "ended", "Ended"
    MET = "met", "Ended and met"
    PARTLY_MET = "partly_met", "Ended and partly met"
    NOT_MET = "not_met", "Ended and not met"
    WITHDRAWN = "withdrawn", "Withdrawn"
    NO_RESULT = "no_result", "Ended without a result"
    NOT_STARTED = "not_started", "Not started"
    WEAKENED = "weakened", "Weakened"
    LATE = "late", "Updates not received"
    SILENT = "silent", "Silent"


class CommitmentHistory(models.Model):
    """The days on which a commitment began to be counted differently.

    A step is a day, the tags it has and what it is counted as, or neither: nothing of it can be
    read. Tags are its charter, theme, signatory and places, and the empty tag of all commitments.
    """

    key = models.CharField(max_length=10, primary_key=True)
    steps = models.JSONField(help_text="[[day, [tag, …], [what is counted, …]], …]")

    def __str__(self) -> str:
        return f"{self.key}: {len(self.steps)} steps"


class DayCountQuerySet(models.QuerySet["DayCount"]):
    def by_day(self, given: str, until: date) -> list[tuple[str, date, int]]:
        """Return the changes of each count of a tag until a day, in their order. One query.

        It reads a row for each day on which one changed.
        """
        found = self.filter(given=given, on__lte=until).exclude(number=0).order_by("on", "counted")
        return list(found.values_list("counted", "on", "number"))

    def on_day(self, given: Iterable[str], day: date) -> dict[tuple[str, str], int]:
        """Return what was counted on a day, by tag and `Counted`. One query, as `by_day`."""
        found = self.filter(given__in=list(given), on__lte=day).order_by()
        rows = found.values_list("given", "counted").annotate(Sum("number"))
        return {(tag, counted): number for tag, counted, number in rows}


class DayCount(models.Model):
    """How many commitments with a tag came to be counted on a day, less those that no longer were.

    The sum until a day is what the register said on that day. Days to come have rows, too: a
    commitment becomes silent without an entry.
    """

    pk = models.CompositePrimaryKey("given", "counted", "on")
    given = models.TextField()
    counted = models.CharField(max_length=20, choices=Counted)
    on = models.DateField()
    # Not positive: more may go on a day than come.
    number = models.IntegerField()

    objects = DayCountQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.given or 'all'}, {self.counted} on {self.on}: {self.number}"
