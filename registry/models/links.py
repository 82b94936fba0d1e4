"""What the weekly check of linked evidence found, for readers."""

from django.db import models


class LinkDay(models.Model):
    """The day on which a link in evidence last worked. It changes every week, so no log has it."""

    reference = models.UUIDField(primary_key=True, help_text="Of the published evidence")
    last_worked_on = models.DateField()

    def __str__(self) -> str:
        return f"{self.reference}: {self.last_worked_on}"
