"""The asking for updates: which step is due for whom, and the one email a day that asks."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import chain, groupby

from django.db import transaction
from django.db.models import F

from charter import permissions
from charter.mail import outbox
from charter.models import Membership, Message, User
from charter.workflow import CommitmentStatus
from registry import clock
from registry.log import publishing
from reporting import schedule
from reporting.actions import periods, preferences
from reporting.models import Reminder, ReminderStop, ReportingPeriod
from reporting.reminders import due as due_query
from reporting.reminders import email as reminder_email
from reporting.reminders import steps as reminder_steps
from reporting.reminders.recipients import Recipients

logger = logging.getLogger(__name__)

# What is read with each reminder, so that asking about it costs no query.
REMINDER_RELATIONS = [
    "membership__user",
    "period__commitment__signatory__charter",
    "period__commitment__signatory__organisation",
    "period__commitment__measure",
]


# Officers see so many sending days ahead, of the next weeks.
PREVIEWED_DAYS, PREVIEW_WINDOW = 5, timedelta(days=30)
Batch = tuple[date, list[list[Reminder]]]


def send_due_reminders(now: datetime) -> int:
    """Claim the steps that are due and queue one email for each person; return how many emails.

    Twice, or in parallel: a person's row is locked, and a person who has today's email gets no
    other; each step is unique in the database. After an outage: the newest step goes out, older
    ones are recorded as skipped. Killed: what was committed is complete, person by person, and the
    next run does the rest. A person whose email cannot be made is logged and keeps nobody waiting.
    """
    if not schedule.may_send(now) or ReminderStop.get_current():
        return 0
    today = clock.local_date(now)
    by_person: dict[int, list[Reminder]] = defaultdict(list)
    for reminder in due_reminders(today):
        by_person[reminder.membership.user_id].append(reminder)
    emails = 0
    for person, reminders in by_person.items():
        try:
            emails += _queue_email(person, reminders, today)
        except Exception:
            logger.exception("The reminders of person %s broke", person)
    return emails


def next_batches(now: datetime) -> list[Batch]:
    """Return the next sending day, and the next ones on which anything is due, as it stands now.

    On each day, person by person: what would go out and what not, without what an earlier day made.
    """
    day = clock.local_date(now)
    if not schedule.is_working_day(day) or schedule.may_send(now):
        day = schedule.next_working_day(day)
    last = day + PREVIEW_WINDOW
    batches: list[Batch] = []
    earlier_steps: set[tuple[int, int, int]] = set()
    while day <= last and len(batches) < PREVIEWED_DAYS:
        reminders = {(r.membership_id, r.period_id, r.step): r for r in due_reminders(day)}
        of_day = [reminder for step, reminder in reminders.items() if step not in earlier_steps]
        earlier_steps |= reminders.keys()
        if of_day or not batches:
            batches.append((day, _group_by_person(of_day)))
        day = schedule.next_working_day(day)
    return batches


def _group_by_person(reminders: list[Reminder]) -> list[list[Reminder]]:
    ordered = sorted(reminders, key=lambda r: (r.membership.user.email, r.period.due_on, r.step))
    by_person = groupby(ordered, key=lambda reminder: reminder.membership.user_id)
    return [list(of_person) for _, of_person in by_person]


def send_test_email(person: User, day: str, *, by: User) -> Message | None:
    """Send somebody of the council what a person would get on a day; None when that is nothing."""
    permissions.check_is_council(by)
    batches = {str(on): (on, chain(*batch)) for on, batch in next_batches(clock.now())}
    if day not in batches:
        return None
    on, batch = batches[day]
    reminders = [r for r in batch if r.membership.user_id == person.pk and not r.reason]
    if not (rendered := reminder_email.render_email(person, reminders, on)):
        return None
    subject, text, html = rendered
    return outbox.queue(
        kind="test",
        key=f"test:{by.pk}:{clock.now():%Y%m%dT%H%M%S.%f}",
        recipient=by.email,
        subject=f"Test: {subject}",
        text=text,
        html=html,
    )


def cancellation_reason(message: Message) -> str:
    """Return why a digest is no longer wanted, or ""; an item that is not is taken out of it."""
    if ReminderStop.get_current():
        return "The council has stopped reminders"
    today = clock.today()
    reminders = list(message.reminders.select_related(*REMINDER_RELATIONS))
    owed = set(
        ReportingPeriod.objects.owed()
        .filter(reminders__message=message)
        .values_list("pk", flat=True)
    )
    reasons = [
        skip_reason(reminder, today)
        or ("" if reminder.period_id in owed else "The update has come")
        for reminder in reminders
    ]
    wanted = [reminder for reminder, reason in zip(reminders, reasons, strict=True) if not reason]
    if not wanted:
        return "; ".join(sorted(set(reasons))) or "Nothing is left to ask"
    if len(wanted) < len(reminders):
        if not (rendered := reminder_email.render_email(wanted[0].membership.user, wanted, today)):
            return "The update has come"
        message.subject, message.text, message.html = rendered
        message.save(update_fields=["subject", "text", "html"])
        left_out = [reminder.pk for reminder in reminders if reminder not in wanted]
        Reminder.objects.filter(pk__in=left_out).update(
            reason="No longer wanted when it was sent", message=None
        )
    return ""


def publish_requests(message: Message) -> None:
    """Make public that we asked, once a request after the due date was handed over."""
    requested_periods = ReportingPeriod.objects.filter(
        pk__in=message.reminders.values("period"),
        due_on__lt=clock.local_date(message.finished_at or clock.now()),
    )
    locked = requested_periods.select_for_update(of=("self",), no_key=True).order_by("pk")
    publishing.publish(periods.entries_to_append(locked.select_related("commitment")))


def skip_reason(reminder: Reminder, today: date) -> str:
    """Return why a step of an owed period is not wanted by or for its contact, or ""."""
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
    if reminder.step in reminder_steps.stoppable_steps(period) and _has_stopped_reminders(
        membership, today
    ):
        return "The contact has stopped these emails"
    return ""


def due_reminders(today: date) -> list[Reminder]:
    """Return, unsaved, the newest step of each contact and period, and those it makes up for."""
    periods = list(
        due_query.periods_to_remind(today)
        .select_related(*[path.removeprefix("period__") for path in REMINDER_RELATIONS[1:]])
        .order_by("due_on", "pk")
    )
    handled: dict[tuple[int, int], set[int]] = defaultdict(set)
    claimed = Reminder.objects.filter(period__in=periods, due_on=F("period__due_on"))
    for membership_id, period_id, step in claimed.values_list("membership", "period", "step"):
        handled[membership_id, period_id].add(step)
    recipients = Recipients(periods)
    reminders = []
    for period in periods:
        for membership, contact_steps in [
            (recipients.get_owner(period), period.steps),
            *(
                (sponsor, reminder_steps.sponsor_steps(period))
                for sponsor in recipients.get_sponsors(period)
            ),
        ]:
            if membership and not membership.bounced_at:
                reminders += _newest_reminders(
                    membership, period, contact_steps, handled[membership.pk, period.pk], today
                )
    return reminders


def _newest_reminders(
    membership: Membership,
    period: ReportingPeriod,
    contact_steps: Iterable[int],
    handled: set[int],
    today: date,
) -> list[Reminder]:
    """Return the newest step reached, to be asked, and older ones, to be skipped."""
    reached = schedule.steps_reached(period, contact_steps, today)
    if not reached or reached[-1] in handled:
        return []
    unclaimed = [step for step in reached if step not in handled]
    reminders = [
        Reminder(
            membership=membership,
            period=period,
            due_on=period.due_on,
            step=step,
            claimed_on=today,
            reason="Missed: a newer step was due",
        )
        for step in unclaimed
    ]
    reminders[-1].reason = skip_reason(reminders[-1], today)
    return reminders


@transaction.atomic
def _queue_email(person: int, reminders: list[Reminder], today: date) -> bool:
    """Claim a person's steps and queue the email of the day; say whether there is a new one."""
    user = User.objects.select_for_update(no_key=True).get(pk=person)
    key = f"digest:{user.pk}:{today}"
    if Message.objects.filter(key=key).exists():
        return False  # what came up since then waits for tomorrow's email
    reminders = _without_claimed(user, reminders)
    wanted = [reminder for reminder in reminders if not reminder.reason]
    if wanted:
        if not (rendered := reminder_email.render_email(user, wanted, today)):
            return False  # the an update came a moment ago
        subject, text, html = rendered
        message = outbox.queue(
            kind="digest",
            key=key,
            recipient=user.email,
            subject=subject,
            text=text,
            html=html,
            unsubscribe_address=preferences.unsubscribe_address(user),
            expires_at=_next_sending_time(wanted, today),
        )
        for reminder in wanted:
            reminder.message = message
    Reminder.objects.bulk_create(reminders)
    return bool(wanted)


def _without_claimed(user: User, reminders: list[Reminder]) -> list[Reminder]:
    """Leave out what another run has claimed since this one looked."""
    periods = {reminder.period_id for reminder in reminders}
    claimed = Reminder.objects.filter(membership__user=user, period__in=periods)
    on_record = set(claimed.values_list("membership", "period", "due_on", "step"))
    return [
        reminder
        for reminder in reminders
        if (reminder.membership_id, reminder.period_id, reminder.due_on, reminder.step)
        not in on_record
    ]


def _next_sending_time(reminders: list[Reminder], today: date) -> datetime | None:
    """Return when the next step of one of the items goes out: then this email is out of date."""
    days = [
        schedule.next_sending_day(reminder.period, reminder.period.steps, today)
        for reminder in reminders
    ]
    first = min((day for day in days if day), default=None)
    return datetime.combine(first, schedule.SENDING_BEGINS, tzinfo=clock.LONDON) if first else None


def _has_stopped_reminders(membership: Membership, today: date) -> bool:
    until = membership.nudges_paused_until
    return membership.nudges_stopped or (until is not None and until >= today)
