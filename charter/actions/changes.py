"""Correct, amend, close or withdraw a promise that is public, each with a public reason."""

from typing import Any, cast

from django.db import IntegrityError, transaction
from django.db.models import Field

from charter import items, permissions
from charter.actions.commitments import tell_owner
from charter.errors import AlreadyThereError, WrongStateError
from charter.models import Change, Commitment, User
from charter.workflow import CHANGE_MOVES, ChangeStatus, CommitmentStatus
from registry import clock, log

# What a change may alter. The planned evidence is frozen with version 1, and another measure is
# another promise.
CHANGEABLE = {
    "title",
    "description",
    "baseline_value",
    "baseline_on",
    "target_value",
    "start_on",
    "end_on",
    "area_codes",
    "additionality",
    "answerable_role",
}
ENDS = {
    Change.Action.CLOSE: CommitmentStatus.CLOSED,
    Change.Action.WITHDRAW: CommitmentStatus.WITHDRAWN,
}


@transaction.atomic
def propose(
    commitment: Commitment,
    *,
    by: User,
    action: str,
    reason: str,
    values: dict[str, Any] | None = None,
    end_reason: str = "",
) -> Change:
    """Put a change of a public promise before the council; the public sees nothing of it yet."""
    permissions.check_may_write(by, commitment.signatory)
    values = values or {}
    if unknown := set(values) - CHANGEABLE:
        raise ValueError(f"A change cannot alter {', '.join(sorted(unknown))}")
    if commitment.status != CommitmentStatus.PUBLISHED:
        raise WrongStateError("Only a commitment that is public can be changed.")
    if action == Change.Action.WITHDRAW:
        end_reason = "withdrawn"
    try:
        with transaction.atomic():
            return Change.objects.create(
                commitment=commitment,
                action=action,
                values=_as_json(values),
                reason=reason,
                end_reason=end_reason,
                submitted_at=clock.now(),
            )
    except IntegrityError:
        raise AlreadyThereError(
            "A change of this commitment already waits for the council."
        ) from None


@transaction.atomic
def approve(change: Change, *, by: User) -> Change:
    """Publish a change. A second click changes nothing."""
    permissions.check_is_council(by)
    change = _locked(change)
    if change.status == ChangeStatus.APPROVED:
        return change
    _decide(change, ChangeStatus.APPROVED)
    commitment = apply(change)
    commitment.save()
    tell_owner(commitment, template="receipt", key=f"receipt:{commitment.key}:change-{change.pk}")
    content = items.commitment(commitment) | {"change_reason": change.reason}
    log.publish([log.Item("commitment", commitment.key, change.action, content)])
    return change


@transaction.atomic
def return_with_words(change: Change, *, by: User, words: str) -> Change:
    """Give a proposed change back; the promise stands as it is."""
    permissions.check_is_council(by)
    change = _locked(change)
    if change.status == ChangeStatus.RETURNED:
        return change
    change.returned_words = words
    _decide(change, ChangeStatus.RETURNED)
    tell_owner(
        change.commitment,
        template="returned",
        key=f"returned:{change.commitment.key}:change-{change.pk}",
        words=words,
        link=f"/business/commitments/{change.commitment.key}",
    )
    return change


def apply(change: Change) -> Commitment:
    """Return the commitment as the change makes it, not saved: for preview and approval."""
    commitment = change.commitment
    for name, value in change.values.items():
        field = cast("Field[Any, Any]", Commitment._meta.get_field(name))
        setattr(commitment, name, field.to_python(value))
    if change.action in ENDS:
        commitment.status = ENDS[Change.Action(change.action)]
        commitment.end_reason = change.end_reason
    return commitment


def _decide(change: Change, status: str) -> None:
    words = "This change was decided already."
    permissions.check_follows(CHANGE_MOVES, change.status, status, words)
    change.status = status
    change.decided_at = clock.now()
    change.save()


def _locked(change: Change) -> Change:
    return (
        Change.objects.select_for_update(of=["self", "commitment"])
        .select_related(
            "commitment__signatory__charter",
            "commitment__signatory__organisation",
            "commitment__theme",
            "commitment__measure",
        )
        .get(pk=change.pk)
    )


def _as_json(values: dict[str, Any]) -> dict[str, Any]:
    """Return new values as JSON holds them: dates and numbers as text."""
    return {
        name: value if value is None or isinstance(value, list | str) else str(value)
        for name, value in values.items()
    }
