"""Reporting dates: periods, due dates and reminder steps. Pure: today is an argument."""

import calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import count, takewhile
from typing import Protocol, TypeVar

from registry import clock
from registry.schema.code_lists import Cadence
from registry.working_days import is_working_day

# We first ask this many days before the due date, but never before half of the period has passed.
REQUEST_LEAD_DAYS = 30
# Of a period that ends with the final update we first write this many days before the deadline.
ANNOUNCED_DAYS = 7
# Of a charter that does not say when final updates are due.
USUAL_FINAL_UPDATE_DAYS = 30
SENDING_BEGINS = time(9)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """The days covered by one update, both ends included.

    The last one ends with the commitment: its update is the final one, due so many days later.
    """

    starts_on: date
    ends_on: date
    final_update_days: int | None = None

    @property
    def is_final(self) -> bool:
        return self.final_update_days is not None

    @property
    def due_on(self) -> date:
        return self.ends_on + timedelta(days=self.final_update_days or 1)


class Dated(Protocol):
    """The dates of a period, as in a `Span` or a `ReportingPeriod`."""

    @property
    def starts_on(self) -> date: ...
    @property
    def ends_on(self) -> date: ...
    @property
    def due_on(self) -> date: ...
    @property
    def is_final(self) -> bool: ...


@dataclass(frozen=True)
class Plan:
    """What the periods of a commitment are counted from; `end_on` is its deadline."""

    anchor: date
    cadence: str
    end_on: date | None
    final_update_days: int

    def make_span(self, starts_on: date, ends_on: date) -> Span:
        """Return the period of these days, cut at the deadline."""
        if self.end_on is None or ends_on < self.end_on:
            return Span(starts_on, ends_on)
        return Span(starts_on, max(starts_on, self.end_on), self.final_update_days)


def add_months(anchor: date, months: int) -> date:
    """Return the date `months` after the anchor, or the last day of a month that is too short.

    Always count from the anchor, never from the last result: 31 January, 28 February, 31 March.
    """
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(anchor.day, last))


def iter_spans(plan: Plan) -> Iterator[Span]:
    """Yield the periods of a plan; the last one ends with the commitment.

    There is one also if a correction moved the deadline to a day before the first.
    """
    months = Cadence.from_code(plan.cadence).months
    if months is None:
        if plan.end_on:
            yield plan.make_span(plan.anchor, plan.end_on)
        return
    for number in count():
        span = plan.make_span(
            add_months(plan.anchor, number * months),
            add_months(plan.anchor, (number + 1) * months) - DAY,
        )
        yield span
        if span.is_final:
            return


def spans_to_begin(last_end: date | None, plan: Plan, today: date) -> list[Span]:
    """Return the periods that began by today and follow the latest existing one, if any.

    After a change of cadence or end date, the next period begins on the day after the latest
    existing one.
    """
    started = takewhile(lambda span: span.starts_on <= today, iter_spans(plan))
    if last_end is None:
        return list(started)
    spans = [replace(span, starts_on=max(span.starts_on, last_end + DAY)) for span in started]
    return [span for span in spans if span.starts_on <= min(span.ends_on, today)]


def span_after(last_end: date, plan: Plan) -> Span | None:
    """Return the period after the latest existing one, or None if the commitment ends."""
    span = next((span for span in iter_spans(plan) if span.ends_on > last_end), None)
    return span and replace(span, starts_on=max(span.starts_on, last_end + DAY))


def requested_from(period: Dated) -> date:
    """Return the first day on which we ask for a period's update."""
    if period.is_final:
        return period.ends_on - timedelta(days=ANNOUNCED_DAYS)
    half = ((period.ends_on - period.starts_on).days + 1) // 2
    return period.due_on - timedelta(days=min(REQUEST_LEAD_DAYS, half))


AnyPeriod = TypeVar("AnyPeriod", bound=Dated)


def period_to_report(owed: Iterable[AnyPeriod], today: date) -> AnyPeriod | None:
    """Return the owed period that an update before the final one, sent today, is for, or None.

    This is the latest requested period, or the current one if none has been requested yet. The last
    period comes last, since only the final update settles it.
    """
    owed = list(owed)
    owed = [period for period in owed if not period.is_final] or owed
    started = sorted((p for p in owed if p.starts_on <= today), key=lambda p: p.starts_on)
    requested = [period for period in started if requested_from(period) <= today]
    return requested[-1] if requested else (started[-1] if started else None)


def may_send(moment: datetime) -> bool:
    """Return True on working days from 9:00 in London, when reminders go out."""
    local = moment.astimezone(clock.LONDON)
    return is_working_day(local.date()) and local.time() >= SENDING_BEGINS


def sending_day(period: Dated, step: int) -> date:
    """Return the day on which a reminder step goes out.

    Days off move the reminder, never the due date.
    """
    day = period.due_on + timedelta(days=step)
    while not is_working_day(day):
        day += DAY
    return day


def steps_reached(period: Dated, steps: Iterable[int], today: date) -> list[int]:
    """Return the steps whose sending day has come, oldest first.

    Steps before the first request for the update are left out.
    """
    first_day = requested_from(period)
    return [
        step
        for step in sorted(steps)
        if period.due_on + timedelta(days=step) >= first_day and sending_day(period, step) <= today
    ]


def next_sending_day(period: Dated, steps: Iterable[int], today: date) -> date | None:
    """Return the sending day of the next step, or None after the last."""
    days = (sending_day(period, step) for step in sorted(steps))
    return next((day for day in days if day > today), None)
