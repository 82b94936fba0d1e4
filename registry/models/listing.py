"""Commitments as lists find them, and how many there are of each kind.

Only `registry/log/listing.py` writes these tables, from the records; `rebuild_records` makes them
again. A tag is a filter's name and a value: `theme:T-7F3K2`, `reporting:silent`.
"""

from datetime import date
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Case, F, Func, Max, Min, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Concat, Upper

from registry.models.log import Record

# They sort commitments without a date last; NULL could not be compared with a page's position.
NEVER, LONG_AGO = date(9999, 12, 31), date(1, 1, 1)
# Filters whose values depend on the day, in the order of `state_tags`.
STATE_TAGS = ("reporting", "ending", "counted_as")


class ListedCommitmentQuerySet(models.QuerySet["ListedCommitment"]):
    def readable(self) -> Self:
        """Exclude commitments whose text was redacted."""
        return self.exclude(status=Record.Status.REDACTED)

    def are_of(self, day: date) -> bool:
        """Return whether the states stored in all rows are those of a day. Two rows read."""
        days = self.aggregate(next=Min("states_until"), last=Max("states_since"))
        return (days["next"] is None or days["next"] > day) and (
            days["last"] is None or days["last"] <= day
        )

    def of_another_day(self, day: date) -> Self:
        """Filter to commitments whose stored states are not those of a day."""
        return self.filter(_is_of_another(day))

    def on(self, day: date, *, is_stored: bool) -> Self:
        """Annotate `day_tags`: the stored states, or where they are not of the day the records'."""
        if is_stored:
            return self.annotate(day_tags=F("state_tags"))
        record = Record.objects.with_reporting(day).filter(key=OuterRef("key"))
        tags = Func(
            *(Concat(Value(f"{name}:"), name) for name in STATE_TAGS),
            template="ARRAY[%(expressions)s]",
            output_field=ArrayField(models.TextField()),
        )
        of_the_day = Subquery(record.annotate(tags=tags).values("tags"))
        return self.annotate(
            day_tags=Case(When(_is_of_another(day), then=of_the_day), default=F("state_tags"))
        )


def _is_of_another(day: date) -> Q:
    return Q(states_until__lte=day) | Q(states_since__gt=day)


class ListedCommitment(models.Model):
    """A commitment in the columns by which lists filter, sort and search, and no others.

    The records of all kinds share one wide table; this one is read quickly.
    """

    key = models.CharField(max_length=10, primary_key=True)
    first_entry = models.PositiveBigIntegerField()
    status = models.CharField(max_length=10, choices=Record.Status)
    signatory = models.CharField(max_length=10, blank=True)
    signatory_name = models.TextField(blank=True)
    name = models.TextField(blank=True)
    search = SearchVectorField(help_text="Its own words, and its signatory's with the weight C")
    tags = ArrayField(
        models.TextField(), help_text="What it is filtered by; places with all that they are in"
    )
    state_tags = ArrayField(models.TextField(), help_text="The same, of the days given beside")
    states_since = models.DateField(null=True, help_text="NULL without an earlier state")
    states_until = models.DateField(null=True, help_text="The day of the next state, if any")
    due_on = models.DateField(help_text="Next due date of an open commitment, or NEVER")
    heard_on = models.DateField(help_text="Last heard on, or LONG_AGO")

    objects = ListedCommitmentQuerySet.as_manager()

    class Meta:
        indexes = [
            # The sort orders.
            models.Index("first_entry", name="listed_newest"),
            models.Index(F("due_on"), F("first_entry").desc(), name="listed_due"),
            models.Index("heard_on", "first_entry", name="listed_heard"),
            models.Index("signatory", "first_entry", name="listed_signatory"),
            # Newest first with one state: these commitments are often old.
            *(
                models.Index(F(f"state_tags__{position}"), F("first_entry"), name=f"listed_{name}")
                for position, name in enumerate(STATE_TAGS)
            ),
            # All other filters, together. Written at once: a list of pending entries is read whole.
            GinIndex("tags", name="listed_tags", fastupdate=False),
            GinIndex("search", name="listed_search", fastupdate=False),
            GinIndex(
                OpClass(Upper("name"), name="gin_trgm_ops"),
                name="listed_name_trigrams",
                fastupdate=False,
            ),
            # Which states are of another day.
            models.Index("states_until", name="listed_states_until"),
            models.Index("states_since", name="listed_states_since"),
        ]

    def __str__(self) -> str:
        return self.key


class TagCount(models.Model):
    """The number of readable commitments with both of two tags; the empty tag is on all of them.

    `REDACTED` counts the others. States are those stored in the rows.
    """

    REDACTED = "redacted"

    pk = models.CompositePrimaryKey("given", "tag")
    given = models.TextField()
    tag = models.TextField()
    # Not positive: what is added to it may be less than nothing.
    number = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.given or 'all'} and {self.tag or 'all'}: {self.number}"
