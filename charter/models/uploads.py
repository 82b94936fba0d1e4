"""Uploaded spreadsheets, waiting for their owner to review and save them."""

from datetime import timedelta

from django.db import models

from charter.models.people import User
from registry import clock

RETENTION = timedelta(days=1)


class UploadQuerySet(models.QuerySet["Upload"]):
    def for_user(self, user: User) -> "UploadQuerySet":
        """Filter to the user's own uploads: nobody else may see a file before it is saved."""
        return self.filter(user=user)

    def for_staff(self, user: User) -> "UploadQuerySet":
        """Filter to uploads by people whom the user looks after, and by colleagues."""
        return self.filter(user__in=User.objects.for_staff(user))

    def past_retention(self) -> "UploadQuerySet":
        return self.filter(created_at__lt=clock.now() - RETENTION)


class Upload(models.Model):
    """An uploaded spreadsheet. Once it has been saved, only its outcome is kept."""

    class Purpose(models.TextChoices):
        ORGANISATIONS = "organisations", "Organisations and contacts"
        COMMITMENTS = "commitments", "Commitments and their updates"

    user = models.ForeignKey("charter.User", on_delete=models.CASCADE, related_name="uploads")
    purpose = models.CharField(max_length=20, choices=Purpose)
    # Of a list of organisations: where they are to sign.
    charter = models.ForeignKey(
        "charter.Charter", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    created_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=300, blank=True, help_text="What came of it, in words")

    objects = UploadQuerySet.as_manager()

    class Meta:
        # For delete_old_uploads in actions/uploads.py.
        indexes = [models.Index("created_at", name="upload_created")]
        constraints = [
            models.CheckConstraint(
                name="upload_applied_has_its_outcome",
                condition=models.Q(applied_at=None, outcome="")
                | models.Q(applied_at__isnull=False) & ~models.Q(outcome=""),
            ),
            models.CheckConstraint(
                name="upload_of_organisations_names_their_charter",
                condition=models.Q(purpose="organisations", charter__isnull=False)
                | models.Q(purpose="commitments", charter=None),
            ),
        ]

    def __str__(self) -> str:
        return self.name
