"""Reminders: the steps due for each person, sent as one email a day from each authority."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import chain, groupby
from typing import cast

from charter import acts, permissions
from charter.mail import identities, outbox
from charter.models import Message, User
from registry import clock
from registry.log import publishing
from registry.working_days import is_working_day, next_working_day
from reporting import rechecks, schedule
from reporting.actions import periods
from reporting.models import Recheck, Reminder, ReminderStop, ReportingPeriod
from reporting.reminders import due, queueing
from reporting.reminders import email as reminder_email
from reporting.reminders.announcements import ComingSentence, record_announcements
from reporting.reminders.queueing import EmailKey, Emails

logger = logging.getLogger(__name__)

# Officers see this many sending days within the window.
PREVIEWED_DAYS, PREVIEW_WINDOW = 5, timedelta(days=30)
Batch = tuple[date, list[list[Reminder]]]
PEOPLE_AT_ONCE = 100  # whose emails are queued in one transaction


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
    looked_at = _read_due_rows(today)
    if not looked_at:
        return 0
    commitments = set(looked_at.values())
    next_days = due.next_days(commitments, today)
    by_email: dict[EmailKey, list[Reminder]] = defaultdict(list)
    periods_to_ask = ReportingPeriod.objects.filter(commitment__in=commitments)
    for reminder in due.find_due_reminders(today, periods_to_ask):
        by_email[_email_key(reminder)].append(reminder)
    queued, broken = _queue_emails(by_email, today)
    for key in by_email.keys() - queued:
        own = {reminder.period.commitment_id for reminder in by_email[key]}
        if key in broken:  # The next run tries again.
            commitments -= own
        else:  # Later steps wait for tomorrow's email.
            next_days |= dict.fromkeys(own, today + schedule.DAY)
    done = [row for row, commitment in looked_at.items() if commitment in commitments]
    rechecks.finish(done, Recheck.Task.REMINDERS, next_days)
    return len(queued)


def _read_due_rows(today: date) -> dict[int, int]:
    """Return the commitments to look at, by the row that says so, without stopped authorities'."""
    stopped = ReminderStop.objects.current().values("authority")
    due_rows = Recheck.objects.due(Recheck.Task.REMINDERS, today).exclude(
        commitment__signatory__charter__authority__in=stopped
    )
    return dict(due_rows.values_list("pk", "commitment"))


def _queue_emails(emails: Emails, today: date) -> tuple[set[EmailKey], set[EmailKey]]:
    """Queue emails; return those that are new, and those that broke.

    If one breaks, those with it are each queued in a transaction of its own.
    """
    queued: set[EmailKey] = set()
    broken: set[EmailKey] = set()
    keys = list(emails)
    for start in range(0, len(keys), PEOPLE_AT_ONCE):
        some = {key: emails[key] for key in keys[start : start + PEOPLE_AT_ONCE]}
        if (new := _try_to_queue(some, today)) is not None:
            queued |= new
            continue
        for key, reminders in some.items():
            if (new := _try_to_queue({key: reminders}, today)) is None:
                broken.add(key)
            else:
                queued |= new
    return queued, broken


def _try_to_queue(emails: Emails, today: date) -> set[EmailKey] | None:
    """Queue emails in one transaction; return those that are new, or None if one broke."""
    try:
        return queueing.queue_emails(emails, today)
    except Exception:
        people = ", ".join(str(person) for person, _ in emails)
        logger.exception("The reminders of these people broke: %s", people)
        return None


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
    facts = reminder_email.EmailFacts.read(reminders, batch_day)
    if not (rendered := reminder_email.render_email(person, reminders, facts, is_test=True)):
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


def cancellation_reasons(messages: Sequence[Message]) -> dict[int, str]:
    """Return why reminder emails are no longer needed, or "", by primary key.

    Otherwise each is written again for today: items that are no longer needed are left out, and an
    email that had to wait announces the days that follow from today.
    """
    today = clock.today()
    stopped = set(ReminderStop.objects.current().values_list("authority", flat=True))
    left_out = _read_reasons(messages, today)
    facts = reminder_email.EmailFacts.read(chain(*left_out.values()), today)
    found: dict[int, str] = {}
    announced: dict[Message, list[ComingSentence]] = {}
    unwanted: list[int] = []
    for message in messages:
        reasons = left_out[message.pk]
        wanted = [reminder for reminder, reason in reasons.items() if not reason]
        if message.authority_id in stopped:
            found[message.pk] = "The council has stopped reminders"
        elif not wanted:
            why = "; ".join(sorted(set(reasons.values())))
            found[message.pk] = why or "Nothing is left to ask"
        elif rendered := reminder_email.render_email(wanted[0].membership.user, wanted, facts):
            _write_again(message, rendered)
            announced[message] = rendered.announced
            unwanted += [reminder.pk for reminder, reason in reasons.items() if reason]
        else:
            found[message.pk] = "The update was received"
    record_announcements(announced)
    Reminder.objects.filter(pk__in=unwanted).update(
        reason="No longer wanted when it was sent", message=None
    )
    return found


def _read_reasons(messages: Sequence[Message], today: date) -> dict[int, dict[Reminder, str]]:
    """Return why each reminder in some emails is left out, or "", by message."""
    period_relations = [f"period__{relation}" for relation in due.PERIOD_RELATIONS]
    reminders = Reminder.objects.filter(message__in=messages).order_by("pk")
    owed_periods = ReportingPeriod.objects.owed().filter(reminders__message__in=messages)
    owed = set(owed_periods.values_list("pk", flat=True))
    reasons: dict[int, dict[Reminder, str]] = {message.pk: {} for message in messages}
    for reminder in reminders.select_related("membership__user", *period_relations):
        answered = "" if reminder.period_id in owed else "The update was received"
        reason = due.skip_reason(reminder, today) or answered
        reasons[cast(int, reminder.message_id)][reminder] = reason
    return reasons


def _write_again(message: Message, rendered: reminder_email.RenderedEmail) -> None:
    """Save the words of a message, unless they are still the same."""
    before = message.subject, message.text, message.html
    message.subject, message.text, message.html = rendered.subject, rendered.text, rendered.html
    if before != (message.subject, message.text, message.html):
        message.save(update_fields=["subject", "text", "html"])


@acts.act("requests.publish")
def publish_requests(messages: Sequence[Message]) -> None:
    """Publish the requests once reminders sent after the due date are handed over."""
    late_periods = ReportingPeriod.objects.filter(
        pk__in=Reminder.objects.filter(message__in=messages).values("period"),
        due_on__lt=clock.today(),
    )
    locked = late_periods.select_for_update(of=("self",), no_key=True).order_by("pk")
    requested_periods = list(locked.select_related("commitment__signatory__charter"))
    acts.concerns(*requested_periods)
    publishing.publish(periods.entries_to_append(requested_periods))
