"""Draft commitments, and say how the council reviews them."""

from typing import Any

from django.urls import reverse

from charter import acts, items, permissions, writing_hints
from charter.errors import ChangedSinceReadError, IncompleteError, WrongStateError
from charter.models import Commitment, Signatory, User
from charter.models.commitments import CommitmentQuerySet
from charter.questions import Question
from charter.review import ReviewItem, ReviewKind
from registry import clock
from registry.log.publishing import NewEntry


@acts.act("commitment.draft")
def start_draft(*, by: User, signatory: Signatory, **fields: Any) -> Commitment:
    """Create a draft, with the signatory's usual cadence unless `fields` has another."""
    permissions.check(by, "commitment.draft", signatory)
    return Commitment.objects.create(
        signatory=signatory,
        update_owner=signatory.organisation.memberships.current().filter(user=by).first(),
        **{"cadence": signatory.usual_cadence} | fields,
    )


@acts.act("commitment.draft")
def save_draft(commitment: Commitment, *, by: User, version: int, **fields: Any) -> Commitment:
    """Save a draft that was opened at `version`; raise ChangedSinceReadError if someone
    saved since.

    Idempotent: equal fields are not saved again.
    """
    permissions.check(by, "commitment.draft", commitment.signatory)
    commitment = lock_commitment(commitment)
    if not commitment.is_working_copy:
        raise WrongStateError("It was sent to the council already, so it cannot be edited now.")
    if all(getattr(commitment, name) == value for name, value in fields.items()):
        return commitment  # the form was sent twice
    if commitment.version != version:
        raise ChangedSinceReadError(commitment)
    for name, value in fields.items():
        setattr(commitment, name, value)
    commitment.version += 1
    commitment.save()
    return commitment


def lock_commitment(commitment: Commitment) -> Commitment:
    """Reload a commitment under a lock, so that a concurrent action sees this one's result."""
    return _with_relations().select_for_update(of=["self"]).get(pk=commitment.pk)


class CommitmentReview(ReviewKind[Commitment]):
    """The review of a new commitment."""

    model = Commitment
    name = record_kind = "commitment"
    commitment_lookup = "pk"

    def awaiting_review(self) -> CommitmentQuerySet:
        return _with_relations().awaiting_review()

    def lock(self, submission: Commitment) -> Commitment:
        return lock_commitment(submission)

    def describe(self, submission: Commitment) -> ReviewItem:
        return ReviewItem(
            submission=submission,
            label="New commitment",
            title=submission.title,
            key=submission.key,
            reference=submission.key,
            commitment=submission,
            edit_address=reverse("business:commitment_edit", args=[submission.key]),
        )

    def entries_to_append(self, submission: Commitment) -> list[NewEntry]:
        return [NewEntry("commitment", submission.key, "publish", items.commitment(submission))]

    def questions(self, submission: Commitment) -> list[Question]:
        return [Question(text) for text in writing_hints.questions_for(submission)]

    def before_submitting(self, submission: Commitment, by: User) -> list[NewEntry]:
        if problems := submission.problems(clock.today()):
            raise IncompleteError(problems)
        submission.sent_on_behalf_by = submission.signatory.organisation.support_body_of(by)
        return []

    def before_publishing(self, submission: Commitment) -> None:
        if submission.signatory.left_on:
            raise WrongStateError(
                f"{submission.signatory} has left the charter: return this instead."
            )
        today = clock.today()
        # Updates are due from the start of the commitment, but not for a time before its
        # publication. One that ended while it waited needs an update for its last day, so that it
        # can be closed.
        starts_on = max(submission.start_on or today, today)
        submission.reporting_from = min(starts_on, submission.end_on or starts_on)


def _with_relations() -> CommitmentQuerySet:
    return Commitment.objects.select_related(
        "signatory__charter", "signatory__organisation", "theme", "measure"
    )
