"""Reporting periods, and a signatory's private calendar address."""

import secrets
from dataclasses import replace
from datetime import date
from functools import partial

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import (
    ArrayField,
    DateRangeField,
    RangeBoundary,
    RangeOperators,
)
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q

from charter.models import Commitment, Signatory, User
from charter.models.people import looked_after_by
from registry.log import keys
from registry.log.reporting import PeriodFacts
from reporting import schedule


class Days(Func):
    """The range of days between two dates, both ends included."""

    function = "DATERANGE"
    output_field = DateRangeField()


class ReportingPeriodQuerySet(models.QuerySet["ReportingPeriod"]):
    def for_staff(self, user: User) -> "ReportingPeriodQuerySet":
        """Filter to periods under charters that the user looks after."""
        return self.filter(looked_after_by(user, "commitment__signatory__charter__authority"))

    def owed(self) -> "ReportingPeriodQuerySet":
        """Filter to periods that need an update.

        Left out are those with an update, an excuse, or a later period with an update.
        """
        later_updates = self.model.objects.filter(
            commitment=OuterRef("commitment"),
            starts_on__gt=OuterRef("starts_on"),
            received_on__isnull=False,
        )
        return self.filter(~Exists(later_updates), received_on=None, excused_reason="")

    def oldest_owed(self) -> "ReportingPeriodQuerySet":
        """Filter to the oldest owed period of each commitment."""
        earlier_owed = self.model.objects.owed().filter(
            commitment=OuterRef("commitment"), starts_on__lt=OuterRef("starts_on")
        )
        return self.owed().filter(~Exists(earlier_owed))

    def of_open_commitments(self) -> "ReportingPeriodQuerySet":
        """Filter to periods of open commitments, by signatories that have not left."""
        return self.filter(
            commitment__in=Commitment.objects.open(), commitment__signatory__left_on=None
        )

    def not_paused(self, day: date) -> "ReportingPeriodQuerySet":
        """Exclude periods of signatories whose reporting is paused on a day."""
        return self.exclude(commitment__signatory__in=Signatory.objects.paused_on(day))


class ReportingPeriod(keys.KeyedRow):
    """The time covered by one update, which is due on the day after its end.

    The last one, `is_final`, ends with the commitment and waits for the final update, which is due
    some weeks later. Updates sent before the deadline do not settle it.
    """

    key = models.CharField(max_length=10, unique=True, default=partial(keys.new_key, "period"))
    commitment = models.ForeignKey(
        "charter.Commitment", on_delete=models.PROTECT, related_name="periods"
    )
    starts_on = models.DateField()
    ends_on = models.DateField()
    due_on = models.DateField()
    is_final = models.BooleanField(
        default=False, help_text="Only the final update settles it: the last, or finished early"
    )
    received_on = models.DateField(
        null=True, blank=True, help_text="The day the signatory sent its update"
    )
    excused_reason = models.CharField(max_length=300, blank=True)
    steps = ArrayField(
        models.SmallIntegerField(),
        default=list,
        help_text="The charter's ladder when the period began: days relative to the due date",
    )

    # The day of the first reminder after the due date, once `requests.note_requests` has read it.
    requested_on: date | None = None

    objects = ReportingPeriodQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on"]
        indexes = [
            # For the reminder query.
            models.Index(
                "due_on", condition=Q(received_on=None, excused_reason=""), name="period_unanswered"
            ),
        ]
        constraints = [
            models.UniqueConstraint("commitment", "starts_on", name="period_starts_once"),
            models.CheckConstraint(
                name="period_ends_after_start", condition=Q(ends_on__gte=F("starts_on"))
            ),
            models.CheckConstraint(
                name="period_due_after_end", condition=Q(due_on__gt=F("ends_on"))
            ),
            ExclusionConstraint(
                name="period_no_overlap",
                expressions=[
                    ("commitment", RangeOperators.EQUAL),
                    (
                        Days("starts_on", "ends_on", RangeBoundary(inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.starts_on} to {self.ends_on}"

    @property
    def organisation_id(self) -> int:
        return self.commitment.signatory.organisation_id

    @property
    def update_owner_id(self) -> int | None:
        return self.commitment.update_owner_id

    def facts_on(self, day: date) -> PeriodFacts:
        """Return the facts for the reporting rule on a day, as if our emails arrive.

        Before the first reminder after the due date, as if that is sent on its day, or today.
        """
        signatory = self.commitment.signatory
        return PeriodFacts(
            due_on=self.due_on,
            overdue_after_days=signatory.charter.overdue_after_days,
            silent_after_days=signatory.charter.silent_after_days,
            absence=replace(signatory.absence, unreachable_since=None, no_contact_since=None),
            requested_on=self.requested_on or self._expected_request(day),
            is_excused=bool(self.excused_reason),
            received_on=self.received_on,
        )

    def _expected_request(self, day: date) -> date | None:
        late_steps = [step for step in self.steps if step > 0]
        if not late_steps:
            return None
        return max(day, schedule.sending_day(self, min(late_steps)))

    @property
    def ends_commitment(self) -> bool:
        """Return True if the commitment's deadline is on or before the last day."""
        deadline = self.commitment.end_on
        return deadline is not None and deadline <= self.ends_on


class CalendarAddress(models.Model):
    """The private address of a signatory's calendar of due dates."""

    signatory = models.OneToOneField(
        "charter.Signatory", on_delete=models.CASCADE, related_name="calendar_address"
    )
    token = models.CharField(max_length=64, unique=True, default=secrets.token_urlsafe)

    def __str__(self) -> str:
        return f"Calendar of {self.signatory}"
