"""Reminders: the steps due for each person, sent as one email a day from each authority."""

import logging
from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db import transaction

from charter import acts, permissions
from charter.mail import identities, outbox
from charter.models import Message, User
from registry import clock
from registry.log import publishing
from registry.working_days import is_working_day, next_working_day
from reporting import rechecks, schedule
from reporting.actions import periods, preferences
from reporting.models import Recheck, Reminder, ReminderStop, ReportingPeriod
from reporting.reminders import due
from reporting.reminders import email as reminder_email
from reporting.reminders.announcements import record_announcements

logger = logging.getLogger(__name__)

# Officers see this many sending days within the window.
PREVIEWED_DAYS, PREVIEW_WINDOW = 5, timedelta(days=30)
Batch = tuple[date, list[list[Reminder]]]
# The person and the authority of an email.
EmailKey = tuple[int, int]


def send_due_reminders(now: datetime) -> int:
    """Claim the due steps and queue one email for each person and authority; return their number.

    Safe in parallel and when run twice: a person's row is locked, a person gets one email a day
    from an authority, and the database keeps each step unique. After an outage: the newest step is
    sent and older ones are recorded as skipped. If killed: each email's transaction is complete or
    absent, and the next run does the rest. An email that cannot be built is logged and does not
    delay others.
    """
    if not schedule.may_send(now):
        return 0
    today = clock.local_date(now)
    stopped = ReminderStop.objects.current().values("authority")
    due_rows = Recheck.objects.due(Recheck.Task.REMINDERS, today).exclude(
        commitment__signatory__charter__authority__in=stopped
    )
    looked_at = dict(due_rows.values_list("pk", "commitment"))
    if not looked_at:
        return 0
    commitments = set(looked_at.values())
    by_email: dict[EmailKey, list[Reminder]] = defaultdict(list)
    periods_to_ask = ReportingPeriod.objects.filter(commitment__in=commitments)
    for reminder in due.find_due_reminders(today, periods_to_ask):
        by_email[_email_key(reminder)].append(reminder)
    email_count = 0
    next_days = due.next_days(commitments, today)
    for key, reminders in by_email.items():
        own = {reminder.period.commitment_id for reminder in reminders}
        try:
            if _queue_email(key, reminders, today):
                email_count += 1
            else:  # Later steps wait for tomorrow's email.
                next_days |= dict.fromkeys(own, today + schedule.DAY)
        except Exception:
            logger.exception("The reminders of person %s broke", key[0])
            commitments -= own
    done = [pk for pk, commitment in looked_at.items() if commitment in commitments]
    rechecks.finish(done, Recheck.Task.REMINDERS, next_days)
    return email_count


def _email_key(reminder: Reminder) -> EmailKey:
    charter = reminder.period.commitment.signatory.charter
    return reminder.membership.user_id, charter.authority_id


def next_batches(now: datetime, *, by: User) -> list[Batch]:
    """Return the next sending day of a person's authorities and later ones with due reminders.

    Each day lists the reminders of each email, sent or skipped, as things are now, without those of
    earlier days.
    """
    own_periods = ReportingPeriod.objects.for_staff(by)
    day = clock.local_date(now)
    if not is_working_day(day) or schedule.may_send(now):
        day = next_working_day(day)
    last = day + PREVIEW_WINDOW
    batches: list[Batch] = []
    earlier_steps: set[tuple[int, int, int]] = set()
    while day <= last and len(batches) < PREVIEWED_DAYS:
        due_reminders = due.find_due_reminders(day, own_periods)
        reminders = {(r.membership_id, r.period_id, r.step): r for r in due_reminders}
        day_reminders = [
            reminder for step, reminder in reminders.items() if step not in earlier_steps
        ]
        earlier_steps |= reminders.keys()
        if day_reminders or not batches:
            batches.append((day, _group_by_email(day_reminders)))
        day = next_working_day(day)
    return batches


def _group_by_email(reminders: list[Reminder]) -> list[list[Reminder]]:
    ordered = sorted(
        reminders,
        key=lambda r: (r.membership.user.email, _email_key(r), r.period.due_on, r.step),
    )
    return [list(email_reminders) for _, email_reminders in groupby(ordered, key=_email_key)]


@acts.act("reminders.test")
def send_test_email(person: User, day: str, *, by: User) -> bool:
    """Send a member of the charter team what a person would get on a day; return True if anything.

    Only reminders of authorities where the member is staff count.
    """
    permissions.check(by, "reminders.test", None)
    batches = {
        str(batch_day): (batch_day, batch) for batch_day, batch in next_batches(clock.now(), by=by)
    }
    if day not in batches:
        return False
    batch_day, batch = batches[day]
    emails = [
        [reminder for reminder in reminders if not reminder.reason]
        for reminders in batch
        if reminders[0].membership.user_id == person.pk
    ]
    sent = [_queue_test(person, reminders, batch_day, by=by) for reminders in emails]
    return any(sent)


def _queue_test(person: User, reminders: list[Reminder], batch_day: date, *, by: User) -> bool:
    if not reminders:
        return False
    authority = reminders[0].period.commitment.signatory.charter.authority
    permissions.check(by, "reminders.test", authority)
    if not (rendered := reminder_email.render_email(person, reminders, batch_day, is_test=True)):
        return False
    outbox.queue(
        kind="test",
        key=identities.new_key("test"),
        recipient=by.email,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        authority=authority,
    )
    acts.concerns(person)
    return True


def cancellation_reason(message: Message) -> str:
    """Return why a reminder email is no longer needed, or "".

    Otherwise it is written again for today: items that are no longer needed are left out, and an
    email that had to wait announces the days that follow from today.
    """
    if ReminderStop.objects.current().filter(authority=message.authority_id).exists():
        return "The council has stopped reminders"
    today = clock.today()
    period_relations = [f"period__{relation}" for relation in due.PERIOD_RELATIONS]
    reminders = list(message.reminders.select_related("membership__user", *period_relations))
    owed = set(
        ReportingPeriod.objects.owed()
        .filter(reminders__message=message)
        .values_list("pk", flat=True)
    )
    reasons = [
        due.skip_reason(reminder, today)
        or ("" if reminder.period_id in owed else "The update has come")
        for reminder in reminders
    ]
    wanted = [reminder for reminder, reason in zip(reminders, reasons, strict=True) if not reason]
    if not wanted:
        return "; ".join(sorted(set(reasons))) or "Nothing is left to ask"
    if not (rendered := reminder_email.render_email(wanted[0].membership.user, wanted, today)):
        return "The update has come"
    message.subject, message.text, message.html = rendered.subject, rendered.text, rendered.html
    message.save(update_fields=["subject", "text", "html"])
    record_announcements(message, rendered.announced)
    cancelled = [reminder.pk for reminder in reminders if reminder not in wanted]
    Reminder.objects.filter(pk__in=cancelled).update(
        reason="No longer wanted when it was sent", message=None
    )
    return ""


@acts.act("requests.publish")
def publish_requests(message: Message) -> None:
    """Publish the request once a reminder sent after the due date is handed over."""
    late_periods = ReportingPeriod.objects.filter(
        pk__in=message.reminders.values("period"),
        due_on__lt=clock.local_date(message.finished_at or clock.now()),
    )
    locked = late_periods.select_for_update(of=("self",), no_key=True).order_by("pk")
    requested_periods = list(locked.select_related("commitment__signatory__charter"))
    acts.concerns(*requested_periods)
    publishing.publish(periods.entries_to_append(requested_periods))


@transaction.atomic
def _queue_email(email_key: EmailKey, reminders: list[Reminder], today: date) -> bool:
    """Claim a person's steps and queue an authority's email of the day.

    Return True if a new email was queued.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=email_key[0])
    authority = reminders[0].period.commitment.signatory.charter.authority
    key = f"reminder:{user.identity}:{authority.identity}:{today}"
    if Message.objects.filter(key=key).exists():
        return False  # Later steps wait for tomorrow's email.
    reminders = _without_claimed(user, reminders)
    wanted = [reminder for reminder in reminders if not reminder.reason]
    if wanted:
        if not (rendered := reminder_email.render_email(user, wanted, today)):
            return False  # The update arrived a moment ago.
        message = outbox.queue(
            kind="reminder",
            key=key,
            recipient=user.email,
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
            authority=authority,
            unsubscribe_address=preferences.unsubscribe_address(user),
            expires_at=_next_sending_time(wanted, today),
        )
        record_announcements(message, rendered.announced)
        for reminder in wanted:
            reminder.message = message
    Reminder.objects.bulk_create(reminders)
    return bool(wanted)


def _without_claimed(user: User, reminders: list[Reminder]) -> list[Reminder]:
    """Return the reminders that no other run has claimed in the meantime."""
    periods = {reminder.period_id for reminder in reminders}
    claims = Reminder.objects.filter(membership__user=user, period__in=periods)
    claimed_steps = set(claims.values_list("membership", "period", "due_on", "step"))
    return [
        reminder
        for reminder in reminders
        if (reminder.membership_id, reminder.period_id, reminder.due_on, reminder.step)
        not in claimed_steps
    ]


def _next_sending_time(reminders: list[Reminder], today: date) -> datetime | None:
    """Return the time of the next step of any item, when this email goes out of date."""
    days = [
        schedule.next_sending_day(reminder.period, reminder.period.steps, today)
        for reminder in reminders
    ]
    next_day = min((day for day in days if day), default=None)
    return (
        datetime.combine(next_day, schedule.SENDING_BEGINS, tzinfo=clock.LONDON)
        if next_day
        else None
    )
