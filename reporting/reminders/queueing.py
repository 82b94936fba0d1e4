"""Claiming the due steps of some people, and queueing their emails of the day, all at once."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import chain

from django.db import transaction

from charter.mail import outbox
from charter.models import Message, User
from registry import clock
from reporting import schedule
from reporting.actions import preferences
from reporting.models import Reminder
from reporting.reminders import email as reminder_email
from reporting.reminders.announcements import record_announcements

# The person and the authority of an email.
EmailKey = tuple[int, int]
Emails = Mapping[EmailKey, list[Reminder]]


@transaction.atomic
def queue_emails(emails: Emails, today: date) -> set[EmailKey]:
    """Claim the steps of some people and queue their emails of the day; return the new ones.

    The people are locked, in an order that all runs keep. A dozen queries, however many they are.
    """
    people = User.objects.filter(pk__in={user for user, _ in emails}).order_by("pk")
    users = {user.pk: user for user in people.select_for_update(no_key=True)}
    keys = {key: _message_key(users[key[0]], reminders, today) for key, reminders in emails.items()}
    taken = set(Message.objects.filter(key__in=keys.values()).values_list("key", flat=True))
    # Later steps wait for tomorrow's email.
    unclaimed = _without_claimed({k: r for k, r in emails.items() if keys[k] not in taken})
    wanted = {key: [r for r in own if not r.reason] for key, own in unclaimed.items()}
    facts = reminder_email.EmailFacts.read(chain(*wanted.values()), today)
    messages, announced = {}, {}
    for key, own in wanted.items():
        user = users[key[0]]
        if not own:
            continue
        if not (rendered := reminder_email.render_email(user, own, facts)):
            del unclaimed[key]  # The updates arrived a moment ago.
            continue
        messages[key] = _build_message(user, own, rendered, key=keys[key])
        announced[key] = rendered.announced
    stored = dict(zip(messages, outbox.queue_all(list(messages.values())), strict=True))
    record_announcements({stored[key]: sentences for key, sentences in announced.items()})
    for key, message in stored.items():
        for reminder in wanted[key]:
            reminder.message = message
    Reminder.objects.bulk_create(chain(*unclaimed.values()))
    return set(stored)


def _message_key(user: User, reminders: Sequence[Reminder], today: date) -> str:
    authority = reminders[0].period.commitment.signatory.charter.authority
    return f"reminder:{user.identity}:{authority.identity}:{today}"


def _build_message(
    user: User, reminders: Sequence[Reminder], rendered: reminder_email.RenderedEmail, *, key: str
) -> Message:
    return outbox.build_message(
        kind="reminder",
        key=key,
        recipient=user.email,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        authority=reminders[0].period.commitment.signatory.charter.authority,
        unsubscribe_address=preferences.unsubscribe_address(user),
        expires_at=_next_sending_time(reminders, reminders[0].claimed_on),
    )


def _without_claimed(
    emails: Emails,
) -> dict[EmailKey, list[Reminder]]:
    """Return the reminders that no other run has claimed in the meantime."""
    periods = {reminder.period_id for reminder in chain(*emails.values())}
    claims = Reminder.objects.filter(
        membership__user__in={user for user, _ in emails}, period__in=periods
    )
    claimed_steps = set(claims.values_list("membership", "period", "due_on", "step"))
    return {
        key: [
            reminder
            for reminder in reminders
            if (reminder.membership_id, reminder.period_id, reminder.due_on, reminder.step)
            not in claimed_steps
        ]
        for key, reminders in emails.items()
    }


def _next_sending_time(reminders: Sequence[Reminder], today: date) -> datetime | None:
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
