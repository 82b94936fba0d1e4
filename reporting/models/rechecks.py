"""The days on which scheduled tasks look at a commitment again, so that none looks at all."""

from datetime import date

from django.db import models
from django.db.models import Q

from charter.models import Commitment

# The day of what the database adds when something changes: it is always due.
AT_ONCE = date.min


class RecheckQuerySet(models.QuerySet["Recheck"]):
    def due(self, task: str, today: date) -> "RecheckQuerySet":
        """Filter to what a task has to look at now, the oldest first."""
        return self.filter(task=task, day__lte=today).order_by("day", "pk")


class Recheck(models.Model):
    """A day on which a scheduled task looks at a commitment: it removes the row when it has.

    Triggers (in the migration) add a row, due at once, for each change that may matter to a task.
    A task adds the day on which the calendar brings the next one. A row too many costs one look.
    """

    class Task(models.TextChoices):
        PERIODS = "periods", "Begin, extend and waive reporting periods"
        REMINDERS = "reminders", "Send reminders"

    task = models.CharField(max_length=10, choices=Task)
    # No constraint of the database: it would lock commitments when a membership changes.
    commitment = models.ForeignKey(
        Commitment,
        on_delete=models.CASCADE,
        related_name="rechecks",
        db_constraint=False,
        db_index=False,
    )
    day = models.DateField()

    objects = RecheckQuerySet.as_manager()

    class Meta:
        indexes = [models.Index("task", "day", name="recheck_due")]
        constraints = [
            # Of what tasks add; rows of triggers must not wait for each other.
            models.UniqueConstraint(
                "commitment", "task", "day", condition=Q(day__gt=AT_ONCE), name="recheck_day_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.commitment_id}: {self.task} on {self.day}"
