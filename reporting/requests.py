"""The days on which updates were requested, as the public sees them."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import TypeVar

from charter.models import Message
from charter.workflow import MessageState
from registry import clock
from registry.log.reporting import first_request
from reporting.models import ContactAttempt, ReportingPeriod

Periods = TypeVar("Periods", bound=Collection[ReportingPeriod])


def request_days(periods: Collection[ReportingPeriod]) -> dict[int, set[tuple[date, date]]]:
    """Return the requests for each period as (day, due date then) pairs. Two queries.

    These are reminders that were handed over, and letters and calls, which ask only for updates
    that were due before.
    """
    sent = Message.objects.filter(reminders__period__in=periods, state=MessageState.SENT)
    days: dict[int, set[tuple[date, date]]] = defaultdict(set)
    for pk, due_on, handed_over in sent.values_list(
        "reminders__period", "reminders__due_on", "finished_at"
    ):
        if handed_over:
            days[pk].add((clock.local_date(handed_over), due_on))
    attempts = ContactAttempt.objects.filter(periods__in=periods)
    for pk, made_on in attempts.values_list("periods", "made_on"):
        days[pk].add((made_on, date.min))
    return days


def note_requests(periods: Periods) -> Periods:
    """Note on each period when it was first requested after its due date. Two queries."""
    days = request_days(periods)
    for period in periods:
        requested_on = [day for day, _ in days[period.pk]]
        period.requested_on = first_request(requested_on, period.due_on)
    return periods
