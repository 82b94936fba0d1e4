"""Dates of reporting: periods, due dates, steps of the ladder. Pure: today is an argument."""

import calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import count, takewhile
from typing import Protocol, TypeVar

from govuk_bank_holidays.bank_holidays import BankHolidays

from registry import clock

MONTHS = {"monthly": 1, "quarterly": 3, "half_yearly": 6, "yearly": 12}
# The asking begins so many days before the due date, but not before half of the period is over.
REQUEST_LEAD_DAYS = 30
SENDING_BEGINS = time(9)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """The days that one answer covers, both included."""

    starts_on: date
    ends_on: date

    @property
    def due_on(self) -> date:
        return self.ends_on + DAY


class Dated(Protocol):
    """What has the dates of a period: a Span, or a ReportingPeriod."""

    @property
    def starts_on(self) -> date: ...
    @property
    def ends_on(self) -> date: ...
    @property
    def due_on(self) -> date: ...


def add_months(anchor: date, months: int) -> date:
    """Return the day so many months after the anchor; a day that the month lacks becomes its last.

    Counted from the anchor and never from the last result: 31 January, 28 February, 31 March.
    """
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(anchor.day, last))


def iter_spans(anchor: date, cadence: str, end_on: date | None) -> Iterator[Span]:
    """Yield the periods counted from an anchor; the last one ends with the commitment."""
    if cadence not in MONTHS:  # on_completion
        if end_on and end_on >= anchor:
            yield Span(anchor, end_on)
        return
    for number in count():
        starts_on = add_months(anchor, number * MONTHS[cadence])
        ends_on = add_months(anchor, (number + 1) * MONTHS[cadence]) - DAY
        if end_on and starts_on > end_on:
            return
        yield Span(starts_on, min(ends_on, end_on) if end_on else ends_on)


def begun_after(
    last_end: date | None, *, anchor: date, cadence: str, end_on: date | None, today: date
) -> list[Span]:
    """Return the periods begun by today that follow the last one made, if any.

    After a change of cadence or of the end the next period begins on the day after the last one
    made.
    """
    begun = takewhile(lambda span: span.starts_on <= today, iter_spans(anchor, cadence, end_on))
    if last_end is None:
        return list(begun)
    following = [Span(max(span.starts_on, last_end + DAY), span.ends_on) for span in begun]
    return [span for span in following if span.starts_on <= min(span.ends_on, today)]


def span_after(last_end: date, *, anchor: date, cadence: str, end_on: date | None) -> Span | None:
    """Return the period that follows the last one made; None when the commitment ends before."""
    following = (s for s in iter_spans(anchor, cadence, end_on) if s.ends_on > last_end)
    span = next(following, None)
    return span and Span(max(span.starts_on, last_end + DAY), span.ends_on)


def requested_from(period: Dated) -> date:
    """Return the first day on which an update on a period is asked for."""
    half = ((period.ends_on - period.starts_on).days + 1) // 2
    return period.due_on - timedelta(days=min(REQUEST_LEAD_DAYS, half))


AnyPeriod = TypeVar("AnyPeriod", bound=Dated)


def period_to_report(owed: Iterable[AnyPeriod], today: date) -> AnyPeriod | None:
    """Return the period that an answer of today is for, among those that still owe one.

    It is the latest one asked for; before any is asked for, the current one.
    """
    begun = sorted((p for p in owed if p.starts_on <= today), key=lambda p: p.starts_on)
    requested = [period for period in begun if requested_from(period) <= today]
    return requested[-1] if requested else (begun[-1] if begun else None)


@cache
def _bank_holidays() -> BankHolidays:
    return BankHolidays(use_cached_holidays=True)


def is_working_day(day: date) -> bool:
    """Say whether a day is neither at a weekend nor a bank holiday in England and Wales."""
    return bool(_bank_holidays().is_work_day(day, division=BankHolidays.ENGLAND_AND_WALES))


def working_days_after(day: date, days: int) -> date:
    """Return the day that is so many working days after another."""
    for _ in range(days):
        day += DAY
        while not is_working_day(day):
            day += DAY
    return day


def last_known_holiday() -> date:
    """Return up to when bank holidays are known; later only weekends are kept free."""
    holidays = _bank_holidays().get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    return max(holiday["date"] for holiday in holidays)


def next_working_day(day: date) -> date:
    """Return the first working day after a day."""
    day += DAY
    while not is_working_day(day):
        day += DAY
    return day


def may_send(moment: datetime) -> bool:
    """Say whether reminders go out at an instant: on working days, from nine o'clock in London."""
    local = moment.astimezone(clock.LONDON)
    return is_working_day(local.date()) and local.time() >= SENDING_BEGINS


def sending_day(period: Dated, step: int) -> date:
    """Return the day on which a step goes out; days off move it, never the due date."""
    day = period.due_on + timedelta(days=step)
    while not is_working_day(day):
        day += DAY
    return day


def steps_reached(period: Dated, steps: Iterable[int], today: date) -> list[int]:
    """Return the steps whose sending day has come, oldest first, none before the asking begins."""
    return [
        step
        for step in sorted(steps)
        if period.due_on + timedelta(days=step) >= requested_from(period)
        and sending_day(period, step) <= today
    ]


def next_sending_day(period: Dated, steps: Iterable[int], today: date) -> date | None:
    """Return the day on which the next step goes out; None after the last."""
    days = (sending_day(period, step) for step in sorted(steps))
    return next((day for day in days if day > today), None)
