"""Draft and send the reply beside a negative sentence, and say how the council reviews it."""

from typing import Any

from django.urls import reverse

from charter import acts, permissions
from charter.actions.commitments import lock_commitment
from charter.errors import ChangedSinceReadError, WrongStateError
from charter.models import Commitment, Statement, User
from charter.public_sentences import read_sentences
from charter.review import ReviewItem, ReviewKind
from registry import clock
from registry.log.publishing import NewEntry
from reporting import items
from reporting.models import Reply, ReportingPeriod
from reporting.models.replies import ReplyQuerySet

NOTHING_SAID = "The public page says nothing to reply to at the moment."


def expected_reply(commitment: Commitment) -> Reply | None:
    """Return the reply beside what the page says now, or a new unsaved one; None without that."""
    said = read_sentences(commitment, clock.today())
    if not said.now:
        return None
    signatory = commitment.signatory
    about: dict[str, Any]
    if said.statement == Statement.UNREACHABLE:
        about = {"signatory": signatory, "unreachable_since": signatory.unreachable_since}
    else:
        periods = ReportingPeriod.objects.filter(commitment=commitment).owed()
        if said.statement == Statement.NO_FINAL_UPDATE:
            periods = periods.filter(is_final=True)
        about = {"period": periods.earliest("starts_on")}
    new_reply = Reply(**{"signatory": signatory, "commitment": commitment} | about)
    reply = Reply.objects.filter(**about).first() or new_reply
    if reply.is_working_copy:
        reply.sentence = said.now
    return reply


@acts.act("reply.draft")
def save_draft(commitment: Commitment, *, by: User, version: int, text: str) -> Reply:
    """Save the reply that the author read at `version`.

    Raise ChangedSinceReadError if someone else has saved it since.
    """
    permissions.check(by, "reply.draft", commitment.signatory)
    reply = expected_reply(lock_commitment(commitment))
    if reply is None:
        raise WrongStateError(NOTHING_SAID)
    if not reply.is_working_copy:
        raise WrongStateError("There is one reply, and it was sent already.")
    if reply.pk and reply.text == text:
        return reply
    if reply.pk and reply.version != version:
        raise ChangedSinceReadError(reply)
    reply.text = text
    reply.version += bool(reply.pk)
    reply.save()
    return reply


def entries_to_append(reply: Reply) -> list[NewEntry]:
    """Return the log entries of a reply, for the preview and for publication."""
    return [NewEntry("notice", reply.key, "publish", items.reply(reply))]


class ReplyReview(ReviewKind[Reply]):
    """The review of a reply."""

    model = Reply
    name = "reply"
    record_kind = "notice"

    def awaiting_review(self) -> ReplyQuerySet:
        return _with_relations().awaiting_review()

    def lock(self, submission: Reply) -> Reply:
        lock_commitment(submission.commitment)
        return _with_relations().select_for_update(of=["self"]).get(pk=submission.pk)

    def describe(self, submission: Reply) -> ReviewItem:
        return ReviewItem(
            submission=submission,
            label="Reply",
            title=submission.commitment.title,
            key=submission.key,
            reference=submission.key,
            commitment=submission.commitment,
            edit_address=reverse("business:reply", args=[submission.commitment.key]),
        )

    def entries_to_append(self, submission: Reply) -> list[NewEntry]:
        return entries_to_append(submission)

    def before_submitting(self, submission: Reply, by: User) -> list[NewEntry]:
        current = expected_reply(submission.commitment)
        if current != submission:
            raise WrongStateError(NOTHING_SAID)
        submission.sentence = current.sentence
        return []

    def before_publishing(self, submission: Reply) -> None:
        pass


def _with_relations() -> ReplyQuerySet:
    return Reply.objects.select_related(
        "commitment__signatory__charter__authority",
        "commitment__signatory__organisation",
        "signatory__charter",
        "period",
    )
