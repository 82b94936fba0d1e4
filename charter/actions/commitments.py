"""Draft, submit, return and publish commitments."""

from typing import Any

from django.db import transaction

from charter import items, permissions
from charter.errors import IncompleteError, StaleError, WrongStateError
from charter.mail import outbox
from charter.models import Commitment, Membership, Signatory, User
from charter.workflow import COMMITMENT_MOVES, CommitmentStatus
from registry import clock
from registry.log import publishing


@transaction.atomic
def start_draft(*, by: User, signatory: Signatory, **fields: Any) -> Commitment:
    """Create a draft, with the signatory's usual cadence unless `fields` has another."""
    permissions.check(by, "commitment.draft", signatory)
    return Commitment.objects.create(
        signatory=signatory,
        update_owner=signatory.organisation.memberships.current().filter(user=by).first(),
        **{"cadence": signatory.usual_cadence} | fields,
    )


@transaction.atomic
def save_draft(commitment: Commitment, *, by: User, version: int, **fields: Any) -> Commitment:
    """Save a draft that was opened at `version`; raise StaleError if someone saved since.

    Idempotent: equal fields are not saved again.
    """
    permissions.check(by, "commitment.draft", commitment.signatory)
    commitment = lock_commitment(commitment)
    if not commitment.is_working_copy:
        raise WrongStateError("It was sent to the council already, so it cannot be edited now.")
    if all(getattr(commitment, name) == value for name, value in fields.items()):
        return commitment  # the form was sent twice
    if commitment.version != version:
        raise StaleError(commitment)
    for name, value in fields.items():
        setattr(commitment, name, value)
    commitment.version += 1
    commitment.save()
    return commitment


@transaction.atomic
def submit(commitment: Commitment, *, by: User) -> Commitment:
    """Submit a draft for review. Idempotent."""
    permissions.check(by, "commitment.submit", commitment.signatory)
    commitment = lock_commitment(commitment)
    if commitment.status == CommitmentStatus.SUBMITTED:
        return commitment
    _check_transition(
        commitment, CommitmentStatus.SUBMITTED, "Only a draft can be sent to the council."
    )
    if problems := commitment.problems(clock.today()):
        raise IncompleteError(problems)
    commitment.status = CommitmentStatus.SUBMITTED
    commitment.submitted_at = clock.now()
    commitment.sent_on_behalf_by = commitment.signatory.organisation.support_body_of(by)
    commitment.save()
    return commitment


@transaction.atomic
def return_with_comments(commitment: Commitment, *, by: User, comments: str) -> Commitment:
    """Return a commitment to the signatory with comments. Idempotent."""
    permissions.check(by, "commitment.return", commitment.signatory)
    commitment = lock_commitment(commitment)
    if commitment.status == CommitmentStatus.RETURNED:
        return commitment
    _check_transition(
        commitment, CommitmentStatus.RETURNED, "Only what waits for you can be returned."
    )
    commitment.status = CommitmentStatus.RETURNED
    commitment.returned_comments = comments
    commitment.save()
    email_owner(
        commitment,
        template="returned",
        key=f"returned:{commitment.key}:{commitment.submitted_at:%Y%m%dT%H%M%S.%f}",
        comments=comments,
        link=f"/business/commitments/{commitment.key}",
    )
    return commitment


@transaction.atomic
def approve(commitment: Commitment, *, by: User) -> Commitment:
    """Publish a commitment and send its owner a receipt. Idempotent."""
    permissions.check(by, "commitment.publish", commitment.signatory)
    commitment = lock_commitment(commitment)
    if commitment.status == CommitmentStatus.PUBLISHED:
        return commitment
    _check_transition(
        commitment, CommitmentStatus.PUBLISHED, "Only what waits for you can be published."
    )
    if commitment.signatory.left_on:
        raise WrongStateError(f"{commitment.signatory} has left the charter: return this instead.")
    today = clock.today()
    commitment.status = CommitmentStatus.PUBLISHED
    commitment.published_at = clock.now()
    commitment.returned_comments = ""
    # Updates are due from the start of the commitment, but not for a time before its publication.
    # One that ended while it waited needs an update for its last day, so that it can be closed.
    starts_on = max(commitment.start_on or today, today)
    commitment.reporting_from = min(starts_on, commitment.end_on or starts_on)
    commitment.save()
    email_owner(commitment, template="receipt", key=f"receipt:{commitment.key}")
    publishing.publish(
        [publishing.NewEntry("commitment", commitment.key, "publish", items.commitment(commitment))]
    )
    return commitment


def email_owner(commitment: Commitment, *, template: str, key: str, **context: Any) -> None:
    """Queue an email to the person who looks after a commitment, or else to an owner.

    Nothing is queued if the signatory has neither.
    """
    memberships = commitment.signatory.organisation.memberships.current().select_related("user")
    member = (
        memberships.filter(pk=commitment.update_owner_id or 0).first()
        or memberships.filter(role=Membership.Role.OWNER).first()
    )
    if member is None:
        return
    context = {"commitment": commitment, "member": member, "submission": None, **context}
    outbox.queue_from_template(template, key=key, recipient=member.user.email, context=context)


def lock_commitment(commitment: Commitment) -> Commitment:
    """Reload a commitment under a lock, so that a concurrent action sees this one's result."""
    return (
        Commitment.objects.select_for_update(of=["self"])
        .select_related("signatory__charter", "signatory__organisation", "theme", "measure")
        .get(pk=commitment.pk)
    )


def _check_transition(commitment: Commitment, status: str, message: str) -> None:
    permissions.check_transition(COMMITMENT_MOVES, commitment.status, status, message)
