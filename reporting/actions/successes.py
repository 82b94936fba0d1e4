"""Draft, submit, return and publish successes."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction

from charter import permissions
from charter.actions.commitments import email_owner
from charter.errors import WrongStateError
from charter.models import Commitment, User
from registry import clock
from registry.log import publishing
from reporting import items
from reporting.evidence import actions as evidence_actions
from reporting.models import Success
from reporting.workflow import REVIEW_MOVES, ReviewStatus


def latest_draft(commitment: Commitment) -> Success | None:
    """Return the newest draft success of a commitment, or None."""
    return commitment.successes.filter(status=ReviewStatus.DRAFT).order_by("pk").last()


@transaction.atomic
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
    if success.status not in (ReviewStatus.DRAFT, ReviewStatus.RETURNED):
        raise WrongStateError("This story was sent already, so it cannot be edited now.")
    for name, value in fields.items():
        setattr(success, name, value)
    success.save()
    if other_commitments is None:
        success.commitments.add(commitment)
    else:
        success.commitments.set([commitment, *other_commitments])
    evidence_actions.remove_evidence(success, removed_references)
    evidence_actions.add_evidence(success, evidence)
    return success


@transaction.atomic
def discard_draft(commitment: Commitment, *, key: str, by: User) -> None:
    """Delete a commitment's draft success with a key.

    Authors discard a draft by emptying its fields, so only the draft in their form is deleted.
    """
    permissions.check(by, "success.draft", commitment.signatory)
    success = commitment.successes.filter(status=ReviewStatus.DRAFT, key=key).first()
    if success is not None:
        evidence_actions.remove_evidence(
            success, list(success.evidence.values_list("reference", flat=True))
        )
        success.delete()


@transaction.atomic
def submit(success: Success, *, by: User) -> Success:
    """Submit a success for review. Idempotent."""
    permissions.check(by, "success.submit", success.signatory)
    success = lock_success(success)
    if success.status in (ReviewStatus.SUBMITTED, ReviewStatus.PUBLISHED):
        return success
    _set_status(success, ReviewStatus.SUBMITTED, "This story cannot be sent now.")
    success.submitted_at = clock.now()
    success.save()
    return success


@transaction.atomic
def return_with_comments(success: Success, *, by: User, comments: str) -> Success:
    """Return a success to its author with comments. Idempotent."""
    permissions.check(by, "success.return", success.signatory)
    success = lock_success(success)
    if success.status == ReviewStatus.RETURNED:
        return success
    _set_status(success, ReviewStatus.RETURNED, "Only what waits for you can be returned.")
    success.returned_comments = comments
    success.save()
    email_owner(
        _first_commitment(success),
        template="returned",
        key=f"returned:{success.key}:{success.submitted_at:%Y%m%d%H%M%S}",
        comments=comments,
        submission=success,
        link=f"/business/successes/{success.key}",
    )
    return success


@transaction.atomic
def approve(success: Success, *, by: User) -> Success:
    """Publish a success and thank its author. Idempotent, also for two officers."""
    permissions.check(by, "success.publish", success.signatory)
    success = lock_success(success)
    if success.status == ReviewStatus.PUBLISHED:
        return success
    _set_status(success, ReviewStatus.PUBLISHED, "Only what waits for you can be published.")
    success.published_at = clock.now()
    success.returned_comments = ""
    success.save()
    email_owner(
        _first_commitment(success),
        template="receipt",
        key=f"receipt:{success.key}",
        submission=success,
    )
    publishing.publish(entries_to_append(success))
    return success


def entries_to_append(success: Success) -> list[publishing.NewEntry]:
    """Return the log entries of a success, for the preview and for publication."""
    return [publishing.NewEntry("success", success.key, "publish", items.success(success))]


def _first_commitment(success: Success) -> Commitment:
    """Return the commitment of a success, or the first of several."""
    return success.commitments.select_related("signatory__organisation").earliest("pk")


def _set_status(success: Success, status: ReviewStatus, message: str) -> None:
    permissions.check_transition(REVIEW_MOVES, success.status, status, message)
    success.status = status


def lock_success(success: Success) -> Success:
    """Return the success read again under a lock, so that parallel actions take turns."""
    return (
        Success.objects.select_for_update(of=["self"])
        .select_related("signatory")
        .get(pk=success.pk)
    )
