"""Begin reporting periods, extend them, waive those for which nothing can be owed, in public."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import cast

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import TruncDate

from charter import permissions
from charter.models import Change, Commitment, User
from charter.workflow import ChangeStatus, CommitmentStatus
from registry import clock
from registry.log import keys, publishing
from reporting import items, schedule
from reporting.models import ReportingPeriod
from reporting.reminders import steps as reminder_steps

ENDED_REASONS: dict[str, str] = {
    CommitmentStatus.CLOSED: "The commitment was closed before an update was due",
    CommitmentStatus.WITHDRAWN: "The commitment was withdrawn before an update was due",
}
MAX_EXTENSION_DAYS = 180
LEFT_REASON = "The signatory left the charter before an update was due"
PAUSED_REASON = "It fell due while reporting was paused"


@transaction.atomic
def sync_periods(now: datetime) -> int:
    """Bring the periods in line with commitments and pauses; return how many changed.

    Nobody calls this when a commitment is published, closed or paused: it looks for itself, once a
    minute. Twice, or after weeks: it makes exactly what is missing. In parallel: the commitments it
    works on are locked, and passed over by the other. Killed: nothing is committed, and the next
    run does it all.
    """
    today = clock.local_date(now)
    changed = [*_begin_periods(today), *_waive_periods(today)]
    if changed:
        publishing.publish(entries_to_append(changed))
    return len(changed)


def entries_to_append(periods: Iterable[ReportingPeriod]) -> list[publishing.NewEntry]:
    """Return what the register says of periods now."""
    in_order = sorted(periods, key=lambda period: (period.commitment_id, period.starts_on))
    return [
        publishing.NewEntry("period", period.key, "publish", content)
        for period, content in zip(in_order, items.periods(in_order), strict=True)
    ]


def _begin_periods(today: date) -> list[ReportingPeriod]:
    """Make every period that has begun by today and is missing."""
    later = ReportingPeriod.objects.filter(commitment=OuterRef("pk"))
    current = later.filter(ends_on__gte=today)
    last = later.filter(ends_on__gte=OuterRef("end_on"))
    commitments = (
        Commitment.objects.open()
        .filter(~Exists(current), ~Exists(last), reporting_from__lte=today, signatory__left_on=None)
        .select_related("signatory__charter")
        .select_for_update(skip_locked=True, of=["self"], no_key=True)
    )
    ids = [commitment.pk for commitment in commitments]
    if not ids:
        return []
    # Read after the lock: another run may have made some a moment ago.
    existing = ReportingPeriod.objects.filter(commitment__in=ids).order_by("commitment", "ends_on")
    last_end = {
        commitment: list(periods)[-1].ends_on
        for commitment, periods in groupby(existing, key=lambda period: period.commitment_id)
    }
    new_periods = [
        period
        for commitment in commitments
        for period in _build_periods(commitment, last_end.get(commitment.pk), today)
    ]
    return ReportingPeriod.objects.bulk_create(_with_unique_keys(new_periods))


def _build_periods(
    commitment: Commitment, last_end: date | None, today: date
) -> Iterable[ReportingPeriod]:
    for span in schedule.begun_after(
        last_end,
        anchor=cast(date, commitment.reporting_from),
        cadence=commitment.cadence,
        end_on=commitment.end_on,
        today=today,
    ):
        yield ReportingPeriod(
            commitment=commitment,
            starts_on=span.starts_on,
            ends_on=span.ends_on,
            due_on=span.due_on,
            steps=reminder_steps.steps_for_new_periods(commitment.signatory.charter),
        )


def _with_unique_keys(periods: list[ReportingPeriod]) -> list[ReportingPeriod]:
    """Draw again the keys that others have: one in 33 million is few, but periods are many."""
    while True:
        drawn = {period.key: period for period in periods}
        taken = set(ReportingPeriod.objects.filter(key__in=drawn).values_list("key", flat=True))
        again = [p for p in periods if p.key in taken or drawn[p.key] is not p]
        if not again:
            return periods
        for period in again:
            period.key = keys.new_key("period")


def _waive_periods(today: date) -> list[ReportingPeriod]:
    """Waive what was not yet due when the commitment ended or its signatory left the charter, and
    what fell due inside a pause agreed by the council.
    """
    ended_before = (
        Change.objects.filter(
            commitment=OuterRef("commitment"),
            action__in=[Change.Action.CLOSE, Change.Action.WITHDRAW],
            status=ChangeStatus.APPROVED,
        )
        .annotate(decided_on=TruncDate("decided_at", tzinfo=clock.LONDON))
        .filter(decided_on__lt=OuterRef("due_on"))
    )
    ended = Q(commitment__status__in=ENDED_REASONS) & Exists(ended_before)
    left = Q(commitment__signatory__left_on__lt=F("due_on"))
    paused = (
        Q(commitment__in=Commitment.objects.open(), due_on__lte=today)
        & Q(commitment__signatory__pause_from__lte=F("due_on"))
        & (
            Q(commitment__signatory__pause_to__gte=F("due_on"))
            | Q(commitment__signatory__pause_to=None)
        )
    )
    owed = ReportingPeriod.objects.owed().filter(ended | left | paused)
    locked = owed.select_for_update(skip_locked=True, of=["self"], no_key=True)
    periods = list(locked.select_related("commitment__signatory"))
    for period in periods:
        period.excused_reason = _reason_for_waiving(period)
    if periods:
        ReportingPeriod.objects.bulk_update(periods, ["excused_reason"])
    return periods


def _reason_for_waiving(period: ReportingPeriod) -> str:
    left_on = period.commitment.signatory.left_on
    left = LEFT_REASON if left_on and left_on < period.due_on else PAUSED_REASON
    return ENDED_REASONS.get(period.commitment.status, left)


def min_extension_days(due_on: date) -> int:
    """Return by how many days a due date has to move at least, to come after today."""
    return max((clock.today() - due_on).days + 1, 1)


@transaction.atomic
def extend_due_dates(
    seen: Iterable[ReportingPeriod], *, by: User, days: int, reason: str
) -> list[ReportingPeriod]:
    """Move the due dates of periods that still owe an answer, in one act; the reason is public.

    Whoever was asked already is asked anew as the new day comes near. Twice: a date that is not the
    one that was seen any more stays as it is. Raise ValueError if a new day would not be to come.
    """
    permissions.check_is_council(by)
    if not 1 <= days <= MAX_EXTENSION_DAYS:
        raise ValueError(f"A due date can be moved by 1 to {MAX_EXTENSION_DAYS} days")
    due = {period.key: period.due_on for period in seen}
    if any(min_extension_days(day) > days for day in due.values()):
        raise ValueError("A due date can only be moved to a day after today")
    owed = ReportingPeriod.objects.owed().filter(key__in=due).order_by("pk")
    locked = owed.select_for_update(of=["self"], no_key=True).select_related("commitment")
    extended = [period for period in locked if period.due_on == due[period.key]]
    for period in extended:
        period.due_on += timedelta(days=days)
    ReportingPeriod.objects.bulk_update(extended, ["due_on"])
    publishing.publish(
        [
            publishing.NewEntry(
                "period", item.key, "amend", item.content | {"change_reason": reason}
            )
            for item in entries_to_append(extended)
        ]
    )
    return extended
