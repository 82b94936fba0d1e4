"""Dates of reporting against a calendar that shares no line with the register's."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as some

from reporting import schedule
from reporting.schedule import Span
from tests.reporting.simulation import oracle

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LADDER = [-30, -7, 3, 14, 30, 90]


@settings(max_examples=10_000, deadline=None)
@given(some.dates(date(2012, 1, 1), date(2040, 12, 31)), some.sampled_from([*oracle.MONTHS]))
def test_twelve_years_of_periods_begin_and_end_on_the_days_of_another_calendar(anchor, cadence):
    months = oracle.MONTHS[cadence]
    today = oracle.months_after(anchor, 144)
    expected = [
        Span(
            oracle.months_after(anchor, number * months),
            oracle.months_after(anchor, (number + 1) * months) - DAY,
        )
        for number in range(144 // months + 1)
    ]
    plan = {"anchor": anchor, "cadence": cadence, "end_on": None}
    assert schedule.spans_to_begin(None, **plan, today=today) == expected


def test_no_step_of_any_due_date_goes_out_on_a_day_off_and_no_due_date_moves():
    day = date(2026, 1, 1)
    while day < date(2030, 1, 1):
        known = day <= schedule.last_known_holiday()
        working = oracle.is_working_day(day) if known else day.weekday() < 5
        assert schedule.is_working_day(day) == working, day
        period = Span(day - timedelta(days=364), day - DAY)
        for step in LADDER:
            first = day + timedelta(days=step)
            sent = schedule.sending_day(period, step)
            assert schedule.is_working_day(sent)
            assert not any(
                schedule.is_working_day(first + timedelta(days=waited))
                for waited in range((sent - first).days)
            )
        assert period.due_on == day
        day += DAY


def test_for_five_years_email_goes_out_from_nine_in_london_whatever_the_clocks_do():
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    while moment < datetime(2028, 12, 26, tzinfo=UTC):
        expected = oracle.is_sending_time(oracle.local(moment))
        assert schedule.may_send(moment) == expected, moment
        moment += HOUR
