"""Reporting dates: periods, due dates and reminder steps. Pure: today is an argument."""

import calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count, takewhile
from typing import Protocol, TypeVar

from registry import clock
from registry.schema.code_lists import Cadence
from registry.working_days import is_working_day

# We first ask this many days before the due date, but never before half of the period has passed.
REQUEST_LEAD_DAYS = 30
SENDING_BEGINS = time(9)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """The days covered by one update, both ends included."""

    starts_on: date
    ends_on: date

    @property
    def due_on(self) -> date:
        return self.ends_on + DAY


class Dated(Protocol):
    """The dates of a period, as in a `Span` or a `ReportingPeriod`."""

    @property
    def starts_on(self) -> date: ...
    @property
    def ends_on(self) -> date: ...
    @property
    def due_on(self) -> date: ...


def add_months(anchor: date, months: int) -> date:
    """Return the date `months` after the anchor, or the last day of a month that is too short.

    Always count from the anchor, never from the last result: 31 January, 28 February, 31 March.
    """
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(anchor.day, last))


def iter_spans(anchor: date, cadence: str, end_on: date | None) -> Iterator[Span]:
    """Yield the periods counted from an anchor; the last one ends with the commitment."""
    months = Cadence.from_code(cadence).months
    if months is None:
        if end_on and end_on >= anchor:
            yield Span(anchor, end_on)
        return
    for number in count():
        starts_on = add_months(anchor, number * months)
        ends_on = add_months(anchor, (number + 1) * months) - DAY
        if end_on and starts_on > end_on:
            return
        yield Span(starts_on, min(ends_on, end_on) if end_on else ends_on)


def spans_to_begin(
    last_end: date | None, *, anchor: date, cadence: str, end_on: date | None, today: date
) -> list[Span]:
    """Return the periods that began by today and follow the latest existing one, if any.

    After a change of cadence or end date, the next period begins on the day after the latest
    existing one.
    """
    started = takewhile(lambda span: span.starts_on <= today, iter_spans(anchor, cadence, end_on))
    if last_end is None:
        return list(started)
    spans = [Span(max(span.starts_on, last_end + DAY), span.ends_on) for span in started]
    return [span for span in spans if span.starts_on <= min(span.ends_on, today)]


def span_after(last_end: date, *, anchor: date, cadence: str, end_on: date | None) -> Span | None:
    """Return the period after the latest existing one, or None if the commitment ends."""
    spans = (s for s in iter_spans(anchor, cadence, end_on) if s.ends_on > last_end)
    span = next(spans, None)
    return span and Span(max(span.starts_on, last_end + DAY), span.ends_on)


def requested_from(period: Dated) -> date:
    """Return the first day on which we ask for a period's update."""
    half = ((period.ends_on - period.starts_on).days + 1) // 2
    return period.due_on - timedelta(days=min(REQUEST_LEAD_DAYS, half))


AnyPeriod = TypeVar("AnyPeriod", bound=Dated)


def period_to_report(owed: Iterable[AnyPeriod], today: date) -> AnyPeriod | None:
    """Return the owed period that an update sent today is for, or None.

    This is the latest requested period, or the current one if none has been requested yet.
    """
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
