"""The public log: append-only entries, and the latest state of each key.

Only `registry/log/publishing.py` writes these tables; records through `registry/log/records.py`.
"""

from bisect import bisect_right
from datetime import date, datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, Upper
from django.db.models.lookups import IsNull

from registry import clock
from registry.log.canonical import published_time
from registry.log.columns import (
    counted_delivery,
    ending_on,
    from_item,
    named_keys,
    named_parent,
    state_day_on,
    state_on,
)
from registry.schema import kinds
from registry.schema.code_lists import ON_TRACK_BEFORE, Delivery, Ending, Reporting
from registry.schema.codes import CodeList


class EntryManager(models.Manager["Entry"]):
    def get_queryset(self) -> models.QuerySet["Entry"]:
        """Leave out what the public role cannot read."""
        return super().get_queryset().defer(*Entry.PRIVATE)


class Entry(models.Model):
    """A public change, ordered by number and chained by hash to the entry before.

    Its time is for readers only: it orders nothing. The table is append-only: log/append_only.py.
    """

    class Action(CodeList):
        PUBLISH = "publish", "Published"
        AMEND = "amend", "Changed"
        CORRECT = "correct", "Corrected"
        CONFIRM = "confirm", "No change reported"
        CLOSE = "close", "Closed"
        WITHDRAW = "withdraw", "Withdrawn"
        REDACT = "redact", "Redacted"

    number = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=10)
    action = models.CharField(max_length=10, choices=Action)
    item = models.TextField(  # noqa: DJ001 - a redacted item is not an empty one
        null=True, help_text="The canonical text that was hashed; NULL once redacted"
    )
    item_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    # Private, outside the hash and the ledger: who caused it. Without a foreign key, since the log
    # knows nothing of the private side.
    act = models.PositiveBigIntegerField(null=True, help_text="Number of the act that caused it")

    PRIVATE = ("act",)

    objects = EntryManager()

    class Meta:
        ordering = ["number"]
        verbose_name_plural = "entries"
        indexes = [
            # The versions of a key.
            models.Index("key", "number", name="entry_versions"),
            # The last entry of a day, and what followers are sent of some days.
            models.Index("at", "number", name="entry_times"),
            # The API's entries of a kind.
            models.Index("kind", "number", name="entry_kinds"),
            # The changes page by action, and the search for the redaction of an emptied entry.
            models.Index("action", "number", name="entry_actions"),
            # What a record is folded from: all that names it (log/whole_log.py). Without a list of
            # pending rows, so that no publication has to sort in those of thousands before it.
            GinIndex(named_keys(), name="entry_named_keys", fastupdate=False),
            # What belonged to a signatory, theme or measure by an entry, the newest first.
            *(
                models.Index(
                    named_parent(name),
                    "kind",
                    "number",
                    name=f"entry_{name}",
                    condition=Q(IsNull(named_parent(name), False)),
                )
                for name in kinds.KINDS["commitment"].shown_with
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.action} {self.key}"

    @property
    def published_at(self) -> str:
        """Return the entry's time in the form that is hashed and published."""
        return published_time(self.at)


class RecordQuerySet(models.QuerySet["Record"]):
    def of_kind(self, kind: str) -> "RecordQuerySet":
        return self.filter(kind=kind)

    def live(self) -> "RecordQuerySet":
        return self.filter(status=Record.Status.LIVE)

    def readable(self) -> "RecordQuerySet":
        """Exclude records whose text was redacted."""
        return self.exclude(status=Record.Status.REDACTED)

    def changed_since(self, since: datetime, today: date) -> "RecordQuerySet":
        """Filter to records that `Record.last_change_on` says changed at `since` or later."""
        first_day = clock.local_date(since)
        if since > clock.start_of_day(first_day):
            first_day += timedelta(days=1)
        began = {
            "state_began": state_day_on(today),
            "ending_began": state_day_on(today, "ending_days"),
        }
        return self.alias(**began).filter(
            Q(changed_at__gte=since)
            | Q(state_began__gte=first_day)
            | Q(ending_began__gte=first_day)
        )

    def with_reporting(self, today: date) -> "RecordQuerySet":
        """Annotate commitments with `reporting`, `ending` and `counted_as` as of `today`."""
        states = self.annotate(reporting=state_on(today), ending=ending_on(today))
        return states.annotate(counted_as=counted_delivery())

    def with_state(self, today: date) -> "RecordQuerySet":
        """Annotate periods with `state` as of `today`."""
        return self.annotate(state=state_on(today))


class RecordManager(models.Manager["Record"].from_queryset(RecordQuerySet)):  # type: ignore[misc]  # a class made at run time
    def get_queryset(self) -> RecordQuerySet:
        """Leave out the text for answers, which is longer than all that pages read."""
        records: RecordQuerySet = super().get_queryset().defer("document")
        return records


class Record(models.Model):
    """The latest state of a key: its item, generated columns, and columns folded from entries."""

    class Status(CodeList):
        LIVE = "live", "Open"
        CLOSED = "closed", "Closed"
        WITHDRAWN = "withdrawn", "Withdrawn"
        REDACTED = "redacted", "Redacted"

    key = models.CharField(max_length=10, primary_key=True)
    kind = models.CharField(max_length=20)
    version = models.PositiveIntegerField(help_text="From 1; redactions do not count")
    entry = models.PositiveBigIntegerField(help_text="Number of the key's latest entry")
    first_entry = models.PositiveBigIntegerField(
        help_text="Number of the key's first entry; lists are in its order"
    )
    status = models.CharField(max_length=10, choices=Status)
    published_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    ended_on = models.DateField(null=True, help_text="The day it was closed or withdrawn")
    item = models.JSONField(null=True, help_text="NULL when redacted and not yet corrected")
    structure = models.JSONField(
        null=True, help_text="What stays of a redacted item: keys, codes, dates and numbers"
    )
    redactions = models.JSONField(default=list)
    # Filled by log/last_change.py.
    changed_entry = models.PositiveBigIntegerField(
        help_text="Number of the latest entry that changed what is shown"
    )
    changed_at = models.DateTimeField(help_text="When that entry was published")

    # Generated from the item.
    charter = from_item("charter")
    theme = from_item("theme")
    measure = from_item("measure")
    signatory = from_item("signatory")
    commitment = from_item("commitment")
    code = from_item("code")
    from_on = from_item("from")
    name = models.GeneratedField(
        expression=Coalesce(KT("item__trading_name"), KT("item__legal_name"), KT("item__title")),
        output_field=models.TextField(),
        db_persist=True,
    )

    # Folded from other entries by log/folding.py; empty for kinds without them.
    delivery = models.CharField(
        max_length=20, blank=True, help_text="Of commitments: the first of the two facts"
    )
    level_of_proof = models.CharField(max_length=30, blank=True)
    latest = models.JSONField(null=True, help_text="The latest published update in short")
    progress = models.JSONField(null=True, help_text="The latest figure beside the target")
    original = models.JSONField(null=True, help_text="What was first promised")
    weakenings = models.JSONField(default=list)
    superseded_by = models.CharField(max_length=10, blank=True)
    ended_unanswered = models.JSONField(
        null=True, help_text="The update still missing when the membership ended"
    )
    signatory_standing = models.CharField(max_length=20, blank=True)
    signatory_standing_since = models.DateField(null=True)
    last_heard_on = models.DateField(null=True)
    next_due_on = models.DateField(null=True)
    open_due_on = models.DateField(null=True, help_text="The oldest due date without an answer")
    overdue_on = models.DateField(
        null=True, help_text="When that update became, or will become, overdue"
    )
    silent_on = models.DateField(null=True)
    states = ArrayField(
        models.CharField(max_length=20),
        default=list,
        help_text="Of commitments and periods: the reporting state before, between and after "
        "`state_days`",
    )
    state_days = ArrayField(
        models.DateField(), default=list, help_text="The days on which the state changes"
    )

    endings = ArrayField(
        models.CharField(max_length=20),
        default=list,
        help_text="Of commitments: the ending before, between and after `ending_days`",
    )
    ending_days = ArrayField(
        models.DateField(), default=list, help_text="The days on which the ending changes"
    )
    document = models.TextField(
        help_text="Its open data form, made of the columns above by log/documents.py"
    )

    # Set by folding: the folded entries that changed what is shown, in their order.
    changed_entries: list[int]
    # Annotated by with_reporting() and with_state().
    reporting: str
    ending: str
    state: str

    objects = RecordManager()

    class Meta:
        indexes = [
            # Lists of a kind in the order of first publication, and their pages.
            models.Index("kind", "first_entry", name="record_walk"),
            # The pages of a signatory and of a theme, and the updates on a commitment.
            models.Index("signatory", "kind", name="record_signatory"),
            models.Index("theme", "kind", name="record_theme"),
            models.Index("commitment", "kind", name="record_commitment"),
            # Signatories by name.
            models.Index(
                Upper("name"), "key", name="record_signatory_order", condition=Q(kind="signatory")
            ),
            # Whose commitments a signatory has taken over.
            models.Index(
                KT("item__successor"), name="record_successors", condition=Q(kind="signatory")
            ),
            # Notices about a record, and of a type.
            models.Index(
                KT("item__about"), name="record_notices_about", condition=Q(kind="notice")
            ),
            models.Index(
                KT("item__type"),
                "first_entry",
                name="record_notice_types",
                condition=Q(kind="notice"),
            ),
            # The updates that became overdue or silent last.
            models.Index("overdue_on", name="record_overdue_periods", condition=Q(kind="period")),
            models.Index("silent_on", name="record_silent_periods", condition=Q(kind="period")),
            # Notes of redactions beside records of the past.
            models.Index("key", name="record_redacted", condition=~Q(redactions=[])),
            # Filters on lists in the item: places, and the commitments of a success.
            GinIndex(OpClass("item", name="jsonb_path_ops"), name="record_item"),
        ]

    def __str__(self) -> str:
        return f"{self.key} version {self.version}"

    def state_on(self, day: date) -> str:
        """Return the reporting state of a commitment or period on a day; "" for other kinds."""
        return self.states[bisect_right(self.state_days, day)] if self.states else ""

    def ending_on(self, day: date) -> str:
        """Return the ending of a commitment on a day; "" for other kinds."""
        return self.endings[bisect_right(self.ending_days, day)] if self.endings else ""

    def set_states(self, day: date) -> None:
        """Set the states that follow from the dates on a day, as `with_reporting` does in SQL."""
        self.reporting = self.state = self.state_on(day)
        self.ending = self.ending_on(day)

    @property
    def counted_delivery(self) -> str:
        """Return what a commitment is counted as on the day of its states.

        Without its result that is its ending, and it is on track only while its reports come.
        """
        if self.ending in Ending.without_result():
            return self.ending
        is_old = self.reporting != Reporting.UP_TO_DATE
        return ON_TRACK_BEFORE if is_old and self.delivery == Delivery.ON_TRACK else self.delivery

    def last_change_on(self, day: date) -> datetime:
        """Return when what is shown on a day last changed: by an entry, or by a date."""
        begun = [on for on in (*self.state_days, *self.ending_days) if on <= day]
        return max([self.changed_at, *map(clock.start_of_day, begun)])
