"""Commitments as lists find them, and how many there are of each kind.

Only `registry/log/listing.py` writes these tables, from the records; `rebuild_records` makes them
again. A tag is a filter's name and a value: `theme:T-7F3K2`, `reporting:silent`.
"""

from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Case, F, Func, Max, Min, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Concat, Upper

from registry.models.log import Record
from registry.schema.code_lists import Delivery, LevelOfProof, Reporting
from registry.schema.measure_codes import Unit

# They sort commitments without a date last; NULL could not be compared with a page's position.
NEVER, LONG_AGO = date(9999, 12, 31), date(1, 1, 1)
AMOUNT: dict[str, Any] = {"max_digits": 24, "decimal_places": 3}
# Sorts commitments without a number last.
PROMISED_OR_LEAST = Coalesce(
    F("promised"), Value(Decimal(-(10**15))), output_field=models.DecimalField(**AMOUNT)
)
# Filters whose values depend on the day, in the order of `state_tags`.
STATE_TAGS = ("reporting", "ending", "counted_as")
LATE_TAGS = [f"reporting:{state}" for state in Reporting.late_states()]
# Met, and not only by its signatory's word.
IS_PROVEN = Q(tags__contains=[f"delivery:{Delivery.MET}"]) & ~Q(
    tags__contains=[f"level_of_proof:{LevelOfProof.SELF_REPORTED}"]
)
# A row of a table of counts or sums that nothing is left in is deleted at once.
IS_EMPTY = Q(number=0)


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
    search = SearchVectorField(help_text="Its words, as `search_vectors.py` weighs them")
    tags = ArrayField(
        models.TextField(), help_text="What it is filtered by; places with all that they are in"
    )
    state_tags = ArrayField(models.TextField(), help_text="The same, of the days given beside")
    states_since = models.DateField(null=True, help_text="NULL without an earlier state")
    states_until = models.DateField(null=True, help_text="The day of the next state, if any")
    counted_tags = ArrayField(
        models.TextField(), help_text="What it is counted by, though no filter finds it by them"
    )
    due_on = models.DateField(help_text="Next due date of an open commitment, or NEVER")
    heard_on = models.DateField(help_text="Last heard on, or LONG_AGO")
    missing_since = models.DateField(help_text="The oldest due date without an answer, or NEVER")

    # What totals add up, as `progress` of the record has it.
    measure = models.CharField(max_length=10, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    is_countable = models.BooleanField(help_text="Neither withdrawn nor replaced")
    has_target = models.BooleanField()
    is_yes = models.BooleanField()
    proof = models.CharField(max_length=30, blank=True, help_text="Of its figure; empty without")
    first_promised = models.DecimalField(
        **AMOUNT, null=True, help_text="NULL if it replaces one of the same measure"
    )
    promised = models.DecimalField(**AMOUNT, null=True)
    start = models.DecimalField(**AMOUNT, null=True)
    delivered = models.DecimalField(**AMOUNT, null=True)

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
            # The late ones, longest overdue first.
            models.Index(
                "missing_since",
                "key",
                name="listed_late",
                condition=Q(state_tags__0__in=LATE_TAGS),
            ),
            # The shares of a measure in per cent, which are listed and not added up.
            models.Index(
                "measure", "first_entry", name="listed_shares", condition=Q(unit=Unit.PERCENT)
            ),
            # Those of a measure, most promised first.
            models.Index(
                F("measure"), PROMISED_OR_LEAST.desc(), F("first_entry").desc(), name="listed_size"
            ),
            # The newest proven one of a measure, which its page gives as an example.
            models.Index("measure", "first_entry", name="listed_proven", condition=IS_PROVEN),
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

    class Meta:
        indexes = [models.Index("number", name="tag_count_empty", condition=IS_EMPTY)]

    def __str__(self) -> str:
        return f"{self.given or 'all'} and {self.tag or 'all'}: {self.number}"


class TagSum(models.Model):
    """The sums of readable commitments with a tag, of one measure and unit.

    With a level of proof they are of countable commitments with a figure of that level. Without a
    measure the row counts all commitments with the tag; `ANY_MEASURE` those that are countable and
    have one. `registry.open_data.totals` says what is added.
    """

    ANY_MEASURE = "*"
    # The given tags: a page of each shows totals. The empty tag is on all commitments.
    GIVEN = ("", "theme", "measure", "area")

    pk = models.CompositePrimaryKey("given", "measure", "unit", "level")
    given = models.TextField()
    measure = models.CharField(max_length=10, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    level = models.CharField(max_length=30, blank=True)
    number = models.IntegerField(help_text="Withdrawn and replaced commitments, too")
    commitments = models.IntegerField(help_text="Countable ones")
    signatories = models.IntegerField(help_text="Different ones of those counted")
    targets = models.IntegerField()
    first_promised = models.DecimalField(**AMOUNT)
    promised = models.DecimalField(**AMOUNT)
    start = models.DecimalField(**AMOUNT)
    start_unknown = models.IntegerField()
    yes = models.IntegerField()
    gained = models.DecimalField(**AMOUNT)
    gained_by = models.IntegerField()
    lost = models.DecimalField(**AMOUNT)
    lost_by = models.IntegerField()

    class Meta:
        indexes = [models.Index("number", name="tag_sum_empty", condition=IS_EMPTY)]

    def __str__(self) -> str:
        return f"{self.given or 'all'}, {self.measure or 'all'}: {self.number}"


class TagSignatory(models.Model):
    """How many commitments of a signatory a `TagSum` counts: with none left it loses one."""

    pk = models.CompositePrimaryKey("given", "measure", "unit", "level", "signatory")
    given = models.TextField()
    measure = models.CharField(max_length=10, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    level = models.CharField(max_length=30, blank=True)
    signatory = models.CharField(max_length=10)
    number = models.IntegerField()

    class Meta:
        indexes = [models.Index("number", name="tag_signatory_empty", condition=IS_EMPTY)]

    def __str__(self) -> str:
        return f"{self.given or 'all'}, {self.signatory}: {self.number}"
