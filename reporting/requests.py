"""The days on which updates were requested, as the public sees them."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import NamedTuple, TypeVar

from charter.models import Message
from charter.workflow import MessageState
from registry import clock
from registry.log.reporting import first_request
from reporting.models import ContactAttempt, ReportingPeriod

Periods = TypeVar("Periods", bound=Collection[ReportingPeriod])


class Request(NamedTuple):
    """A request for an update: its day, and the due date on that day."""

    on: date
    due_on: date
    is_reminder: bool  # by email


def find_requests(periods: Collection[ReportingPeriod]) -> dict[int, set[Request]]:
    """Return the requests for each period, by its primary key. Two queries.

    These are reminders that were handed over, and letters and calls, which ask only for updates
    that were due before.
    """
    sent = Message.objects.filter(reminders__period__in=periods, state=MessageState.SENT)
    requests: dict[int, set[Request]] = defaultdict(set)
    for pk, due_on, handed_over in sent.values_list(
        "reminders__period", "reminders__due_on", "finished_at"
    ):
        if handed_over:
            requests[pk].add(Request(clock.local_date(handed_over), due_on, is_reminder=True))
    attempts = ContactAttempt.objects.filter(periods__in=periods)
    for pk, made_on in attempts.values_list("periods", "made_on"):
        requests[pk].add(Request(made_on, date.min, is_reminder=False))
    return requests


def note_requests(periods: Periods) -> Periods:
    """Note on each period when it was first requested after its due date. Two queries."""
    requests = find_requests(periods)
    for period in periods:
        requested_on = [request.on for request in requests[period.pk]]
        period.requested_on = first_request(requested_on, period.due_on)
    return periods
