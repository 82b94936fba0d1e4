"""A colleague's help with one answer."""

from django.db import models


class Delegation(models.Model):
    """A link for a colleague without an account: one update form, which makes only a draft."""

    period = models.ForeignKey(
        "reporting.ReportingPeriod", on_delete=models.CASCADE, related_name="delegations"
    )
    email = models.EmailField()
    token_hash = models.CharField(max_length=64, unique=True)
    asked_by = models.ForeignKey("charter.User", on_delete=models.PROTECT)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.email} for {self.period_id}"
