"""Reporting periods: begin and extend them, and waive those that cannot be owed, in public."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, cast

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import TruncDate

from charter import acts, permissions
from charter.models import Change, Commitment, Signatory, User
from charter.workflow import ChangeStatus, CommitmentStatus, MessageState
from registry import clock
from registry.log import keys, publishing
from reporting import items, rechecks, schedule
from reporting.actions import final_periods
from reporting.models import ContactAttempt, Recheck, Reminder, ReportingPeriod
from reporting.models.periods import ReportingPeriodQuerySet
from reporting.reminders import steps as reminder_steps

ENDED_REASONS: dict[str, str] = {
    CommitmentStatus.CLOSED: "The commitment was closed before an update was due",
    CommitmentStatus.WITHDRAWN: "The commitment was withdrawn before an update was due",
}
SYNCED_AT_ONCE = 1000  # rows in one transaction
MAX_EXTENSION_DAYS = 180
# Only due dates within this time can be extended; later ones can wait.
EXTENDABLE_AHEAD = timedelta(days=92)
LEFT_REASON = "The signatory left the charter before an update was due"
PAUSED_REASON = "It fell due while reporting was paused"


def sync_periods(now: datetime) -> int:
    """Bring the periods in line with commitments and pauses; return how many changed.

    Nothing calls this when a commitment is published, closed or paused: the database notes it, and
    once a minute this looks at what was noted and at what the calendar brings (models/rechecks.py).
    Idempotent, also after weeks of downtime. Safe in parallel: the commitments are locked, and
    other runs skip locked ones. If killed: the next run does what is not committed.
    """
    today = clock.local_date(now)
    changed_count = 0
    while True:
        looked_count, count = _sync_some(today)
        changed_count += count
        if looked_count < SYNCED_AT_ONCE:
            return changed_count


@acts.act("period.sync")
def _sync_some(today: date) -> tuple[int, int]:
    """Look at some commitments; return how many rows were due, and how many periods changed."""
    due = Recheck.objects.due(Recheck.Task.PERIODS, today)[:SYNCED_AT_ONCE]
    rows = list(due.select_for_update(skip_locked=True).values_list("pk", "commitment"))
    if not rows:
        return 0, 0
    commitments = _lock_commitments({commitment for _, commitment in rows})
    changed_periods = [
        *final_periods.follow_deadlines(commitments, today),
        *_begin_periods(commitments, today),
        *_waive_periods(commitments, today),
    ]
    looked_at = [pk for pk, commitment in rows if commitment in commitments]
    rechecks.finish(looked_at, Recheck.Task.PERIODS, _next_days(commitments, today))
    if changed_periods:
        publishing.publish(entries_to_append(changed_periods))
    # Those that someone works on stay due: the next run looks at them.
    return len(looked_at), len(changed_periods)


def _lock_commitments(commitments: Collection[int]) -> set[int]:
    """Lock commitments with their periods; return those that nobody else has locked."""
    locking: dict[str, Any] = {"skip_locked": True, "of": ["self"], "no_key": True}
    free = Commitment.objects.filter(pk__in=commitments).order_by("pk")
    locked = set(free.select_for_update(**locking).values_list("pk", flat=True))
    periods = ReportingPeriod.objects.filter(commitment__in=locked).order_by("pk")
    locked_periods = periods.select_for_update(**locking).values_list("pk", flat=True)
    busy = periods.exclude(pk__in=list(locked_periods)).values_list("commitment", flat=True)
    return locked.difference(busy)


def _next_days(commitments: Collection[int], today: date) -> dict[int, date]:
    """Return when the calendar brings something next: a period ends, is due, or the first begins.

    Something due matters inside a pause.
    """
    days: dict[int, date] = {}
    to_begin = Commitment.objects.open().filter(pk__in=commitments, reporting_from__gt=today)
    for pk, begins_on in to_begin.values_list("pk", "reporting_from"):
        rechecks.note_earliest(days, pk, cast(date, begins_on), after=today)
    coming = ReportingPeriod.objects.filter(
        Q(ends_on__gte=today) | Q(due_on__gt=today), commitment__in=commitments
    )
    for pk, ends_on, due_on in coming.values_list("commitment", "ends_on", "due_on"):
        rechecks.note_earliest(days, pk, ends_on + schedule.DAY, after=today)
        rechecks.note_earliest(days, pk, due_on, after=today)
    return days


def entries_to_append(periods: Iterable[ReportingPeriod]) -> list[publishing.NewEntry]:
    """Return the current log entries of periods."""
    in_order = sorted(periods, key=lambda period: (period.commitment_id, period.starts_on))
    return [
        publishing.NewEntry("period", period.key, "publish", content)
        for period, content in zip(in_order, items.periods(in_order), strict=True)
    ]


def _begin_periods(looked_at: Collection[int], today: date) -> list[ReportingPeriod]:
    """Create every missing period that has begun by today."""
    existing_periods = ReportingPeriod.objects.filter(commitment=OuterRef("pk"))
    current_periods = existing_periods.filter(ends_on__gte=today)
    last_periods = existing_periods.filter(
        Q(ends_on__gte=OuterRef("end_on")) | Q(is_final=True, received_on__isnull=False)
    )
    commitments = (
        Commitment.objects.open()
        .filter(
            ~Exists(current_periods),
            ~Exists(last_periods),
            pk__in=looked_at,
            reporting_from__lte=today,
            signatory__left_on=None,
        )
        .select_related("signatory__charter")
    )
    commitment_ids = [commitment.pk for commitment in commitments]
    if not commitment_ids:
        return []
    existing = ReportingPeriod.objects.filter(commitment__in=commitment_ids).order_by(
        "commitment", "ends_on"
    )
    last_end = {
        commitment: list(periods)[-1].ends_on
        for commitment, periods in groupby(existing, key=lambda period: period.commitment_id)
    }
    new_periods = [
        period
        for commitment in commitments
        for period in _build_periods(commitment, last_end.get(commitment.pk), today)
    ]
    keys.replace_taken(new_periods)
    new_periods = ReportingPeriod.objects.bulk_create(new_periods)
    acts.created(*new_periods)
    return new_periods


def _build_periods(
    commitment: Commitment, last_end: date | None, today: date
) -> Iterable[ReportingPeriod]:
    plan = plan_of(commitment)
    for span in schedule.spans_to_begin(last_end, plan, today):
        due_on = span.due_on
        if span.is_final and last_end is None:
            # A commitment published after its deadline has the usual time for its final update.
            due_on = max(due_on, today + timedelta(days=plan.final_update_days))
        yield ReportingPeriod(
            commitment=commitment,
            starts_on=span.starts_on,
            ends_on=span.ends_on,
            due_on=due_on,
            is_final=span.is_final,
            steps=reminder_steps.steps_for_new_periods(
                commitment.signatory.charter, is_final=span.is_final
            ),
        )


def plan_of(commitment: Commitment) -> schedule.Plan:
    """Return what the periods of a public commitment are counted from."""
    return schedule.Plan(
        anchor=cast(date, commitment.reporting_from),
        cadence=commitment.cadence,
        end_on=commitment.end_on,
        final_update_days=commitment.signatory.charter.final_update_days,
    )


def _waive_periods(looked_at: Collection[int], today: date) -> list[ReportingPeriod]:
    """Waive periods that ended before an update was due, and those due inside an agreed pause.

    A period ends early when its commitment ends or its signatory leaves the charter. The final
    update is needed after a pause too: it is due as long after its end as after a deadline.
    """
    early_endings = (
        Change.objects.filter(
            commitment=OuterRef("commitment"),
            action__in=[Change.Action.CLOSE, Change.Action.WITHDRAW],
            status=ChangeStatus.PUBLISHED,
        )
        .annotate(decided_on=TruncDate("published_at", tzinfo=clock.LONDON))
        .filter(decided_on__lt=OuterRef("due_on"))
    )
    has_ended = Q(commitment__status__in=ENDED_REASONS) & Exists(early_endings)
    # What was asked for stays owed: leaving must not tidy up, even with a day in the past.
    has_left = Q(commitment__signatory__left_on__lt=F("due_on")) & ~_was_requested()
    paused_then = Signatory.objects.paused_on(OuterRef("due_on"))
    due_in_pause = Q(commitment__in=Commitment.objects.open(), due_on__lte=today) & Exists(
        paused_then.filter(pk=OuterRef("commitment__signatory"))
    )
    waits_in_pause = Q(is_final=True, commitment__signatory__pause_to=None)
    owed_periods = ReportingPeriod.objects.owed().filter(
        has_ended | has_left | due_in_pause & ~waits_in_pause, commitment__in=looked_at
    )
    periods = list(owed_periods.select_related("commitment__signatory__charter"))
    for period in periods:
        reason = _reason_for_waiving(period)
        pause_to = period.commitment.signatory.pause_to
        if period.is_final and reason == PAUSED_REASON and pause_to:
            charter = period.commitment.signatory.charter
            period.due_on = pause_to + timedelta(days=charter.final_update_days)
        else:
            period.excused_reason = reason
    if periods:
        ReportingPeriod.objects.bulk_update(periods, ["excused_reason", "due_on"])
        acts.changed(*periods)
    return periods


def _was_requested() -> Q:
    """Return the condition that an update was asked for after its due date, as in `requests`."""
    reminders = Reminder.objects.filter(period=OuterRef("pk"), message__state=MessageState.SENT)
    sent = reminders.annotate(on=TruncDate("message__finished_at", tzinfo=clock.LONDON))
    attempts = ContactAttempt.objects.filter(periods=OuterRef("pk"))
    return Q(Exists(sent.filter(on__gt=OuterRef("due_on")))) | Q(
        Exists(attempts.filter(made_on__gt=OuterRef("due_on")))
    )


def _reason_for_waiving(period: ReportingPeriod) -> str:
    left_on = period.commitment.signatory.left_on
    default_reason = LEFT_REASON if left_on and left_on < period.due_on else PAUSED_REASON
    return ENDED_REASONS.get(period.commitment.status, default_reason)


def extendable_periods() -> ReportingPeriodQuerySet:
    """Return the owed periods whose due dates an officer may extend, oldest first."""
    return (
        ReportingPeriod.objects.owed()
        .of_open_commitments()
        .filter(due_on__lte=clock.today() + EXTENDABLE_AHEAD)
        .select_related("commitment__signatory__organisation")
        .order_by("due_on", "pk")
    )


def min_extension_days(due_on: date) -> int:
    """Return the smallest extension in days that moves a due date past today."""
    return max((clock.today() - due_on).days + 1, 1)


@acts.act("period.extend")
def extend_due_dates(
    seen_periods: Iterable[ReportingPeriod], *, by: User, days: int, reason: str
) -> list[ReportingPeriod]:
    """Move the due dates of owed periods in one batch, with a public reason.

    Reminders are sent again as the new date approaches. Idempotent: a due date that is no longer as
    in `seen_periods` is left alone. Raise ValueError if a new date would not be in the future.
    """
    if not 1 <= days <= MAX_EXTENSION_DAYS:
        raise ValueError(f"A due date can be moved by 1 to {MAX_EXTENSION_DAYS} days")
    seen_due_dates = {period.key: period.due_on for period in seen_periods}
    if any(min_extension_days(day) > days for day in seen_due_dates.values()):
        raise ValueError("A due date can only be moved to a day after today")
    owed_periods = ReportingPeriod.objects.owed().filter(key__in=seen_due_dates).order_by("pk")
    locked_periods = owed_periods.select_for_update(of=["self"], no_key=True).select_related(
        "commitment__signatory__charter"
    )
    charters = (period.commitment.signatory.charter for period in locked_periods)
    permissions.check_each(by, "period.extend", charters)
    extended = [period for period in locked_periods if period.due_on == seen_due_dates[period.key]]
    for period in extended:
        period.due_on += timedelta(days=days)
    ReportingPeriod.objects.bulk_update(extended, ["due_on"])
    acts.changed(*extended)
    publishing.publish(
        [
            publishing.NewEntry(
                "period", entry.key, "amend", entry.content | {"change_reason": reason}
            )
            for entry in entries_to_append(extended)
        ]
    )
    return extended
