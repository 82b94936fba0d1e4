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
from reporting.actions import successes
from reporting.evidence import files as evidence_files
from reporting.models import ProgressUpdate, ReportingPeriod, Success
from reporting.models.updates import ProgressUpdateQuerySet

# This many updates in a row may report no change alone; the next one needs a sentence.
MAX_UNCHANGED_IN_A_ROW = 2


@dataclass(frozen=True)
class UpdateSubmission:
    """What an author's form holds: an update, its evidence, and a success if one is reported.

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


def expected_update(commitment: Commitment, today: date) -> ProgressUpdate | None:
    """Return the update to write now: one to send again, a draft or a new unsaved one.

    None if no update is owed or the commitment is not public.
    """
    if commitment.status != CommitmentStatus.PUBLISHED:
        return None
    # What was returned or taken back keeps its period, even if a later update has been sent.
    to_send_again = commitment.updates.unsent().filter(
        submitted_at__isnull=False, period__excused_reason=""
    )
    if update := to_send_again.order_by("period__starts_on").first():
        return update
    period = schedule.period_to_report(commitment.periods.owed(), today)
    if period is None:
        return None
    drafts = commitment.updates.unsent()
    update = drafts.filter(period=period).first() or drafts.first()
    if update is None:
        last_update = last_sent_update(commitment)
        assessment = last_update.self_assessment if last_update else Delivery.NOT_STARTED
        update = ProgressUpdate(commitment=commitment, self_assessment=assessment)
    update.period = period
    return update


def last_sent_update(commitment: Commitment) -> ProgressUpdate | None:
    """Return the latest update sent, published or not, or None."""
    sent = commitment.updates.sent()
    return sent.select_related("period").order_by("-period__starts_on").first()


def no_change_allowed_from(update: ProgressUpdate) -> date | None:
    """Return the first day for reporting no change on a period, or None if it is allowed now.

    Before the update is requested, nobody can know that nothing will change in the period.
    """
    requested_from = schedule.requested_from(update.period)
    is_early = clock.today() < requested_from and not update.period.received_on
    return requested_from if is_early else None


def needs_explanation(commitment: Commitment) -> bool:
    """Return True if each of the last updates only reported no change."""
    sent = commitment.updates.sent().order_by("-period__starts_on")
    unchanged = sent[:MAX_UNCHANGED_IN_A_ROW].values_list("nothing_changed", flat=True)
    return list(unchanged) == [True] * MAX_UNCHANGED_IN_A_ROW


@acts.act("update.draft")
def start_draft(commitment: Commitment, *, by: User) -> ProgressUpdate:
    """Return the owed update, saved as a draft. Safe in parallel: there is one draft."""
    permissions.check(by, "update.draft", commitment.signatory)
    rows = Commitment.objects.select_for_update(of=("self",)).select_related("signatory")
    commitment = rows.get(pk=commitment.pk)
    update = expected_update(commitment, clock.today())
    if update is None:
        raise WrongStateError("Nothing is asked of this commitment now.")
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
        start_draft(commitment, by=by),
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
    update.period.received_on = update.period.received_on or clock.today()
    return entries_to_append(update)


def entries_to_append(update: ProgressUpdate) -> list[NewEntry]:
    """Return the log entries of an update, for the preview and for publication."""
    commitment, period = update.commitment, update.period
    entries = [
        NewEntry("update", update.key, "publish", items.update(update)),
        NewEntry("period", period.key, "publish", items.period(period) | {"update": update.key}),
    ]
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
    later_updates = ProgressUpdate.objects.filter(
        commitment=update.commitment_id,
        status=ReviewStatus.PUBLISHED,
        period__starts_on__gt=update.period.starts_on,
    )
    for later_update in later_updates.select_related("period", "commitment__measure").order_by(
        "period__starts_on"
    ):
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
    earlier_updates = update.commitment.updates.sent().filter(
        period__starts_on__lt=update.period.starts_on
    )
    last_update = earlier_updates.order_by("-period__starts_on").first()
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
            label="Nothing has changed" if submission.nothing_changed else "Progress update",
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
        if submission.nothing_changed:
            if allowed_from := no_change_allowed_from(submission):
                raise WrongStateError(
                    f"“Nothing has changed” can be said from {format_day(allowed_from)}."
                )
            _copy_last_update(submission)
        submission.draft_form_data, submission.returned_on = {}, None
        organisation = submission.commitment.signatory.organisation
        submission.sent_on_behalf_by = organisation.support_body_of(by)
        received_on = submission.period.received_on or clock.today()
        return [*record_arrival(submission.period, received_on), *_clear_bounces(by)]

    def before_taking_back(self, submission: ProgressUpdate) -> list[NewEntry]:
        return record_arrival(submission.period, None)

    def before_returning(self, submission: ProgressUpdate) -> None:
        submission.returned_on = clock.today()

    def before_publishing(self, submission: ProgressUpdate) -> None:
        if submission.commitment.status == CommitmentStatus.WITHDRAWN:
            raise WrongStateError(
                "The commitment was withdrawn, so its update cannot be published."
            )


def record_arrival(period: ReportingPeriod, received_on: date | None) -> list[NewEntry]:
    """Record when the update of a period came, or that it was taken back; return the entry."""
    period.received_on = received_on
    period.save()
    return [NewEntry("period", period.key, "publish", items.period(period))]


def _clear_bounces(user: User) -> list[NewEntry]:
    """Try email to the sender again, who is there to read it; return the entries of that."""
    has_bounced = user.memberships.current().exclude(bounced_at=None).exists()
    return reachability.clear_user_bounces(user) if has_bounced else []
