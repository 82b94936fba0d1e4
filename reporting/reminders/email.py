"""Reminder email: one a day for each person, with the most urgent commitment first."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Max

from charter.mail import rendering
from charter.models import Change, Membership, User
from charter.workflow import ChangeStatus
from registry import clock
from registry.wording.formatting import format_day
from reporting import schedule
from reporting.actions import updates
from reporting.models import Reminder, ReportingPeriod
from reporting.reminders import steps as reminder_steps
from reporting.reminders.recipients import Recipients


def render_email(
    user: User, reminders: Sequence[Reminder], today: date
) -> tuple[str, str, str] | None:
    """Return subject, text and HTML, with one item for each commitment, or None.

    The item is about the oldest owed update. None if all updates have arrived in the meantime.
    """
    reminders_by_commitment: dict[int, list[Reminder]] = defaultdict(list)
    for reminder in reminders:
        reminders_by_commitment[reminder.period.commitment_id].append(reminder)
    periods = (
        ReportingPeriod.objects.oldest_owed()
        .filter(commitment__in=reminders_by_commitment)
        .select_related(
            "commitment__signatory__charter",
            "commitment__signatory__organisation",
            "commitment__measure",
        )
        .order_by("due_on", "pk")
    )
    recipients, history = Recipients(periods), _CommitmentHistory(reminders_by_commitment)
    items = [
        _email_item(
            period, reminders_by_commitment[period.commitment_id], recipients, history, today
        )
        for period in periods
    ]
    if not items:
        return None
    more_items = len(items) - 1
    more_clause = f", and {more_items} more" if more_items else ""
    return rendering.render(
        "digest", {"user": user, "items": items, "subject": items[0]["heading"] + more_clause}
    )


class _CommitmentHistory:
    """The last update and the last amendment of some commitments, read at once."""

    def __init__(self, commitments: Collection[int]) -> None:
        self.last_sent = updates.last_sent_updates(commitments)
        amended = Change.objects.filter(
            commitment__in=commitments, action=Change.Action.AMEND, status=ChangeStatus.APPROVED
        )
        self.changed_at = dict(amended.values_list("commitment").annotate(Max("decided_at")))


def _email_item(
    period: ReportingPeriod,
    reminders: list[Reminder],
    recipients: Recipients,
    history: _CommitmentHistory,
    today: date,
) -> dict[str, Any]:
    commitment, membership = period.commitment, reminders[-1].membership
    owner = recipients.get_owner(period)
    last_update = history.last_sent.get(commitment.pk)
    return {
        "heading": _item_heading(period, [reminder.period for reminder in reminders], today),
        "organisation": commitment.signatory.organisation,
        "committed_on": _local_date(commitment.published_at),
        "changed_on": _local_date(history.changed_at.get(commitment.pk)),
        "title": commitment.title,
        "evidence": commitment.evidence_text,
        "last": last_update,
        "last_on": _local_date(last_update.submitted_at) if last_update else None,
        "can_respond": membership.role != Membership.Role.SPONSOR or membership == owner,
        "owner_name": owner.user if owner else "The update owner",
        "consequence": _consequence_sentence(period, recipients, today),
        "address": f"{settings.PUBLIC_URL}/{commitment.key}",
    }


def _local_date(moment: datetime | None) -> date | None:
    return clock.local_date(moment) if moment else None


def _item_heading(
    oldest: ReportingPeriod, requested_periods: list[ReportingPeriod], today: date
) -> str:
    """Return the heading for the requested period, naming an older owed one."""
    if oldest in requested_periods:
        return _due_date_heading(oldest, today)
    latest = max(requested_periods, key=lambda period: period.due_on)
    return (
        f"{_due_date_heading(latest, today)}, and the one due on {format_day(oldest.due_on)} has "
        "not come"
    )


def _due_date_heading(period: ReportingPeriod, today: date) -> str:
    title, day = period.commitment.title, format_day(period.due_on)
    days_late = (today - period.due_on).days
    if days_late < 0:
        return f"Your update on “{title}” is due on {day}"
    if today >= period.silent_on:
        return f"The public page says “silent”: no update on “{title}” since {day}"
    if days_late >= min(
        reminder_steps.sponsor_steps(period), default=(period.silent_on - period.due_on).days
    ):
        return f"Second notice: your update on “{title}” was due on {day}"
    return f"Your update on “{title}” is due now: the day was {day}"


def _consequence_sentence(period: ReportingPeriod, recipients: Recipients, today: date) -> str:
    """Return a sentence on what the public page will say without an update."""
    if today >= period.silent_on:
        return "The page says “silent”, with the dates on which we asked, until we hear from you."
    if today >= period.overdue_on:
        return (
            "If we hear nothing, the page goes on to say “overdue”, with the dates on which we "
            f"asked, and from {format_day(period.silent_on)} it says “silent”."
        )
    copy_clause = _sponsor_copy_clause(period, recipients, today)
    return (
        f"If we hear nothing, {copy_clause}from {format_day(period.overdue_on)} the "
        "public page will say “overdue”, with the dates on which we asked."
    )


def _sponsor_copy_clause(period: ReportingPeriod, recipients: Recipients, today: date) -> str:
    """Return a clause on the copy to the senior sponsor, or "" if none is to come."""
    sponsor_steps = reminder_steps.sponsor_steps(period)
    copied_on = schedule.sending_day(period, sponsor_steps[0]) if sponsor_steps else today
    if copied_on <= today or not recipients.has_sponsor(period):
        return ""
    return f"we will copy your sponsor on {format_day(copied_on)}, and "
