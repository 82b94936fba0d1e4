"""Draft and send progress updates, and say how the council reviews them."""

from collections.abc import Collection, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from charter import acts, permissions, review
from charter import items as charter_items
from charter.errors import ChangedSinceReadError, WrongStateError
from charter.mail import reachability
from charter.models import Commitment, User
from charter.questions import Question, UnansweredError
from charter.review import ReviewItem, ReviewKind
from charter.workflow import CommitmentStatus, ReviewStatus
from registry import clock
from registry.log.publishing import NewEntry
from registry.schema.code_lists import Delivery
from registry.wording.formatting import format_day
from reporting import items, review_warnings, schedule
from reporting.actions import final_periods, final_updates, successes
from reporting.actions.expected_updates import expected_update
from reporting.evidence import files as evidence_files
from reporting.models import ProgressUpdate, ReportingPeriod, Success
from reporting.models.updates import ProgressUpdateQuerySet

# This many updates in a row may report no change alone; the next one needs a sentence.
MAX_UNCHANGED_IN_A_ROW = 2


@dataclass(frozen=True)
class UpdateSubmission:
    """What an author's form holds: an update, its evidence, and a success if one is reported.

    `update` and `success` are fields of the models. `is_final` says that it is the final update.
    `draft_form_data` is the whole form, for drafts. The success has the key `success_key`, also if
    its author has emptied its fields.
    """

    version: int
    is_final: bool
    update: dict[str, Any]
    draft_form_data: dict[str, Any]
    evidence: list[dict[str, Any]]
    removed_references: list[str]
    success_key: str
    success: dict[str, Any] | None


def no_change_allowed_from(update: ProgressUpdate) -> date | None:
    """Return the first day for reporting no change on a period, or None if it is allowed now.

    Before the update is requested, nobody can know that nothing will change in the period.
    """
    requested_from = schedule.requested_from(update.period)
    is_early = clock.today() < requested_from and not update.period.received_on
    return requested_from if is_early else None


def needs_explanation(commitment: Commitment) -> bool:
    """Return True if each of the last updates only reported no change."""
    sent = commitment.updates.sent().newest_first()
    unchanged = sent[:MAX_UNCHANGED_IN_A_ROW].values_list("nothing_changed", flat=True)
    return list(unchanged) == [True] * MAX_UNCHANGED_IN_A_ROW


@acts.act("update.draft")
def start_draft(commitment: Commitment, *, by: User, final: bool | None = None) -> ProgressUpdate:
    """Return the expected update, saved as a draft. Safe in parallel: there is one draft."""
    permissions.check(by, "update.draft", commitment.signatory)
    rows = Commitment.objects.select_for_update(of=("self",)).select_related("signatory")
    commitment = rows.get(pk=commitment.pk)
    update = expected_update(commitment, clock.today(), final=final)
    if update is None:
        raise WrongStateError("This commitment does not need an update at the moment.")
    update.save()
    return update


@acts.act("update.draft")
def save_draft(
    update: ProgressUpdate,
    *,
    by: User,
    version: int,
    evidence: Sequence[dict[str, Any]] = (),
    removed_references: Collection[str] = (),
    draft_form_data: dict[str, Any] | None = None,
    **fields: Any,
) -> ProgressUpdate:
    """Save an update that the author read at `version`, adding and removing evidence.

    `draft_form_data` is the content of the whole form, which is restored with the draft. Raise
    ChangedSinceReadError if someone else has saved it since.
    """
    permissions.check(by, "update.draft", update.commitment.signatory)
    update = lock_update(update)
    if not update.is_working_copy:
        raise WrongStateError("This update was sent already, so it cannot be edited now.")
    fields["draft_form_data"] = draft_form_data or {}
    is_unchanged = all(getattr(update, name) == value for name, value in fields.items())
    if is_unchanged and not evidence and not removed_references:
        return update  # A second click changes nothing.
    if update.version != version:
        raise ChangedSinceReadError(update)
    for name, value in fields.items():
        setattr(update, name, value)
    update.drafted_by, update.drafted_at = by, clock.now()
    update.version += 1
    update.save()
    evidence_files.remove_evidence(update, removed_references)
    evidence_files.add_evidence(update, evidence)
    return update


@acts.act("update.draft")
def save_submission(
    commitment: Commitment, submission: UpdateSubmission, *, by: User, send: bool
) -> bool:
    """Save an update with its success, and submit both if `send`; return True if submitted.

    It stays a draft while its author has questions to read. Publication comes last.
    """
    update = save_draft(
        start_draft(commitment, by=by, final=submission.is_final),
        by=by,
        version=submission.version,
        evidence=submission.evidence,
        removed_references=submission.removed_references,
        draft_form_data=submission.draft_form_data,
        **submission.update,
    )
    success = successes.save_reported(
        commitment, submission.success, key=submission.success_key, by=by
    )
    if not send:
        return False
    acts.record_verb("update.submit")
    try:
        submit_with_success(update, success, by=by)
    except UnansweredError:
        acts.record_verb("update.draft")
        return False
    return True


@acts.act("update.submit")
def submit_with_success(update: ProgressUpdate, success: Success | None, *, by: User) -> None:
    """Submit an update and the success reported with it."""
    review.submit_all([update, success] if success else [update], by=by)


def preview_submission(update: ProgressUpdate, success: Success | None) -> list[NewEntry]:
    """Return the log entries of an update and its success as if both were published now."""
    return [
        *preview_entries(update),
        *(successes.entries_to_append(success) if success else []),
    ]


def preview_entries(update: ProgressUpdate) -> list[NewEntry]:
    """Return the log entries of an unsaved update as if it were published now."""
    update = copy(update)
    if update.nothing_changed:
        _copy_last_update(update)
    update.submitted_at = clock.now()
    update.period = copy(update.period)
    _note_arrival(update)
    return entries_to_append(update)


def entries_to_append(update: ProgressUpdate) -> list[NewEntry]:
    """Return the log entries of an update, for the preview and for publication."""
    commitment, period = update.commitment, update.period
    entries = [
        NewEntry("update", update.key, "publish", items.update(update)),
        NewEntry("period", period.key, "publish", items.period(period) | {"update": update.key}),
    ]
    if update.is_final and commitment.status == CommitmentStatus.PUBLISHED:
        entries.append(final_updates.closing_entry(update))
    entries += [
        NewEntry(
            "update", later_update.key, "publish", items.update(later_update, newly_public=update)
        )
        for later_update in following_updates(update)
    ]
    if update.nothing_changed and commitment.status == CommitmentStatus.PUBLISHED:
        content = charter_items.commitment(commitment)
        entries.append(NewEntry("commitment", commitment.key, "confirm", content))
    return entries


def following_updates(update: ProgressUpdate) -> Iterator[ProgressUpdate]:
    """Yield the later public updates whose items depend on this one.

    These are the updates that repeat it, and the first later one with its own figure, because the
    value of its period is counted from here.
    """
    later_updates = ProgressUpdate.objects.after(update).filter(status=ReviewStatus.PUBLISHED)
    for later_update in later_updates.select_related("period", "commitment__measure"):
        yield later_update
        if not later_update.nothing_changed:
            return


def lock_update(update: ProgressUpdate) -> ProgressUpdate:
    """Return an update read again with its commitment and period, all locked.

    Anyone who publishes an update holds the lock of its commitment. Parallel actions see each
    other's results, and no item is built from old data.
    """
    # Lock the commitment first, as everywhere, so that two parallel actions cannot deadlock.
    rows = ProgressUpdate.objects.select_for_update(of=("commitment", "self", "period"))
    row = rows.select_related(
        "period",
        "commitment__signatory__charter",
        "commitment__signatory__organisation",
        "commitment__measure",
    ).get(pk=update.pk)
    row.period.commitment = row.commitment
    return row


def _copy_last_update(update: ProgressUpdate) -> None:
    """Copy the last update's figures, or the starting state if there is none."""
    last_update = ProgressUpdate.objects.sent().before(update).first()
    update.self_assessment = last_update.self_assessment if last_update else Delivery.NOT_STARTED
    if last_update:
        update.value, update.percentage_of = last_update.value, last_update.percentage_of
        update.not_measured_reason = last_update.not_measured_reason


class UpdateReview(ReviewKind[ProgressUpdate]):
    """The review of a progress update. Its arrival is public at once, before it is published."""

    model = ProgressUpdate
    name = record_kind = "update"

    def awaiting_review(self) -> ProgressUpdateQuerySet:
        return ProgressUpdate.objects.awaiting_review().select_related(
            "commitment__signatory__charter",
            "commitment__signatory__organisation",
            "commitment__theme",
            "commitment__measure",
            "period",
        )

    def lock(self, submission: ProgressUpdate) -> ProgressUpdate:
        return lock_update(submission)

    def describe(self, submission: ProgressUpdate) -> ReviewItem:
        return ReviewItem(
            submission=submission,
            label=_review_label(submission),
            title=submission.commitment.title,
            key=submission.key,
            reference=submission.key,
            commitment=submission.commitment,
            edit_address=reverse("reporting:update", args=[submission.commitment.key]),
        )

    def entries_to_append(self, submission: ProgressUpdate) -> list[NewEntry]:
        return entries_to_append(submission)

    def questions(self, submission: ProgressUpdate) -> list[Question]:
        return [Question(text) for text in review_warnings.update_warnings(submission)]

    def before_submitting(self, submission: ProgressUpdate, by: User) -> list[NewEntry]:
        final_updates.check_delivery(submission)
        if submission.nothing_changed:
            if allowed_from := no_change_allowed_from(submission):
                raise WrongStateError(
                    f"“Nothing has changed” can be said from {format_day(allowed_from)}."
                )
            _copy_last_update(submission)
        submission.draft_form_data, submission.returned_on = {}, None
        organisation = submission.commitment.signatory.organisation
        submission.sent_on_behalf_by = organisation.support_body_of(by)
        _note_arrival(submission)
        return [*_save_period(submission.period), *_clear_bounces(by)]

    def before_taking_back(self, submission: ProgressUpdate) -> list[NewEntry]:
        return retract_arrival(submission)

    def before_returning(self, submission: ProgressUpdate) -> None:
        submission.returned_on = clock.today()

    def before_publishing(self, submission: ProgressUpdate) -> None:
        if submission.commitment.status == CommitmentStatus.WITHDRAWN:
            raise WrongStateError(
                "The commitment was withdrawn, so its update cannot be published."
            )
        if submission.is_final:
            final_updates.close_commitment(submission)


def _note_arrival(update: ProgressUpdate) -> None:
    """Set on a period what the arrival of its update changes.

    It makes an early end of a final update's period, and settles it unless a final one is needed.
    """
    period = update.period
    period.is_final = update.is_final or period.ends_commitment
    if period.is_final and not update.is_final:
        period.received_on = None
    else:
        period.received_on = period.received_on or clock.today()


def retract_arrival(update: ProgressUpdate) -> list[NewEntry]:
    """Undo the arrival of an update, as if it had not been sent; return the entry of that."""
    period = update.period
    period.is_final = period.ends_commitment
    period.received_on = None
    if update.is_final and not period.is_final:
        period.received_on = final_periods.arrival_day(period)
    return _save_period(period)


def _save_period(period: ReportingPeriod) -> list[NewEntry]:
    period.save()
    return [NewEntry("period", period.key, "publish", items.period(period))]


def _review_label(update: ProgressUpdate) -> str:
    if update.is_final:
        return "Final update"
    return "Nothing has changed" if update.nothing_changed else "Progress update"


def _clear_bounces(user: User) -> list[NewEntry]:
    """Try email to the sender again, who is there to read it; return the entries of that."""
    has_bounced = user.memberships.current().exclude(bounced_at=None).exists()
    return reachability.clear_user_bounces(user) if has_bounced else []
