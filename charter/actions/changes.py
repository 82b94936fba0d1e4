"""Correct, amend, close or withdraw a public commitment, each with a public reason."""

from typing import Any, cast

from django.db import transaction
from django.db.models import Field

from charter import items, permissions
from charter.actions.commitments import email_owner, lock_commitment
from charter.errors import AlreadyExistsError, IncompleteError, StaleError, WrongStateError
from charter.models import Change, Commitment, User
from charter.workflow import CHANGE_MOVES, ChangeStatus, CommitmentStatus
from registry import clock
from registry.log import publishing
from registry.models import Record
from registry.schema.code_lists import Delivery, EndReason
from registry.schema.commitment_fields import COMMITMENT_FIELDS

# Fields that a change may alter, in the order of its form.
CHANGEABLE = tuple(declared.name for declared in COMMITMENT_FIELDS if declared.may_change)
END_STATUSES = {
    Change.Action.CLOSE: CommitmentStatus.CLOSED,
    Change.Action.WITHDRAW: CommitmentStatus.WITHDRAWN,
}
NO_FINAL_UPDATE = "Before it can be closed, tell in an update whether it was met."
READER_CREDIT = "A reader pointed this out."
NOTHING_CHANGED = "You have not changed anything"


@transaction.atomic
def save_draft(
    commitment: Commitment,
    *,
    by: User,
    action: str,
    reason: str,
    values: dict[str, Any] | None = None,
    end_reason: str = "",
    version: int = 0,
) -> Change:
    """Save a draft change of a public commitment, visible only to its signatory.

    A commitment has one open change, which is overwritten. Raise StaleError unless it is still at
    `version` (0: no change existed). Idempotent: equal values are not saved again.
    """
    permissions.check(by, "change.draft", commitment.signatory)
    if unknown_fields := set(values or {}).difference(CHANGEABLE):
        raise ValueError(f"A change cannot alter {', '.join(sorted(unknown_fields))}")
    if action in END_STATUSES and values:
        raise ValueError("What ends stays as it was promised")
    commitment = lock_commitment(commitment)
    if commitment.status != CommitmentStatus.PUBLISHED:
        raise WrongStateError("Only a commitment that is public can be changed.")
    fields = {
        "action": action,
        "values": _as_json(values or {}),
        "reason": reason,
        "end_reason": EndReason.WITHDRAWN if action == Change.Action.WITHDRAW else end_reason,
    }
    change = commitment.changes.open().first()
    if change is None:
        return Change.objects.create(commitment=commitment, **fields)
    if not change.is_working_copy:
        raise AlreadyExistsError("A change of this commitment already waits for the council.")
    if all(getattr(change, name) == value for name, value in fields.items()):
        return change  # the form was sent twice
    if change.version != version:
        raise StaleError(change)
    for name, value in fields.items():
        setattr(change, name, value)
    change.version += 1
    change.save()
    return change


@transaction.atomic
def submit(change: Change, *, by: User) -> Change:
    """Submit a change for review without publishing it. Idempotent."""
    permissions.check(by, "change.submit", change.commitment.signatory)
    change = _lock_change(change)
    if change.status == ChangeStatus.SUBMITTED:
        return change
    if problem := blocking_problem(change):
        raise IncompleteError({"action": problem})
    _set_status(change, ChangeStatus.SUBMITTED)
    change.submitted_at = clock.now()
    change.save()
    return change


@transaction.atomic
def drop(change: Change, *, by: User) -> Change:
    """Drop an unpublished change and keep the commitment unchanged. Idempotent."""
    permissions.check(by, "change.drop", change.commitment.signatory)
    change = _lock_change(change)
    if change.status == ChangeStatus.DROPPED:
        return change
    _record_decision(change, ChangeStatus.DROPPED)
    return change


@transaction.atomic
def credit_reader(change: Change, *, by: User) -> Change:
    """Credit a reader in the public reason of a submitted change."""
    permissions.check(by, "change.publish", change.commitment.signatory)
    change = _lock_change(change)
    if change.status != ChangeStatus.SUBMITTED:
        raise WrongStateError("This change was decided already.")
    change.reason = f"{change.reason} {READER_CREDIT}"
    change.save()
    return change


@transaction.atomic
def approve(change: Change, *, by: User) -> Change:
    """Publish a change and send the commitment's owner a receipt. Idempotent."""
    permissions.check(by, "change.publish", change.commitment.signatory)
    change = _lock_change(change)
    if change.status == ChangeStatus.APPROVED:
        return change
    _record_decision(change, ChangeStatus.APPROVED)
    commitment = with_change_applied(change)
    commitment.save()
    email_owner(commitment, template="receipt", key=f"receipt:{commitment.key}:change-{change.pk}")
    publishing.publish([entry_to_append(change)])
    return change


@transaction.atomic
def return_with_comments(change: Change, *, by: User, comments: str) -> Change:
    """Return a change to the signatory with comments. Idempotent."""
    permissions.check(by, "change.return", change.commitment.signatory)
    change = _lock_change(change)
    if change.status == ChangeStatus.RETURNED:
        return change
    change.returned_comments = comments
    _record_decision(change, ChangeStatus.RETURNED)
    email_owner(
        change.commitment,
        template="returned",
        key=f"returned:{change.commitment.key}:change-{change.pk}"
        f":{change.submitted_at:%Y%m%dT%H%M%S.%f}",
        comments=comments,
        link=f"/business/commitments/{change.commitment.key}/change/preview",
    )
    return change


def with_change_applied(change: Change) -> Commitment:
    """Return the commitment with the change applied, for preview and approval. Not saved."""
    commitment = change.commitment
    for name, value in change.values.items():
        field = cast("Field[Any, Any]", Commitment._meta.get_field(name))
        setattr(commitment, name, field.to_python(value))
    if change.action in END_STATUSES:
        commitment.status = END_STATUSES[Change.Action(change.action)]
        commitment.end_reason = change.end_reason
    return commitment


def entry_to_append(change: Change) -> publishing.NewEntry:
    """Return the log entry that publishes a change."""
    commitment = with_change_applied(change)
    content = items.commitment(commitment) | {"change_reason": change.reason}
    return publishing.NewEntry("commitment", commitment.key, change.action, content)


def blocking_problem(change: Change) -> str:
    """Return why a change cannot be submitted, or "" if it can."""
    if change.action == Change.Action.CLOSE:
        if not has_final_update(change.commitment):
            return NO_FINAL_UPDATE
    elif change.action != Change.Action.WITHDRAW and not change.values:
        return NOTHING_CHANGED
    return ""


def has_final_update(commitment: Commitment) -> bool:
    """Return True if a public update reports the commitment met, partly met or not met."""
    return Record.objects.filter(key=commitment.key, delivery__in=Delivery.final_results()).exists()


def _set_status(change: Change, status: str) -> None:
    message = "This change was decided already."
    permissions.check_transition(CHANGE_MOVES, change.status, status, message)
    change.status = status


def _record_decision(change: Change, status: str) -> None:
    _set_status(change, status)
    change.decided_at = clock.now()
    change.save()


def _lock_change(change: Change) -> Change:
    return (
        # Lock the commitment first, as every action does, so that no two actions deadlock.
        Change.objects.select_for_update(of=["commitment", "self"])
        .select_related(
            "commitment__signatory__charter",
            "commitment__signatory__organisation",
            "commitment__theme",
            "commitment__measure",
        )
        .get(pk=change.pk)
    )


def _as_json(values: dict[str, Any]) -> dict[str, Any]:
    """Return values in the format of Change.values: dates and numbers as text."""
    return {
        name: value if value is None or isinstance(value, list | str) else str(value)
        for name, value in values.items()
    }
