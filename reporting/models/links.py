"""Results of checking evidence links."""

from django.db import models


class LinkCheck(models.Model):
    """The result of the latest weekly check of an evidence link."""

    evidence = models.OneToOneField(
        "reporting.Evidence", on_delete=models.CASCADE, related_name="link_check"
    )
    looked_at = models.DateTimeField()
    last_worked_on = models.DateField(null=True, blank=True)
    failing_since = models.DateField(null=True, blank=True)
    why = models.CharField(max_length=200, blank=True, help_text="Why it fails, or is not known")
    fingerprint = models.CharField(max_length=64, blank=True)
    changed_on = models.DateField(null=True, blank=True, help_text="The document is not the same")

    def __str__(self) -> str:
        return f"{self.evidence_id}: {'fails' if self.failing_since else 'works'}"
