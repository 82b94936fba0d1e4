"""Private messages of a signatory that asks the council for help. Never public."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from charter.models import Commitment, User
from charter.models.identified import Identified
from charter.models.people import looked_after_by, own_organisations

RETENTION = timedelta(days=365)


class HelpRequestQuerySet(models.QuerySet["HelpRequest"]):
    def for_user(self, user: User) -> "HelpRequestQuerySet":
        """Filter to requests of the user's own organisations."""
        return self.filter(commitment__signatory__organisation__in=own_organisations(user))

    def for_staff(self, user: User) -> "HelpRequestQuerySet":
        """Filter to requests under charters that the user looks after."""
        return self.filter(looked_after_by(user, "commitment__signatory__charter__authority"))

    def unanswered(self) -> "HelpRequestQuerySet":
        return self.filter(answered_at=None).order_by("asked_at", "pk")

    def past_retention(self, now: datetime) -> "HelpRequestQuerySet":
        """Filter to requests answered longer ago than RETENTION."""
        return self.filter(answered_at__lt=now - RETENTION)


class HelpRequest(Identified):
    """A question about a commitment, and the council's answer, which closes it.

    It reports nothing: the update that is due stays due. It is deleted a year after the answer.
    """

    commitment = models.ForeignKey(
        Commitment, on_delete=models.PROTECT, related_name="help_requests"
    )
    text = models.TextField(max_length=5_000)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answer = models.TextField(max_length=5_000, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = HelpRequestQuerySet.as_manager()

    class Meta:
        # For delete_old_requests in actions/help_requests.py.
        indexes = [
            models.Index(
                "answered_at", condition=Q(answered_at__isnull=False), name="help_request_answered"
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="help_answer_has_its_time",
                condition=Q(answer="", answered_at=None)
                | ~Q(answer="") & Q(answered_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.commitment.signatory} asks for help"
