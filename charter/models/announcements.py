"""What emails announced to organisations before the public page said it."""

from typing import Self

from django.db import models

from charter.workflow import MessageState


class Statement(models.TextChoices):
    """What the public page can say against a signatory."""

    OVERDUE = "overdue", "Overdue"
    SILENT = "silent", "Silent"
    UNREACHABLE = "unreachable", "Unreachable"
    NO_FINAL_UPDATE = "no_final_update", "No final update"


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def sent(self) -> Self:
        """Filter to those whose email the mail server has accepted."""
        return self.filter(message__state=MessageState.SENT)


class Announcement(models.Model):
    """A sentence, and the day from which the public page will say it, as an email announced them.

    What no email announced is not public: the rule is in `registry/log/reporting.py`. This is the
    record of what the emails said.
    """

    signatory = models.ForeignKey(
        "charter.Signatory", on_delete=models.PROTECT, related_name="announcements"
    )
    about = models.CharField(
        max_length=10, help_text="The key of a reporting period, or of the signatory itself"
    )
    statement = models.CharField(max_length=20, choices=Statement)
    public_from = models.DateField()
    sentence = models.CharField(max_length=300)
    message = models.ForeignKey(
        "charter.Message", on_delete=models.CASCADE, related_name="announcements"
    )

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        indexes = [models.Index("about", "statement", name="announcement_about")]
        constraints = [
            models.UniqueConstraint(
                "message", "about", "statement", name="announcement_once_in_an_email"
            )
        ]

    def __str__(self) -> str:
        return f"{self.about}, {self.statement} from {self.public_from}"
