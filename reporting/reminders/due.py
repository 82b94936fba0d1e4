"""Which reminders are due: for each contact and period the newest step that has not been claimed.

The database only over-selects; contacts, days and steps are decided here. Everything is read at
once, and most columns only for periods with something due.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import F, Q

from charter.models import Membership
from charter.workflow import CommitmentStatus
from reporting import rechecks, schedule
from reporting.models import Reminder, ReportingPeriod
from reporting.models.periods import ReportingPeriodQuerySet
from reporting.reminders import steps as reminder_steps
from reporting.reminders.recipients import Recipients

# Relations read with a due period, so that checking and writing its reminder costs no query.
PERIOD_RELATIONS = (
    "commitment__signatory__charter__authority",
    "commitment__signatory__organisation",
    "commitment__measure",
)
# By membership and period, for the period's due date.
ClaimedSteps = dict[tuple[int, int], set[int]]


class Candidate(NamedTuple):
    """A period within reach, with what deciding needs: a model for each would take most time."""

    pk: int
    starts_on: date
    ends_on: date
    due_on: date
    is_final: bool
    steps: list[int]
    update_owner_id: int | None
    organisation_id: int


def find_due_reminders(
    today: date, periods: ReportingPeriodQuerySet | None = None
) -> list[Reminder]:
    """Return the newest step of each contact and period, and older skipped ones, unsaved.

    `periods` are those to look at, by default all.
    """
    if periods is None:
        periods = ReportingPeriod.objects.all()
    candidates, claimed = _find_candidates(today, periods), _claimed_steps(today, periods)
    recipients = Recipients(candidates)
    due = [
        (contact, period, unclaimed)
        for period in candidates
        for contact, steps in _contacts(period, recipients)
        if (unclaimed := _unclaimed_steps(period, steps, claimed[contact.pk, period.pk], today))
    ]
    due_periods = ReportingPeriod.objects.select_related(*PERIOD_RELATIONS).in_bulk(
        {period.pk for _, period, _ in due}
    )
    reminders = [
        Reminder(
            membership=contact,
            period=due_periods[period.pk],
            # The due date that was decided on: it may have been moved a moment ago.
            due_on=period.due_on,
            step=step,
            claimed_on=today,
            reason="" if step == unclaimed[-1] else "Missed: a newer step was due",
        )
        for contact, period, unclaimed in due
        for step in unclaimed
    ]
    for reminder in reminders:
        reminder.reason = reminder.reason or skip_reason(reminder, today)
    return reminders


def next_days(commitments: Collection[int], today: date) -> dict[int, date]:
    """Return by commitment when the calendar brings its next reminder, or ends its pause."""
    unanswered = ReportingPeriod.objects.filter(
        commitment__in=commitments, received_on=None, excused_reason=""
    )
    days: dict[int, date] = {}
    for period in unanswered.select_related("commitment__signatory"):
        step_day = schedule.next_sending_day(period, period.steps, today)
        pause_to = period.commitment.signatory.pause_to
        for day in (step_day, pause_to and pause_to + schedule.DAY):
            if day:
                rechecks.note_earliest(days, period.commitment_id, day, after=today)
    return days


def skip_reason(reminder: Reminder, today: date) -> str:
    """Return why a step of an owed period is skipped for its contact, or ""."""
    membership, period = reminder.membership, reminder.period
    signatory = period.commitment.signatory
    if membership.ended_on or not membership.user.is_active or signatory.left_on:
        return "The contact has left"
    if membership.bounced_at:
        return "The mailbox refuses email"
    if period.commitment.status != CommitmentStatus.PUBLISHED:
        return "The commitment has ended"
    if signatory.is_paused(today):
        return "Reporting is paused"
    is_stoppable = reminder.step in reminder_steps.stoppable_steps(period)
    if is_stoppable and _has_stopped_reminders(membership, today):
        return "The contact has stopped these emails"
    return ""


def _find_candidates(today: date, periods: ReportingPeriodQuerySet) -> list[Candidate]:
    """Return the owed periods for which some step can have come."""
    owed_periods = (
        periods.owed()
        .of_open_commitments()
        .not_paused(today)
        .filter(_within_reach(today))
        .order_by("due_on", "pk")
    )
    return [
        Candidate(*row)
        for row in owed_periods.values_list(
            "pk",
            "starts_on",
            "ends_on",
            "due_on",
            "is_final",
            "steps",
            "commitment__update_owner",
            "commitment__signatory__organisation",
        )
    ]


def _claimed_steps(today: date, periods: ReportingPeriodQuerySet) -> ClaimedSteps:
    """Return the claimed steps of unanswered periods within reach, paused and ended ones too."""
    within_reach = periods.filter(_within_reach(today), received_on=None)
    claims = Reminder.objects.filter(period__in=within_reach, due_on=F("period__due_on"))
    claimed: ClaimedSteps = defaultdict(set)
    for membership, period, step in claims.values_list("membership", "period", "step"):
        claimed[membership, period].add(step)
    return claimed


def _within_reach(today: date) -> Q:
    """Return the condition on a period that a reminder can be sent: none is sent earlier."""
    announced = Q(is_final=True, ends_on__lte=today + timedelta(schedule.ANNOUNCED_DAYS))
    return Q(due_on__lte=today + timedelta(schedule.REQUEST_LEAD_DAYS)) | announced


def _contacts(
    period: Candidate, recipients: Recipients
) -> Iterator[tuple[Membership, Sequence[int]]]:
    """Yield the contacts of a period whose mailbox works, with the steps they get."""
    owner = recipients.get_owner(period)
    if owner and not owner.bounced_at:
        yield owner, period.steps
    for sponsor in recipients.get_sponsors(period):
        if not sponsor.bounced_at:
            yield sponsor, reminder_steps.sponsor_steps(period.steps)


def _unclaimed_steps(
    period: Candidate, steps: Sequence[int], claimed: set[int], today: date
) -> list[int]:
    """Return the reached steps without a claim, oldest first; none if the newest is claimed."""
    reached = schedule.steps_reached(period, steps, today)
    if not reached or reached[-1] in claimed:
        return []
    return [step for step in reached if step not in claimed]


def _has_stopped_reminders(membership: Membership, today: date) -> bool:
    paused_until = membership.nudges_paused_until
    return membership.nudges_stopped or (paused_until is not None and paused_until >= today)
