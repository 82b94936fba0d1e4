"""Send an update of a commitment, return it or publish it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from copy import copy
from datetime import date
from typing import Any

from django.db import transaction

from charter import items as charter_items
from charter import permissions as council
from charter.actions.commitments import email_owner
from charter.errors import StaleError, WrongStateError
from charter.mail import bounces
from charter.models import Commitment, User
from charter.workflow import CommitmentStatus
from registry import clock
from registry.log import publishing
from registry.wording.formatting import format_day as in_words
from reporting import items, permissions, schedule
from reporting.actions import periods
from reporting.evidence import actions as pieces
from reporting.models import ProgressUpdate
from reporting.models.updates import SelfAssessment
from reporting.workflow import REVIEW_MOVES, ReviewStatus

SENT_STATUSES = [ReviewStatus.SUBMITTED, ReviewStatus.PUBLISHED]
# So many answers in a row may say only that nothing has changed; the next needs a sentence.
MAX_UNCHANGED_IN_A_ROW = 2


def expected_update(commitment: Commitment, today: date) -> ProgressUpdate | None:
    """Return the update to be written now: a returned one, a draft, or a new one not saved yet.

    None when nothing is owed: everything is answered, or the commitment is not public.
    """
    if commitment.status != CommitmentStatus.PUBLISHED:
        return None
    if returned_update := commitment.updates.filter(status=ReviewStatus.RETURNED).first():
        return returned_update
    period = schedule.period_to_report(commitment.periods.owed(), today)
    if period is None:
        return None
    update = commitment.updates.filter(status=ReviewStatus.DRAFT).first()
    if update is None:
        before = last_sent_update(commitment)
        assessment = before.self_assessment if before else SelfAssessment.NOT_STARTED
        update = ProgressUpdate(commitment=commitment, self_assessment=assessment)
    update.period = period
    return update


def last_sent_update(commitment: Commitment) -> ProgressUpdate | None:
    """Return the latest answer of the signatory, whether the council has looked at it or not."""
    sent = commitment.updates.filter(status__in=SENT_STATUSES)
    return sent.select_related("period").order_by("-period__starts_on").first()


def last_sent_updates(commitments: Collection[int]) -> dict[int, ProgressUpdate]:
    """Return the latest answers of several commitments by their numbers, read at once."""
    sent = ProgressUpdate.objects.filter(commitment__in=commitments, status__in=SENT_STATUSES)
    latest = sent.order_by("commitment", "-period__starts_on").distinct("commitment")
    return {update.commitment_id: update for update in latest.select_related("commitment__measure")}


def no_change_allowed_from(update: ProgressUpdate) -> date | None:
    """Return from when "nothing has changed" can be said for a period; None once it can.

    Said before the period is asked for, it would settle what nobody can know yet.
    """
    requested_from = schedule.requested_from(update.period)
    is_early = clock.today() < requested_from and not update.period.received_on
    return requested_from if is_early else None


def needs_explanation(commitment: Commitment) -> bool:
    """Say whether the last answers all said only that nothing has changed."""
    sent = commitment.updates.filter(status__in=SENT_STATUSES).order_by("-period__starts_on")
    unchanged = sent[:MAX_UNCHANGED_IN_A_ROW].values_list("nothing_changed", flat=True)
    return list(unchanged) == [True] * MAX_UNCHANGED_IN_A_ROW


@transaction.atomic
def start_draft(commitment: Commitment, *, by: User) -> ProgressUpdate:
    """Begin the update that is owed, or return the one begun. Two people at once begin one."""
    permissions.check_may_report(by, commitment)
    rows = Commitment.objects.select_for_update(of=("self",)).select_related("signatory")
    commitment = rows.get(pk=commitment.pk)
    update = expected_update(commitment, clock.today())
    if update is None:
        raise WrongStateError("Nothing is asked of this commitment now.")
    update.save()
    return update


@transaction.atomic
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
    """Save an update as somebody saw it at `version`, with more evidence or `without` some.

    `draft_form_data` is all that the form held, which comes back with the draft.
    Raise StaleError if another saving came between.
    """
    permissions.check_may_report(by, update.commitment)
    update = lock_update(update)
    if update.status not in (ReviewStatus.DRAFT, ReviewStatus.RETURNED):
        raise WrongStateError("This update was sent already, so it cannot be edited now.")
    fields["draft_form_data"] = draft_form_data or {}
    is_unchanged = all(getattr(update, name) == value for name, value in fields.items())
    if is_unchanged and not evidence and not removed_references:
        return update  # a second click
    if update.version != version:
        raise StaleError(update)
    for name, value in fields.items():
        setattr(update, name, value)
    update.drafted_by, update.drafted_at = by, clock.now()
    update.version += 1
    update.save()
    pieces.remove_evidence(update, removed_references)
    pieces.add_evidence(update, evidence)
    return update


def submit(update: ProgressUpdate, *, by: User) -> ProgressUpdate:
    """Send an update. That an update came is public at once, the update once the council publishes
    it.

    A second click changes nothing.
    """
    [sent] = submit_all([update], by=by)
    return sent


@transaction.atomic
def submit_all(updates_to_send: Iterable[ProgressUpdate], *, by: User) -> list[ProgressUpdate]:
    """Send several updates in one act; what was sent already stays as it is."""
    sent: list[ProgressUpdate] = []
    entries: dict[str, publishing.NewEntry] = {}
    # In one order, so that two such acts do not wait for each other.
    for update in sorted(updates_to_send, key=lambda update: update.commitment_id):
        permissions.check_may_report(by, update.commitment)
        update = lock_update(update)
        if update.status not in SENT_STATUSES:
            entries |= {entry.key: entry for entry in _submit_update(update, by=by)}
        sent.append(update)
    if entries:
        has_bounced = by.memberships.current().exclude(bounced_at=None).exists()
        publishing.publish(
            [*entries.values(), *(bounces.clear_user_bounces(by) if has_bounced else [])]
        )
    return sent


@transaction.atomic
def return_with_comments(update: ProgressUpdate, *, by: User, comments: str) -> ProgressUpdate:
    """Give an update back with what should be different; that an update came stays public."""
    council.check_is_council(by)
    update = lock_update(update)
    if update.status == ReviewStatus.RETURNED:
        return update
    council.check_transition(
        REVIEW_MOVES,
        update.status,
        ReviewStatus.RETURNED,
        "Only what waits for you can be returned.",
    )
    update.status = ReviewStatus.RETURNED
    update.returned_comments = comments
    update.save()
    email_owner(
        update.commitment,
        template="returned",
        key=f"returned:{update.key}:{update.version}",
        comments=comments,
        submission=update,
        link=f"/{update.commitment.key}/update",
    )
    return update


@transaction.atomic
def approve(update: ProgressUpdate, *, by: User) -> ProgressUpdate:
    """Publish an update and thank its author. A second click, or officer, changes nothing."""
    council.check_is_council(by)
    update = lock_update(update)
    if update.status == ReviewStatus.PUBLISHED:
        return update
    council.check_transition(
        REVIEW_MOVES,
        update.status,
        ReviewStatus.PUBLISHED,
        "Only what waits for you can be published.",
    )
    if update.commitment.status == CommitmentStatus.WITHDRAWN:
        raise WrongStateError("The commitment was withdrawn, so its update cannot be published.")
    update.status = ReviewStatus.PUBLISHED
    update.published_at = clock.now()
    update.returned_comments = ""
    update.save()
    email_owner(
        update.commitment, template="receipt", key=f"receipt:{update.key}", submission=update
    )
    publishing.publish(entries_to_append(update))
    return update


def preview_entries(update: ProgressUpdate) -> list[publishing.NewEntry]:
    """Return what will be public of an update, not saved, once it is sent and then published."""
    update = copy(update)
    if update.nothing_changed:
        _copy_last_update(update)
    update.submitted_at = clock.now()
    update.period = copy(update.period)
    update.period.received_on = update.period.received_on or clock.today()
    return entries_to_append(update)


def entries_to_append(update: ProgressUpdate) -> list[publishing.NewEntry]:
    """Return what publishing an update appends: for the preview and for approving."""
    commitment, period = update.commitment, update.period
    entries = [
        publishing.NewEntry("update", update.key, "publish", items.update(update)),
        publishing.NewEntry(
            "period", period.key, "publish", items.period(period) | {"update": update.key}
        ),
    ]
    entries += [
        publishing.NewEntry("update", later.key, "publish", items.update(later, coming=update))
        for later in following_updates(update)
    ]
    if update.nothing_changed and commitment.status == CommitmentStatus.PUBLISHED:
        content = charter_items.commitment(commitment)
        entries.append(publishing.NewEntry("commitment", commitment.key, "confirm", content))
    return entries


def following_updates(update: ProgressUpdate) -> Iterator[ProgressUpdate]:
    """Yield the later public updates whose items follow from one: those that repeat it, and the
    first with updates on its own, since what its period adds is counted from there.
    """
    later = ProgressUpdate.objects.filter(
        commitment=update.commitment_id,
        status=ReviewStatus.PUBLISHED,
        period__starts_on__gt=update.period.starts_on,
    )
    for later_update in later.select_related("period", "commitment__measure").order_by(
        "period__starts_on"
    ):
        yield later_update
        if not (later_update.nothing_changed or later_update.is_help_request):
            return


def lock_update(update: ProgressUpdate) -> ProgressUpdate:
    """Read an update again, with its commitment and period, all locked.

    Whoever publishes an update on a commitment holds the commitment: of two acts at once the second
    sees what the first made of it, and no item is made from what was read before.
    """
    # The commitment first, as everywhere, so that no two acts wait for each other.
    rows = ProgressUpdate.objects.select_for_update(of=("commitment", "self", "period"))
    row = rows.select_related(
        "period", "commitment__signatory__organisation", "commitment__measure"
    ).get(pk=update.pk)
    row.period.commitment = row.commitment
    return row


def _submit_update(update: ProgressUpdate, *, by: User) -> list[publishing.NewEntry]:
    """Put an update before the council; return what becomes public by that."""
    council.check_transition(
        REVIEW_MOVES, update.status, ReviewStatus.SUBMITTED, "This update cannot be sent now."
    )
    if update.nothing_changed:
        if day := no_change_allowed_from(update):
            raise WrongStateError(f"“Nothing has changed” can be said from {in_words(day)}.")
        _copy_last_update(update)
    update.draft_form_data = {}
    update.status = ReviewStatus.SUBMITTED
    update.submitted_at = clock.now()
    update.sent_on_behalf_by = update.commitment.signatory.organisation.support_body_of(by)
    update.save()
    period = update.period
    period.received_on = period.received_on or clock.today()
    period.save()
    return periods.entries_to_append([period])


def _copy_last_update(update: ProgressUpdate) -> None:
    """Say again what was said last; where nothing was, the commitment stands at its start.

    An answer that only asked to talk told no figure: then the figure before it still stands.
    """
    earlier = update.commitment.updates.filter(
        status__in=SENT_STATUSES, period__starts_on__lt=update.period.starts_on
    )
    sent = list(earlier.order_by("-period__starts_on"))
    update.self_assessment = sent[0].self_assessment if sent else SelfAssessment.NOT_STARTED
    if last_report := next(
        (earlier_update for earlier_update in sent if not earlier_update.is_help_request), None
    ):
        update.value, update.percentage_of = last_report.value, last_report.percentage_of
        update.not_measured_reason = last_report.not_measured_reason
