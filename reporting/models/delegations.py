"""Requests to colleagues for help with one update."""

from datetime import datetime

from django.db import models

from charter.models.identified import Identified


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def open(self, now: datetime) -> "DelegationQuerySet":
        """Filter to delegations whose link is unused and has not expired."""
        return self.filter(used_at=None, expires_at__gt=now)


class Delegation(Identified):
    """A link to one update form for a colleague without an account; it saves a draft."""

    period = models.ForeignKey(
        "reporting.ReportingPeriod", on_delete=models.CASCADE, related_name="delegations"
    )
    email = models.EmailField()
    token_hash = models.CharField(max_length=64, unique=True)
    asked_by = models.ForeignKey("charter.User", on_delete=models.PROTECT)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    objects = DelegationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.email} for {self.period_id}"
