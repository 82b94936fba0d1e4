"""Acts that one person proposed and a second person of the authority decides on."""

from typing import Any

from django.db import models
from django.db.models import Q

from charter.models.identified import Identified
from charter.models.people import User, looked_after_by


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def open(self) -> "ProposalQuerySet":
        return self.filter(decided_at=None).order_by("proposed_at", "pk")

    def for_staff(self, user: User) -> "ProposalQuerySet":
        """Filter to proposals at authorities where the user is staff."""
        return self.filter(looked_after_by(user, "authority"))


class Proposal(Identified):
    """An act that waits for a second person, with all it needs to be done."""

    class Outcome(models.TextChoices):
        AGREED = "agreed", "Agreed"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Withdrawn"

    act = models.CharField(max_length=40, help_text="The name of its permission")
    authority = models.ForeignKey("charter.Authority", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(
        "charter.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    arguments = models.JSONField(default=dict)
    proposed_by = models.ForeignKey("charter.User", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)
    comments = models.TextField(max_length=2_000, blank=True)
    decided_by = models.ForeignKey(
        "charter.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="proposal_decided_has_its_outcome",
                condition=Q(outcome="", decided_at=None, decided_by=None)
                | ~Q(outcome="") & Q(decided_at__isnull=False, decided_by__isnull=False),
            ),
            models.CheckConstraint(
                name="proposal_agreed_by_a_second_person",
                condition=~Q(outcome="agreed") | ~Q(decided_by=models.F("proposed_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act} at {self.authority}"

    @property
    def subject(self) -> Any:
        """Return what the permission for the act is asked about."""
        return self.organisation or self.authority
