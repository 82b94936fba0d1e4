"""Reminders, and the council's decisions to stop them."""

from django.db import models
from django.db.models import Q

from charter.models import User
from charter.models.people import looked_after_by
from reporting.models.periods import ReportingPeriod


class Reminder(models.Model):
    """One reminder step for one contact and period, claimed before anything is sent."""

    membership = models.ForeignKey(
        "charter.Membership", on_delete=models.CASCADE, related_name="reminders"
    )
    period = models.ForeignKey(ReportingPeriod, on_delete=models.CASCADE, related_name="reminders")
    due_on = models.DateField(help_text="The due date then; an extended one is asked for again")
    step = models.SmallIntegerField(help_text="Days relative to the due date")
    claimed_on = models.DateField()
    reason = models.CharField(
        max_length=100, blank=True, help_text="Why it was skipped; empty when it was asked"
    )
    message = models.ForeignKey(
        "charter.Message",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="reminders",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "membership", "period", "due_on", "step", name="reminder_step_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.step:+d}"


class ReminderStopQuerySet(models.QuerySet["ReminderStop"]):
    def for_staff(self, user: User) -> "ReminderStopQuerySet":
        """Filter to stops by authorities where the user is staff."""
        return self.filter(looked_after_by(user, "authority"))

    def current(self) -> "ReminderStopQuerySet":
        return self.filter(ended_at=None)


class ReminderStop(models.Model):
    """While one is open, an authority's reminders do not go out, and queued ones are cancelled."""

    authority = models.ForeignKey(
        "charter.Authority", on_delete=models.PROTECT, related_name="reminder_stops"
    )
    began_at = models.DateTimeField()
    began_by = models.ForeignKey("charter.User", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300, help_text="For colleagues at the council")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        "charter.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = ReminderStopQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "authority", condition=Q(ended_at=None), name="reminder_stop_one_open"
            ),
            models.CheckConstraint(
                name="reminder_stop_ended_by_somebody",
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Stopped {self.began_at}"
