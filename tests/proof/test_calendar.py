"""Reporting dates, checked against a calendar that shares no code with the register's."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as some

from registry import working_days
from reporting import schedule
from reporting.schedule import Plan, Span
from tests.reporting.simulation import british_calendar, oracle

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
STEPS = [-30, -7, 3, 14, 30, 90]


@settings(max_examples=10_000, deadline=None)
@given(some.dates(date(2012, 1, 1), date(2040, 12, 31)), some.sampled_from([*oracle.MONTHS]))
def test_twelve_years_of_periods_match_another_calendar(anchor, cadence):
    months = oracle.MONTHS[cadence]
    today = british_calendar.months_after(anchor, 144)
    expected = [
        Span(
            british_calendar.months_after(anchor, number * months),
            british_calendar.months_after(anchor, (number + 1) * months) - DAY,
        )
        for number in range(144 // months + 1)
    ]
    plan = Plan(anchor, cadence, None, 30)
    assert schedule.spans_to_begin(None, plan, today) == expected


def test_no_reminder_goes_out_on_a_day_off_and_no_due_date_moves():
    day = date(2026, 1, 1)
    while day < date(2030, 1, 1):
        is_known = day <= working_days.last_known_holiday()
        working = british_calendar.is_working_day(day) if is_known else day.weekday() < 5
        assert working_days.is_working_day(day) == working, day
        period = Span(day - timedelta(days=364), day - DAY)
        for step in STEPS:
            first = day + timedelta(days=step)
            sending_day = schedule.sending_day(period, step)
            assert working_days.is_working_day(sending_day)
            assert not any(
                working_days.is_working_day(first + timedelta(days=delay))
                for delay in range((sending_day - first).days)
            )
        assert period.due_on == day
        day += DAY


def test_email_goes_out_from_9am_in_london_through_all_clock_changes():
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    while moment < datetime(2028, 12, 26, tzinfo=UTC):
        expected = british_calendar.is_sending_time(british_calendar.local(moment))
        assert schedule.may_send(moment) == expected, moment
        moment += HOUR
