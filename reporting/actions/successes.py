"""Draft and send successes, and say how the council reviews them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from charter import acts, permissions, review
from charter.actions.commitments import lock_commitment
from charter.errors import WrongStateError
from charter.models import Commitment, User
from charter.questions import UnansweredError
from charter.review import ReviewItem, ReviewKind
from charter.workflow import ReviewStatus
from registry.log.publishing import NewEntry
from reporting import items
from reporting.evidence import files as evidence_files
from reporting.models import Success
from reporting.models.updates import SuccessQuerySet


@dataclass(frozen=True)
class SuccessSubmission:
    """What an author's form holds: a success, its evidence and other commitments behind it."""

    success: dict[str, Any]
    evidence: list[dict[str, Any]]
    removed_references: list[str]
    other_commitments: list[Commitment]


def latest_draft(commitment: Commitment) -> Success | None:
    """Return the newest draft success of a commitment, or None."""
    return commitment.successes.filter(status=ReviewStatus.DRAFT).order_by("pk").last()


@acts.act("success.draft")
def save_draft(
    commitment: Commitment,
    *,
    by: User,
    success: Success | None = None,
    evidence: Sequence[dict[str, Any]] = (),
    removed_references: Collection[str] = (),
    other_commitments: Collection[Commitment] | None = None,
    **fields: Any,
) -> Success:
    """Save a success of a commitment: `success`, or a new one.

    `other_commitments` are the signatory's other commitments behind the success; None keeps them.
    """
    permissions.check(by, "success.draft", commitment.signatory)
    if success is None:
        success = Success(signatory=commitment.signatory)
    else:
        success = lock_success(success)
    if not success.is_working_copy:
        raise WrongStateError("This story was sent already, so it cannot be edited now.")
    for name, value in fields.items():
        setattr(success, name, value)
    success.save()
    if other_commitments is None:
        success.commitments.add(commitment)
    else:
        success.commitments.set([commitment, *other_commitments])
    evidence_files.remove_evidence(success, removed_references)
    evidence_files.add_evidence(success, evidence)
    return success


@acts.act("success.draft")
def save_submission(
    commitment: Commitment, submission: SuccessSubmission, *, by: User, send: bool
) -> tuple[Success, bool]:
    """Save a success, and submit it if `send`; return it, and True if it was submitted.

    It stays a draft while its author has questions to read.
    """
    # Sent twice at once, the form still makes one success.
    commitment = lock_commitment(commitment)
    success = save_draft(
        commitment,
        by=by,
        success=commitment.signatory.successes.filter(key=submission.success["key"]).first(),
        evidence=submission.evidence,
        removed_references=submission.removed_references,
        other_commitments=submission.other_commitments,
        **submission.success,
    )
    if not send:
        return success, False
    acts.record_verb("success.submit")
    try:
        return review.submit(success, by=by), True
    except UnansweredError:
        acts.record_verb("success.draft")
        return success, False


@acts.act("success.draft")
def save_reported(
    commitment: Commitment, fields: dict[str, Any] | None, *, key: str, by: User
) -> Success | None:
    """Save the success that an update's form reports, or delete its draft if it was emptied."""
    if fields is None:
        discard_draft(commitment, key=key, by=by)
        return None
    success = commitment.successes.filter(key=key).first()
    return save_draft(commitment, by=by, success=success, **fields)


@acts.act("success.draft")
def discard_draft(commitment: Commitment, *, key: str, by: User) -> None:
    """Delete a commitment's draft success with a key.

    Authors discard a draft by emptying its fields, so only the draft in their form is deleted.
    """
    permissions.check(by, "success.draft", commitment.signatory)
    success = commitment.successes.filter(status=ReviewStatus.DRAFT, key=key).first()
    if success is not None:
        evidence_files.remove_evidence(
            success, list(success.evidence.values_list("reference", flat=True))
        )
        success.delete()


def entries_to_append(success: Success) -> list[NewEntry]:
    """Return the log entries of a success, for the preview and for publication."""
    return [NewEntry("success", success.key, "publish", items.success(success))]


def lock_success(success: Success) -> Success:
    """Return a success read again with its commitments, all locked.

    The commitments are locked first, as everywhere, so that two parallel actions cannot deadlock.
    """
    list(success.commitments.order_by("pk").select_for_update(of=["self"]).values("pk"))
    return _with_relations().select_for_update(of=["self"]).get(pk=success.pk)


class SuccessReview(ReviewKind[Success]):
    """The review of a success."""

    model = Success
    name = record_kind = "success"
    commitment_lookup = "commitments"

    def awaiting_review(self) -> SuccessQuerySet:
        return _with_relations().awaiting_review()

    def lock(self, submission: Success) -> Success:
        return lock_success(submission)

    def describe(self, submission: Success) -> ReviewItem:
        return ReviewItem(
            submission=submission,
            label="Success",
            title=submission.title,
            key=submission.key,
            reference=submission.key,
            commitment=min(submission.commitments.all(), key=lambda commitment: commitment.pk),
            edit_address=reverse("business:success", args=[submission.key]),
        )

    def entries_to_append(self, submission: Success) -> list[NewEntry]:
        return entries_to_append(submission)

    def before_submitting(self, submission: Success, by: User) -> list[NewEntry]:
        return []

    def before_publishing(self, submission: Success) -> None:
        pass


def _with_relations() -> SuccessQuerySet:
    rows = Success.objects.select_related("signatory__charter", "signatory__organisation")
    return rows.prefetch_related("commitments__signatory__organisation")
