"""What supports a figure or a story."""

import uuid

from django.db import models
from django.db.models import Q


class Evidence(models.Model):
    """A link (files follow) with kind, date and visibility, under one update or one success."""

    class Kind(models.TextChoices):
        DOCUMENT = "document", "Document"
        WEB_PAGE = "web_page", "Web page"
        PHOTOGRAPH = "photograph", "Photograph"
        CERTIFICATE = "certificate", "Certificate"
        DATASET = "dataset", "Data set"
        STATEMENT = "statement", "Statement"

    class Visibility(models.TextChoices):
        PUBLIC = "public", "Everybody may see it"
        COUNCIL_ONLY = "council_only", "Only the council may see it"

    reference = models.UUIDField(
        default=uuid.uuid4, unique=True, help_text="Its id inside the item"
    )
    update = models.ForeignKey(
        "reporting.ProgressUpdate",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="evidence",
    )
    success = models.ForeignKey(
        "reporting.Success",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="evidence",
    )
    kind = models.CharField(max_length=20, choices=Kind)
    title = models.CharField(max_length=200)
    url = models.URLField(max_length=500)
    page = models.CharField(max_length=40, blank=True)
    quote = models.TextField(max_length=1_000, blank=True)
    dated_on = models.DateField(null=True, blank=True)
    visibility = models.CharField(max_length=20, choices=Visibility, default=Visibility.PUBLIC)
    withheld_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="evidence_of_one_thing",
                condition=Q(update__isnull=False, success=None)
                | Q(update=None, success__isnull=False),
            ),
            models.CheckConstraint(
                name="evidence_withheld_has_a_reason",
                condition=Q(visibility="public") | ~Q(withheld_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return self.title
