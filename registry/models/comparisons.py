"""Commitments as they are compared with those of the same measure and size.

Only `registry/log/comparing.py` writes these tables; `rebuild_records` makes them again.
"""

from django.db import models


class ComparedCommitment(models.Model):
    """A readable commitment with a measure, in the columns by which it is compared."""

    key = models.CharField(max_length=10, primary_key=True)
    measure = models.CharField(max_length=10)
    size = models.CharField(max_length=20, blank=True)
    place = models.TextField(help_text="The name of its signatory in capitals")
    first_entry = models.PositiveBigIntegerField()
    share = models.CharField(
        max_length=40, blank=True, help_text="Of the way to its target; empty if it has none"
    )
    is_reporting = models.BooleanField(help_text="On the day of its states in the lists")

    class Meta:
        indexes = [
            models.Index("measure", "size", "place", "first_entry", name="compared_commitments"),
        ]

    def __str__(self) -> str:
        return self.key


class ComparisonCount(models.Model):
    """How many compared commitments of a measure and size there are with a fact.

    The empty fact is true of all, `REPORTING` of those whose updates come in; any other fact is the
    share of the way that they have done.
    """

    REPORTING = "reporting"

    pk = models.CompositePrimaryKey("measure", "size", "fact")
    measure = models.CharField(max_length=10)
    size = models.CharField(max_length=20, blank=True)
    fact = models.CharField(max_length=40, blank=True)
    # Not positive: what is added to it may be less than nothing.
    number = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.measure} {self.size} {self.fact}: {self.number}"
