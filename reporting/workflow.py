"""Review statuses of updates and successes, and the moves between them. Tables only."""

from django.db import models

from charter.workflow import Turn


class ReviewStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "With the council"
    RETURNED = "returned", "Returned with comments"
    PUBLISHED = "published", "Published"


REVIEW_MOVES: dict[str, list[str]] = {
    ReviewStatus.DRAFT: [ReviewStatus.SUBMITTED],
    ReviewStatus.SUBMITTED: [ReviewStatus.RETURNED, ReviewStatus.PUBLISHED],
    ReviewStatus.RETURNED: [ReviewStatus.SUBMITTED],
    ReviewStatus.PUBLISHED: [],
}
REVIEW_TURNS: dict[str, Turn] = {
    ReviewStatus.DRAFT: Turn.SIGNATORY,
    ReviewStatus.SUBMITTED: Turn.COUNCIL,
    ReviewStatus.RETURNED: Turn.SIGNATORY,
    ReviewStatus.PUBLISHED: Turn.NOBODY,
}
