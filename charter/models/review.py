"""What all that the council publishes or returns has in common; `charter.review` moves it."""

from datetime import date
from typing import ClassVar, Generic, Self, TypeVar

from django.db import models

from charter.models.people import User, looked_after_by
from charter.workflow import ReviewStatus


class Reviewable(models.Model):
    """Something that a signatory writes and the council publishes or returns with comments."""

    status = models.CharField(max_length=20, choices=ReviewStatus, default=ReviewStatus.DRAFT)
    returned_comments = models.TextField(blank=True)
    submitted_at = models.DateTimeField(
        null=True, blank=True, help_text="Stays when it is returned or taken back"
    )
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def is_working_copy(self) -> bool:
        """Return True if the signatory may still edit it: neither public nor submitted."""
        return self.status in (ReviewStatus.DRAFT, ReviewStatus.RETURNED)

    @property
    def send_again_by(self) -> date | None:
        """Return the last day on which what was returned still counts as received, if any."""
        return None


ReviewableT = TypeVar("ReviewableT", bound=Reviewable)


class ReviewableQuerySet(models.QuerySet[ReviewableT], Generic[ReviewableT]):
    authority_lookup: ClassVar[str]

    def for_staff(self, user: User) -> Self:
        """Filter to what signatories wrote under charters that the user looks after."""
        return self.filter(looked_after_by(user, self.authority_lookup))

    def awaiting_review(self) -> Self:
        return self.filter(status=ReviewStatus.SUBMITTED)
