"""Replies that signatories place beside what the public page says against them."""

from functools import partial

import pgtrigger
from django.db import models
from django.db.models import Q

from charter.models import Reviewable
from charter.models.review import ReviewableQuerySet
from charter.workflow import REVIEW_MOVES, trigger_moves
from registry.log import keys
from reporting.models.periods import ReportingPeriod


class ReplyQuerySet(ReviewableQuerySet["Reply"]):
    authority_lookup = "signatory__charter__authority"


class Reply(keys.KeyedRow, Reviewable):
    """The one reply beside a sentence of the public page.

    It is about a missing update, for as long as that is missing, or about the signatory that we
    could not contact since a day. Its author started from the page of `commitment`.
    """

    key = models.CharField(max_length=10, unique=True, default=partial(keys.new_key, "notice"))
    signatory = models.ForeignKey(
        "charter.Signatory", on_delete=models.PROTECT, related_name="replies"
    )
    commitment = models.ForeignKey(
        "charter.Commitment", on_delete=models.PROTECT, related_name="replies"
    )
    period = models.OneToOneField(
        ReportingPeriod, on_delete=models.PROTECT, null=True, blank=True, related_name="reply"
    )
    unreachable_since = models.DateField(null=True, blank=True)
    sentence = models.CharField(
        max_length=300, help_text="What the public page said when the reply was written or sent"
    )
    text = models.TextField(max_length=2_000)
    version = models.PositiveIntegerField(
        default=1, help_text="Counts savings; a stale form is refused"
    )

    objects = ReplyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="reply_about_a_period_or_a_signatory",
                condition=Q(period=None) ^ Q(unreachable_since=None),
            ),
            models.UniqueConstraint(
                "signatory", "unreachable_since", name="reply_once_while_unreachable"
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="reply_moves", field="status", transitions=trigger_moves(REVIEW_MOVES)
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} on {self.commitment_id}"
