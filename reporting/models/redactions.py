"""Redactions, which a second administrator confirms. None of them holds the redacted text."""

import uuid
from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from charter.models import Authority, User
from registry import clock, working_days
from registry.schema.code_lists import RedactionReason
from registry.schema.codes import choices_of

CONFIRM_WITHIN_DAYS = 5  # working days


class RedactionQuerySet(models.QuerySet["Redaction"]):
    def for_staff(self, user: User) -> "RedactionQuerySet":
        """Filter to redactions in records under charters that the user looks after."""
        if user.is_operator:
            return self
        own = Authority.objects.filter(staff__in=user.staff_memberships.current())
        return self.filter(authorities__in=own).distinct()

    def unconfirmed(self) -> "RedactionQuerySet":
        return self.filter(outcome="").order_by("redacted_at", "pk")


class Redaction(models.Model):
    """A redaction that one administrator made at once and a second one looks at afterwards."""

    class Outcome(models.TextChoices):
        CONFIRMED = "confirmed", "Confirmed"
        QUESTIONED = "questioned", "Questioned"
        ALONE = "alone", "Made by the only administrator"

    authorities = models.ManyToManyField("charter.Authority", related_name="+")
    keys = ArrayField(models.CharField(max_length=10), default=list)
    reason_code = models.CharField(
        max_length=40, choices=choices_of(RedactionReason.manual_reasons())
    )
    redacted_by = models.ForeignKey("charter.User", on_delete=models.PROTECT, related_name="+")
    redacted_at = models.DateTimeField()
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)
    comments = models.TextField(max_length=2_000, blank=True)
    decided_by = models.ForeignKey(
        "charter.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reminded_on = models.DateField(null=True, blank=True)

    objects = RedactionQuerySet.as_manager()

    class Meta:
        # For remind_of_unconfirmed in redaction/confirming.py.
        indexes = [
            models.Index(
                "redacted_at",
                condition=Q(outcome="", reminded_on=None),
                name="redaction_unconfirmed",
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="redaction_decided_by_a_second_person",
                condition=Q(outcome__in=["", "alone"], decided_by=None)
                | Q(outcome__in=["confirmed", "questioned"], decided_by__isnull=False)
                & ~Q(decided_by=models.F("redacted_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"Redaction in {', '.join(self.keys)}"

    @property
    def confirm_by(self) -> date:
        """Return the last day for a second administrator to confirm it."""
        redacted_on = clock.local_date(self.redacted_at)
        return working_days.working_days_after(redacted_on, CONFIRM_WITHIN_DAYS)


class RedactionTrace(models.Model):
    """What is kept of a redaction so that nothing brings the text back: places and digests.

    The ledger has a copy, so that a restore repeats the redaction. Neither holds the words.
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True)
    redacted_at = models.DateTimeField(default=clock.now)
    rows = models.JSONField(default=list, help_text="Label and number of each row with the text")
    evidence = ArrayField(models.UUIDField(), default=list)
    salt = models.CharField(max_length=32)
    digests = models.JSONField(default=dict, help_text="Of the texts it was in, by public key")
    is_in_ledger = models.BooleanField(default=False)

    class Meta:
        # For write_traces in redaction/traces.py.
        indexes = [
            models.Index("id", condition=Q(is_in_ledger=False), name="redaction_trace_unwritten")
        ]

    def __str__(self) -> str:
        return f"Redaction {self.reference}"
