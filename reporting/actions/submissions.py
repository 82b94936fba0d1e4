"""Save what a form holds, an update with its success or a success alone, and send it."""

from dataclasses import dataclass
from typing import Any

from charter import acts, personal_data, review
from charter.models import Commitment, User
from registry.log import publishing
from reporting.actions import successes, updates
from reporting.models import ProgressUpdate, Success


@dataclass(frozen=True)
class UpdateSubmission:
    """An author's update with new and removed evidence, and a success if one is reported.

    `update` and `success` are fields of the models. `draft_form_data` is the whole form, for
    drafts. The success has the key `success_key`, also if its author has emptied its fields.
    """

    version: int
    update: dict[str, Any]
    draft_form_data: dict[str, Any]
    evidence: list[dict[str, Any]]
    removed_references: list[str]
    success_key: str
    success: dict[str, Any] | None


@dataclass(frozen=True)
class SuccessSubmission:
    """An author's success alone, with its evidence and the other commitments behind it."""

    success: dict[str, Any]
    evidence: list[dict[str, Any]]
    removed_references: list[str]
    other_commitments: list[Commitment]


@acts.act("update.draft")
def save_update(
    commitment: Commitment, submission: UpdateSubmission, *, by: User, send: bool
) -> bool:
    """Save an update with its success, and submit both if `send`; return True if submitted.

    Possible personal data is not submitted before its author has seen it. Publication comes last.
    """
    update = updates.save_draft(
        updates.start_draft(commitment, by=by),
        by=by,
        version=submission.version,
        evidence=submission.evidence,
        removed_references=submission.removed_references,
        draft_form_data=submission.draft_form_data,
        **submission.update,
    )
    success = _save_success_draft(commitment, submission, by=by)
    if not send or find_personal_data(entries_to_publish(update, success)):
        return False
    acts.record_verb("update.submit")
    submit_update(update, success, by=by)
    return True


@acts.act("update.submit")
def submit_update(update: ProgressUpdate, success: Success | None, *, by: User) -> None:
    """Submit an update and the success reported with it."""
    review.submit_all([update, success] if success else [update], by=by)


@acts.act("success.draft")
def save_success(
    commitment: Commitment,
    submission: SuccessSubmission,
    *,
    by: User,
    send: bool,
    seen_warnings: str = "",
) -> tuple[Success, bool]:
    """Save a success, and submit it if `send`; return it, and True if it was submitted.

    Possible personal data is not submitted before its author has seen it: `seen_warnings` are the
    warnings on the author's page.
    """
    success = successes.save_draft(
        commitment,
        by=by,
        success=Success.objects.filter(key=submission.success["key"]).first(),
        evidence=submission.evidence,
        removed_references=submission.removed_references,
        other_commitments=submission.other_commitments,
        **submission.success,
    )
    warnings = find_personal_data(successes.entries_to_append(success))
    if not send or (warnings and seen_warnings != "; ".join(warnings)):
        return success, False
    acts.record_verb("success.submit")
    return review.submit(success, by=by), True


def entries_to_publish(
    update: ProgressUpdate, success: Success | None
) -> list[publishing.NewEntry]:
    """Return the log entries of an update and of the success sent with it."""
    return [
        *updates.preview_entries(update),
        *(successes.entries_to_append(success) if success else []),
    ]


def find_personal_data(entries: list[publishing.NewEntry]) -> list[str]:
    """Return possible personal data in new entries; the commitment was checked before."""
    return personal_data.find_in_entries(
        entry for entry in entries if entry.kind in ("update", "success")
    )


def _save_success_draft(
    commitment: Commitment, submission: UpdateSubmission, *, by: User
) -> Success | None:
    """Save the success of an update, or delete its draft if the author has emptied it."""
    if submission.success is None:
        successes.discard_draft(commitment, key=submission.success_key, by=by)
        return None
    success = commitment.successes.filter(key=submission.success_key).first()
    return successes.save_draft(commitment, by=by, success=success, **submission.success)
