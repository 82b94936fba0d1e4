"""The way of news and stories to the public. Tables only."""

from django.db import models

from charter.workflow import Turn


class NewsStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "With the council"
    RETURNED = "returned", "Returned with words"
    PUBLISHED = "published", "Published"


NEWS_MOVES: dict[str, list[str]] = {
    NewsStatus.DRAFT: [NewsStatus.SUBMITTED],
    NewsStatus.SUBMITTED: [NewsStatus.RETURNED, NewsStatus.PUBLISHED],
    NewsStatus.RETURNED: [NewsStatus.SUBMITTED],
    NewsStatus.PUBLISHED: [],
}
NEWS_TURNS: dict[str, Turn] = {
    NewsStatus.DRAFT: Turn.SIGNATORY,
    NewsStatus.SUBMITTED: Turn.COUNCIL,
    NewsStatus.RETURNED: Turn.SIGNATORY,
    NewsStatus.PUBLISHED: Turn.NOBODY,
}
