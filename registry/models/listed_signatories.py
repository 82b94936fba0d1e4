"""Signatories as lists find them, with what their commitments come to.

Only `registry/log/listed_signatories.py` writes this table, from the records and the rows of
commitments; `rebuild_records` makes it again.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from registry.models.listing import LATE_TAGS


class ListedSignatory(models.Model):
    """A readable signatory in the columns by which lists filter and sort, and no others."""

    key = models.CharField(max_length=10, primary_key=True)
    name = models.TextField()
    place = models.TextField(help_text="The name in capitals, by which it is listed")
    tags = ArrayField(
        models.TextField(),
        help_text="What it is filtered by; the states of all its commitments, as they store them",
    )
    counts = models.JSONField(
        help_text="Its commitments by reporting, delivery and unanswered end; '' is all"
    )
    heard_on = models.DateField(null=True, help_text="Last heard on, about any commitment")
    # Of its open commitments; a day may be to come.
    missing_since = models.DateField(null=True, help_text="The oldest due date without an answer")
    overdue_on = models.DateField(null=True, help_text="The first day on which one is overdue")
    silent_on = models.DateField(null=True, help_text="The first day on which one is silent")

    class Meta:
        indexes = [
            models.Index("place", "key", name="listed_signatory_names"),
            # Those with updates that were not received, longest missing first.
            models.Index(
                "missing_since",
                "key",
                name="listed_signatory_late",
                condition=Q(tags__overlap=LATE_TAGS),
            ),
            GinIndex("tags", name="listed_signatory_tags", fastupdate=False),
        ]

    def __str__(self) -> str:
        return self.key
