"""The words of the one mail a day that asks a person for news, most urgent promise first."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Max

from charter import emails
from charter.models import Change, Membership, User
from charter.workflow import ChangeStatus
from registry import clock
from registry.website import words
from reporting import ladder, schedule
from reporting.actions import updates
from reporting.contacts import Contacts
from reporting.models import Reminder, ReportingPeriod


def write(user: User, asked: Sequence[Reminder], today: date) -> tuple[str, str, str] | None:
    """Return subject, text and HTML: one item for each promise, by its longest owed answer.

    None when all answers have come meanwhile.
    """
    of_each: dict[int, list[Reminder]] = defaultdict(list)
    for reminder in asked:
        of_each[reminder.period.commitment_id].append(reminder)
    periods = (
        ReportingPeriod.objects.oldest_owed()
        .filter(commitment__in=of_each)
        .select_related(
            "commitment__signatory__charter",
            "commitment__signatory__organisation",
            "commitment__measure",
        )
        .order_by("due_on", "pk")
    )
    people, told = Contacts(periods), _Told(of_each)
    items = [
        _item(period, of_each[period.commitment_id], people, told, today) for period in periods
    ]
    if not items:
        return None
    others = len(items) - 1
    more = f", and {others} more" if others else ""
    return emails.render(
        "digest", {"user": user, "items": items, "subject": items[0]["heading"] + more}
    )


class _Told:
    """What was last told of some promises, and when they were last changed, read at once."""

    def __init__(self, commitments: Collection[int]) -> None:
        self.last = updates.last_sent_of(commitments)
        amended = Change.objects.filter(
            commitment__in=commitments, action=Change.Action.AMEND, status=ChangeStatus.APPROVED
        )
        self.changed = dict(amended.values_list("commitment").annotate(Max("decided_at")))


def _item(
    period: ReportingPeriod,
    reminders: list[Reminder],
    people: Contacts,
    told: _Told,
    today: date,
) -> dict[str, Any]:
    commitment, membership = period.commitment, reminders[-1].membership
    owner = people.owner(period)
    last = told.last.get(commitment.pk)
    return {
        "heading": _heading(period, [reminder.period for reminder in reminders], today),
        "organisation": commitment.signatory.organisation,
        "promised_on": _day(commitment.published_at),
        "changed_on": _day(told.changed.get(commitment.pk)),
        "promise": commitment.title,
        "evidence": commitment.evidence_text,
        "last": last,
        "last_on": _day(last.submitted_at) if last else None,
        "answers": membership.role != Membership.Role.SPONSOR or membership == owner,
        "asked": owner.user if owner else "The update owner",
        "consequence": _consequence(period, people, today),
        "address": f"{settings.PUBLIC_URL}/{commitment.key}",
    }


def _day(moment: datetime | None) -> date | None:
    return clock.local_date(moment) if moment else None


def _heading(oldest: ReportingPeriod, asked_for: list[ReportingPeriod], today: date) -> str:
    """Say of which day the mail is; where only a later one is asked for, say what is open still."""
    if oldest in asked_for:
        return _of_a_day(oldest, today)
    later = max(asked_for, key=lambda period: period.due_on)
    return f"{_of_a_day(later, today)}, and the one due on {words.day(oldest.due_on)} has not come"


def _of_a_day(period: ReportingPeriod, today: date) -> str:
    title, day = period.commitment.title, words.day(period.due_on)
    days = (today - period.due_on).days
    if days < 0:
        return f"Your update on “{title}” is due on {day}"
    if today >= period.silent_on:
        return f"The public page says “silent”: no update on “{title}” since {day}"
    if days >= min(ladder.sponsor_steps(period), default=(period.silent_on - period.due_on).days):
        return f"Second notice: your update on “{title}” was due on {day}"
    return f"Your update on “{title}” is due now: the day was {day}"


def _consequence(period: ReportingPeriod, people: Contacts, today: date) -> str:
    """Say what follows if we hear nothing."""
    if today >= period.silent_on:
        return "The page says “silent”, with the dates on which we asked, until we hear from you."
    if today >= period.overdue_on:
        return (
            "If we hear nothing, the page goes on to say “overdue”, with the dates on which we "
            f"asked, and from {words.day(period.silent_on)} it says “silent”."
        )
    copied = _copied(period, people, today)
    return (
        f"If we hear nothing, {copied}from {words.day(period.overdue_on)} the "
        "public page will say “overdue”, with the dates on which we asked."
    )


def _copied(period: ReportingPeriod, people: Contacts, today: date) -> str:
    """Announce the copy to the senior sponsor, if there is one and its day is to come."""
    steps = ladder.sponsor_steps(period)
    copied_on = schedule.sending_day(period, steps[0]) if steps else today
    if copied_on <= today or not people.has_sponsor(period):
        return ""
    return f"we will copy your sponsor on {words.day(copied_on)}, and "
