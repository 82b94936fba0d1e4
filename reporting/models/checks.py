"""Statements about an update from others: the council and beneficiaries."""

from django.db import models
from django.db.models import Q

from charter.models import User
from charter.models.identified import Identified
from charter.models.people import looked_after_by
from charter.workflow import CommitmentStatus
from registry.schema.code_lists import CheckResult, ConfirmationAnswer


class CheckQuerySet(models.QuerySet["Check"]):
    def for_staff(self, user: User) -> "CheckQuerySet":
        """Filter to checks of updates under charters that the user looks after."""
        path = "update__commitment__signatory__charter__authority"
        return self.filter(looked_after_by(user, path))

    def waiting(self) -> "CheckQuerySet":
        """Filter to unpublished checks, which await a reply or its deadline."""
        return self.filter(published_at=None).exclude(
            update__commitment__status=CommitmentStatus.WITHDRAWN
        )


class Check(models.Model):
    """The council's check of a published update, published with the reply, if any."""

    update = models.OneToOneField(
        "reporting.ProgressUpdate", on_delete=models.PROTECT, related_name="check_made"
    )
    result = models.CharField(max_length=20, choices=CheckResult)
    finding = models.TextField(max_length=2_000)
    by_role = models.CharField(max_length=100, help_text="Who checked: a role, never a person")
    by = models.ForeignKey("charter.User", on_delete=models.PROTECT)
    made_at = models.DateTimeField()
    reply_until = models.DateField(help_text="The last day for a reply")
    reply = models.TextField(max_length=2_000, blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    objects = CheckQuerySet.as_manager()

    class Meta:
        # For publish_due_checks in actions/checks.py.
        indexes = [
            models.Index("reply_until", condition=Q(published_at=None), name="check_waiting")
        ]
        constraints = [
            models.CheckConstraint(
                name="check_reply_has_its_time",
                condition=Q(reply="", replied_at=None) | ~Q(reply="") & Q(replied_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.update_id}: {self.get_result_display()}"


class Confirmation(Identified):
    """A request to a beneficiary to confirm a result, with one answer."""

    update = models.ForeignKey(
        "reporting.ProgressUpdate", on_delete=models.PROTECT, related_name="confirmations"
    )
    body = models.CharField(max_length=200, help_text="Public only with its consent")
    email = models.EmailField()
    token_hash = models.CharField(max_length=64, unique=True)
    asked_by = models.ForeignKey("charter.User", on_delete=models.PROTECT)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answer = models.CharField(max_length=10, choices=ConfirmationAnswer, blank=True)
    may_be_named = models.BooleanField(default=False)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("update", "email", name="confirmation_asked_once"),
            models.CheckConstraint(
                name="confirmation_answer_has_its_time",
                condition=Q(answer="", answered_at=None)
                | ~Q(answer="") & Q(answered_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.body} on {self.update_id}"
