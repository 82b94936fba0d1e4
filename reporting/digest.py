"""The words of the one mail a day that asks a person for news, most urgent promise first."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.conf import settings

from charter import emails
from charter.models import Change, Commitment, Membership, User
from charter.workflow import ChangeStatus
from registry import clock
from registry.website import words
from reporting import ladder, schedule
from reporting.actions import updates
from reporting.models import Reminder


def write(user: User, asked: Sequence[Reminder], today: date) -> tuple[str, str, str]:
    """Return subject, text and HTML: one item for each promise, for its oldest open period."""
    oldest: dict[int, Reminder] = {}
    for reminder in sorted(asked, key=lambda reminder: reminder.period.due_on):
        oldest.setdefault(reminder.period.commitment_id, reminder)
    items = [_item(reminder, today) for reminder in oldest.values()]
    others = len(items) - 1
    more = f", and {others} more" if others else ""
    return emails.render(
        "digest", {"user": user, "items": items, "subject": items[0]["heading"] + more}
    )


def _item(reminder: Reminder, today: date) -> dict[str, Any]:
    period = reminder.period
    commitment = period.commitment
    amended = commitment.changes.filter(
        action=Change.Action.AMEND, status=ChangeStatus.APPROVED
    ).order_by("-decided_at")
    change = amended.first()
    last = updates.last_sent(commitment)
    as_sponsor = (
        reminder.membership.role == Membership.Role.SPONSOR
        and reminder.membership_id != commitment.update_owner_id
    )
    return {
        "heading": _heading(reminder, today),
        "organisation": commitment.signatory.organisation,
        "promised_on": clock.local_date(commitment.published_at)
        if commitment.published_at
        else None,
        "changed_on": clock.local_date(change.decided_at) if change and change.decided_at else None,
        "promise": commitment.title,
        "evidence": commitment.evidence_text,
        "last": {"on": clock.local_date(last.submitted_at), "words": last.in_short}
        if last and last.submitted_at
        else None,
        "answers": not as_sponsor,
        "asked": commitment.update_owner.user if commitment.update_owner else "The update owner",
        "consequence": _consequence(reminder, commitment, today),
        "address": f"{settings.PUBLIC_URL}/{commitment.key}",
    }


def _heading(reminder: Reminder, today: date) -> str:
    title, due_on = reminder.period.commitment.title, reminder.period.due_on
    charter = reminder.period.commitment.signatory.charter
    day = words.day(due_on)
    if today < due_on:
        return f"Your update on “{title}” is due on {day}"
    if reminder.step >= charter.silent_after_days:
        return f"The public page says “silent”: no update on “{title}” since {day}"
    if reminder.step in ladder.sponsor_steps(charter):
        return f"Second notice: your update on “{title}” was due on {day}"
    return f"Your update on “{title}” is due now: the day was {day}"


def _consequence(reminder: Reminder, commitment: Commitment, today: date) -> str:
    """Say what follows if we hear nothing."""
    charter = commitment.signatory.charter
    due_on = reminder.period.due_on
    overdue_on = due_on + timedelta(days=charter.overdue_after_days)
    silent_on = due_on + timedelta(days=charter.silent_after_days)
    if today >= silent_on:
        return "The page says “silent”, with the dates on which we asked, until we hear from you."
    if today >= overdue_on:
        return (
            f"If we hear nothing, the page goes on to say “overdue”, with the dates on which we "
            f"asked, and from {words.day(silent_on)} it says “silent”."
        )
    copied = ""
    second = next(iter(ladder.sponsor_steps(charter)), None)
    sponsors = commitment.signatory.organisation.memberships.current().filter(
        role=Membership.Role.SPONSOR
    )
    if second is not None and reminder.step < second and sponsors.exists():
        copied_on = schedule.sending_day(reminder.period, second)
        copied = f"we will copy your sponsor on {words.day(copied_on)}, and "
    return (
        f"If we hear nothing, {copied}from {words.day(overdue_on)} the public page will say "
        "“overdue”, with the dates on which we asked."
    )
