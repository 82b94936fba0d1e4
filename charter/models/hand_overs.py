"""Who gave a commitment into whose hands, for its people and the council."""

from django.db import models


class HandOver(models.Model):
    """Another person looks after a commitment from then on; `before` is empty where none was
    named.
    """

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
