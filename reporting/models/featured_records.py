"""Records featured by the council."""

from functools import partial
from typing import Any

from django.db import models
from django.db.models import Q

from charter.models import Signatory, User
from registry.log import keys


class FeaturedRecordQuerySet(models.QuerySet["FeaturedRecord"]):
    def for_staff(self, user: User) -> "FeaturedRecordQuerySet":
        """Filter to featured records of signatories that the user looks after."""
        signatories = Signatory.objects.for_staff(user)
        return self.filter(
            Q(commitment__signatory__in=signatories) | Q(success__signatory__in=signatories)
        )

    def current(self) -> "FeaturedRecordQuerySet":
        return self.filter(ended_at=None)

    def for_key(self, key: str) -> "FeaturedRecordQuerySet":
        """Filter to features of the commitment or success with a key."""
        return self.filter(Q(commitment__key=key) | Q(success__key=key))


class FeaturedRecord(keys.KeyedRow):
    """A public commitment or success, and a sentence on why others should look at it."""

    key = models.CharField(max_length=10, unique=True, default=partial(keys.new_key, "notice"))
    commitment = models.ForeignKey(
        "charter.Commitment",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="featured_records",
    )
    success = models.ForeignKey(
        "reporting.Success",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="featured_records",
    )
    why = models.TextField(max_length=500)
    chosen_at = models.DateTimeField()
    chosen_by = models.ForeignKey("charter.User", on_delete=models.PROTECT, related_name="+")
    # The end of the feature, with a public reason.
    end_reason = models.TextField(max_length=500, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = FeaturedRecordQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="featured_is_commitment_or_success",
                condition=Q(commitment=None) & Q(success__isnull=False)
                | Q(commitment__isnull=False) & Q(success=None),
            ),
            models.CheckConstraint(
                name="featured_ended_has_reason",
                condition=Q(ended_at=None, end_reason="")
                | Q(ended_at__isnull=False) & ~Q(end_reason=""),
            ),
            # A record is featured at most once at a time.
            models.UniqueConstraint(
                fields=["commitment"], condition=Q(ended_at=None), name="featured_commitment_once"
            ),
            models.UniqueConstraint(
                fields=["success"], condition=Q(ended_at=None), name="featured_success_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} on {self.record.key}"

    @property
    def record(self) -> Any:
        """Return the featured commitment or success."""
        return self.commitment or self.success
