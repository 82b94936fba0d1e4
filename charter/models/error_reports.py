"""Readers' reports of errors in the register. Never public."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from charter.models.identified import Identified
from charter.models.people import User, looked_after_by

RETENTION = timedelta(days=365)


class ErrorReportQuerySet(models.QuerySet["ErrorReport"]):
    def for_staff(self, user: User) -> "ErrorReportQuerySet":
        """Filter to reports about charters that the user looks after.

        A report about a record that no longer says which charter it belongs to is for all.
        """
        return self.filter(looked_after_by(user, "charter__authority") | Q(charter=None))

    def awaiting_decision(self) -> "ErrorReportQuerySet":
        return self.filter(decided_at=None).order_by("reported_at", "pk")

    def for_correction_of(self, key: str) -> "ErrorReportQuerySet":
        return self.filter(about=key).exclude(put_right=False).order_by("reported_at", "pk")

    def past_retention(self, now: datetime) -> "ErrorReportQuerySet":
        """Filter to reports decided longer ago than RETENTION."""
        return self.filter(decided_at__lt=now - RETENTION)


class ErrorReport(Identified):
    """A reader's report of an error in a record, deleted a year after the decision."""

    about = models.CharField(max_length=10, help_text="The key of the record")
    charter = models.ForeignKey(
        "charter.Charter", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    wrong = models.TextField(max_length=2_000)
    right = models.TextField(max_length=2_000, blank=True)
    email = models.EmailField(blank=True)
    reported_at = models.DateTimeField()
    put_right = models.BooleanField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        "charter.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = ErrorReportQuerySet.as_manager()

    class Meta:
        # For delete_old_reports in actions/error_reports.py.
        indexes = [
            models.Index(
                "decided_at", condition=Q(decided_at__isnull=False), name="error_report_decided"
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="error_report_decided_has_its_time",
                condition=Q(put_right=None, decided_at=None)
                | Q(put_right__isnull=False, decided_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"An error in {self.about}"
