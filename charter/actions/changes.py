"""Correct, amend, close or withdraw a public commitment, each with a public reason."""

from copy import copy
from typing import Any, cast

from django.db.models import Field
from django.urls import reverse

from charter import acts, correction_rules, items, permissions, review
from charter.actions.commitments import lock_commitment
from charter.errors import (
    AlreadyDecidedError,
    AlreadyExistsError,
    ChangedSinceReadError,
    IncompleteError,
    WrongStateError,
)
from charter.models import Change, Commitment, User
from charter.models.commitments import ChangeQuerySet
from charter.questions import Question
from charter.review import ReviewItem, ReviewKind
from charter.seen_digest import check_digest
from charter.workflow import ChangeStatus, CommitmentStatus
from registry import clock
from registry.log.publishing import NewEntry
from registry.schema.code_lists import EndReason
from registry.schema.commitment_fields import COMMITMENT_FIELDS

# Fields that a change may alter, in the order of its form.
CHANGEABLE = tuple(declared.name for declared in COMMITMENT_FIELDS if declared.may_change)
END_STATUSES = {
    Change.Action.CLOSE: CommitmentStatus.CLOSED,
    Change.Action.WITHDRAW: CommitmentStatus.WITHDRAWN,
}
DEADLINE_PASSED = "Its deadline has passed: send the final update, which closes it."
NO_LONGER_A_CORRECTION = (
    "An update was sent since, so this can no longer be a correction: return it with comments."
)
READER_CREDIT = "A reader pointed this out."
NOTHING_CHANGED = "You have not changed anything"


@acts.act("change.draft")
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

    A commitment has one open change, which is overwritten. Raise ChangedSinceReadError unless it
    is still at `version` (0: no change existed). Idempotent: equal values are not saved again.
    """
    permissions.check(by, "change.draft", commitment.signatory)
    if unknown_fields := set(values or {}).difference(CHANGEABLE):
        raise ValueError(f"A change cannot alter {', '.join(sorted(unknown_fields))}")
    if action in END_STATUSES and values:
        raise ValueError("What ends stays as it was promised")
    if action == Change.Action.CLOSE and end_reason not in EndReason.closing_reasons():
        raise ValueError("The final update says whether a commitment was met")
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
        raise ChangedSinceReadError(change)
    for name, value in fields.items():
        setattr(change, name, value)
    change.version += 1
    change.save()
    return change


@acts.act("change.drop")
def drop(change: Change, *, by: User) -> Change:
    """Drop an unpublished change and keep the commitment unchanged. Idempotent."""
    permissions.check(by, "change.drop", change.commitment.signatory)
    change = lock_change(change)
    if change.status == ChangeStatus.DROPPED:
        return change
    if change.status == ChangeStatus.PUBLISHED:
        raise AlreadyDecidedError
    change.status = ChangeStatus.DROPPED
    change.save()
    return change


@acts.act("change.publish")
def publish_with_credit(change: Change, *, by: User, seen_digest: str) -> Change:
    """Publish a change that a reader pointed out, and say so in its public reason.

    The officer has read the reason without that sentence.
    """
    permissions.check(by, "change.publish", change.commitment.signatory)
    change = lock_change(change)
    if change.status != ChangeStatus.SUBMITTED:
        raise AlreadyDecidedError
    check_digest(review.digest_entries([entry_to_append(change)]), seen_digest)
    change.reason = f"{change.reason} {READER_CREDIT}"
    change.save()
    seen_digest = review.digest_entries([entry_to_append(change)])
    return review.publish(change, by=by, seen_digest=seen_digest)


def with_change_applied(change: Change) -> Commitment:
    """Return a copy of the commitment with the change applied. Not saved."""
    commitment = copy(change.commitment)
    for name, value in change.values.items():
        field = cast("Field[Any, Any]", Commitment._meta.get_field(name))
        setattr(commitment, name, field.to_python(value))
    if change.action in END_STATUSES:
        commitment.status = END_STATUSES[Change.Action(change.action)]
        commitment.end_reason = change.end_reason
    return commitment


def entry_to_append(change: Change) -> NewEntry:
    """Return the log entry that publishes a change."""
    commitment = with_change_applied(change)
    content = items.commitment(commitment) | {"change_reason": change.reason}
    entry = NewEntry("commitment", commitment.key, change.action, content)
    if change.action != Change.Action.CORRECT:
        return entry
    return correction_rules.with_ground(entry, ground=change.ground, document=change.document)


def refused_fields(change: Change) -> dict[str, str]:
    """Return messages by field for what its signatory can no longer correct."""
    if change.action != Change.Action.CORRECT:
        return {}
    return correction_rules.refused_fields(change.commitment, entry_to_append(change))


def propose_correction(
    commitment: Commitment,
    values: dict[str, Any],
    *,
    reason: str = "Not given yet",
    ground: str = "",
    document: str = "",
) -> Change:
    """Return an unsaved correction, to see what it would do."""
    return Change(
        commitment=commitment,
        action=Change.Action.CORRECT,
        values=_as_json(values),
        reason=reason,
        ground=ground,
        document=document,
    )


def blocking_problem(change: Change) -> str:
    """Return why a change cannot be submitted, or "" if it can."""
    if refusals := refused_fields(change):
        return f"{next(iter(refusals.values()))}."
    if change.action == Change.Action.CLOSE:
        return closing_problem(change.commitment)
    if change.action != Change.Action.WITHDRAW and not change.values:
        return NOTHING_CHANGED
    return ""


def closing_problem(commitment: Commitment) -> str:
    """Return why a commitment cannot be closed without a result, or "" if it can.

    Its result is for the final update to say, which is asked from the deadline on.
    """
    has_passed = commitment.end_on is not None and commitment.end_on <= clock.today()
    return DEADLINE_PASSED if has_passed else ""


def lock_change(change: Change) -> Change:
    return _with_relations().select_for_update(of=["commitment", "self"]).get(pk=change.pk)


class ChangeReview(ReviewKind[Change]):
    """The review of a change of a public commitment."""

    model = Change
    name = "change"
    record_kind = "commitment"
    key_lookup = "commitment__key"

    def awaiting_review(self) -> ChangeQuerySet:
        return _with_relations().awaiting_review()

    def lock(self, submission: Change) -> Change:
        return lock_change(submission)

    def describe(self, submission: Change) -> ReviewItem:
        commitment = submission.commitment
        return ReviewItem(
            submission=submission,
            label=f"Change: {submission.get_action_display().lower()}",
            title=commitment.title,
            key=commitment.key,
            reference=f"{commitment.key}:change-{submission.identity}",
            commitment=commitment,
            edit_address=reverse("business:change_preview", args=[commitment.key]),
        )

    def entries_to_append(self, submission: Change) -> list[NewEntry]:
        return [entry_to_append(submission)]

    def questions(self, submission: Change) -> list[Question]:
        warnings = correction_rules.weakening_warnings(entry_to_append(submission))
        return [Question(text) for text in warnings]

    def before_submitting(self, submission: Change, by: User) -> list[NewEntry]:
        if problem := blocking_problem(submission):
            raise IncompleteError({"action": problem})
        return []

    def before_publishing(self, submission: Change) -> None:
        if submission.commitment.status != CommitmentStatus.PUBLISHED:
            raise WrongStateError("The commitment has ended, so it cannot be changed.")
        if refused_fields(submission):
            raise WrongStateError(NO_LONGER_A_CORRECTION)
        submission.commitment = with_change_applied(submission)
        submission.commitment.save()


def _with_relations() -> ChangeQuerySet:
    return Change.objects.select_related(
        "commitment__signatory__charter",
        "commitment__signatory__organisation",
        "commitment__theme",
        "commitment__measure",
    )


def _as_json(values: dict[str, Any]) -> dict[str, Any]:
    """Return values in the format of Change.values: dates and numbers as text."""
    return {
        name: value if value is None or isinstance(value, list | str) else str(value)
        for name, value in values.items()
    }
