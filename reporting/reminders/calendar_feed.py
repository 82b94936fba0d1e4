"""The private calendar feed of a signatory, with an event for each due date."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db.models import QuerySet
from icalendar import Calendar, Event

from charter.models import Commitment, Signatory
from charter.workflow import CommitmentStatus
from registry import clock
from reporting import schedule
from reporting.actions import periods
from reporting.models import ReportingPeriod


def render_calendar(signatory: Signatory) -> bytes:
    """Return the signatory's calendar in iCalendar format (RFC 5545)."""
    calendar = Calendar()
    calendar.add("prodid", "-//Charter Register//Due dates//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"Charter updates of {signatory}")
    owed = ReportingPeriod.objects.owed().filter(commitment__signatory=signatory)
    for commitment in Commitment.objects.open().filter(signatory=signatory).order_by("pk"):
        if signatory.left_on is None:
            for period in _due_periods(commitment, owed.filter(commitment=commitment)):
                calendar.add_component(_due_date_event(commitment, period))
    return calendar.to_ical()


def _due_periods(
    commitment: Commitment, owed: "QuerySet[ReportingPeriod]"
) -> Iterator[schedule.Dated]:
    """Yield the periods with an owed update, and the one after the latest."""
    yield from owed
    last = commitment.periods.last()
    if last and (following := _following_period(last)):
        yield following


def next_period(commitment: Commitment) -> schedule.Dated | None:
    """Return the next period that needs an update, or None if no more are needed."""
    if commitment.status != CommitmentStatus.PUBLISHED or commitment.signatory.left_on:
        return None
    begun = list(commitment.periods.all())
    if not begun:
        return None
    last = begun[-1]
    return _following_period(last) if last.received_on or last.excused_reason else last


def _following_period(last: ReportingPeriod) -> schedule.Span | None:
    """Return the period after the latest one, or None if the commitment ends."""
    if last.is_final and last.received_on:
        return None
    return schedule.span_after(last.ends_on, periods.plan_of(last.commitment))


def _due_date_event(commitment: Commitment, period: schedule.Dated) -> Event:
    due_on = period.due_on
    address = f"{settings.PUBLIC_URL}/{commitment.key}/update"
    event = Event()
    event.add("uid", f"{commitment.key}-{due_on}@{settings.PUBLIC_HOST}")
    event.add("dtstamp", clock.now())
    event.add("dtstart", due_on)
    event.add("dtend", due_on + timedelta(days=1))
    name = "Final update" if period.is_final else "Update"
    event.add("summary", f"{name} due: {commitment.title}")
    event.add("description", f"It takes about two minutes: {address}")
    event.add("url", address)
    event.add("transp", "TRANSPARENT")
    return event
