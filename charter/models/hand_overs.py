"""The history of people who look after a commitment. For its signatory and the council."""

from django.db import models


class HandOver(models.Model):
    """A transfer of a commitment to another person. `before` is empty if nobody looked after it."""

    commitment = models.ForeignKey(
        "charter.Commitment", on_delete=models.PROTECT, related_name="hand_overs"
    )
    before = models.ForeignKey(
        "charter.Membership", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    after = models.ForeignKey(
        "charter.Membership", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(max_length=500)
    by = models.ForeignKey("charter.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "commitment"]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.at}"
