"""Letters and calls by which officers ask for updates where email cannot."""

from django.db import models

from charter.models import User
from charter.models.people import looked_after_by


class ContactAttemptQuerySet(models.QuerySet["ContactAttempt"]):
    def for_staff(self, user: User) -> "ContactAttemptQuerySet":
        """Filter to attempts to reach signatories that the user looks after."""
        return self.filter(looked_after_by(user, "signatory__charter__authority"))


class ContactAttempt(models.Model):
    """A letter or call that asked a signatory for its missing updates. Only the day is public."""

    class Kind(models.TextChoices):
        LETTER = "letter", "Letter by post"
        CALL = "call", "Telephone call"
        VISIT = "visit", "Visit"

    signatory = models.ForeignKey("charter.Signatory", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    made_on = models.DateField()
    note = models.CharField(max_length=500, blank=True, help_text="For the council alone")
    periods = models.ManyToManyField("reporting.ReportingPeriod", related_name="contact_attempts")
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = ContactAttemptQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("signatory", "kind", "made_on", name="contact_attempt_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} to {self.signatory} on {self.made_on}"
