"""Reporting dates, checked against the calendar."""

import calendar
import logging
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from registry import working_days
from registry.schema.code_lists import Cadence
from reporting import schedule
from reporting.schedule import Plan, Span

STEPS = [-30, -7, 3, 14, 30, 90]
DAYS = some.dates(date(2012, 1, 1), date(2040, 12, 31))
CADENCES = some.sampled_from([cadence for cadence in Cadence if cadence.months])


@given(DAYS, some.integers(0, 240))
def test_months_are_counted_from_the_anchor(anchor, months):
    day = schedule.add_months(anchor, months)
    assert (day.year - anchor.year) * 12 + day.month - anchor.month == months
    assert day.day == min(anchor.day, calendar.monthrange(day.year, day.month)[1])


@pytest.mark.parametrize(
    ("anchor", "months", "day"),
    [
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2027, 1, 31), 2, date(2027, 3, 31)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
    ],
)
def test_month_ends_and_leap_years_are_respected(anchor, months, day):
    assert schedule.add_months(anchor, months) == day


@given(DAYS, CADENCES, some.none() | some.integers(0, 2_000))
def test_periods_have_no_gap_or_overlap_and_end_with_the_commitment(anchor, cadence, length):
    end_on = anchor + timedelta(days=length) if length is not None else None
    today = anchor + timedelta(days=1_500)
    periods = schedule.spans_to_begin(None, Plan(anchor, cadence, end_on, 30), today)
    assert periods[0].starts_on == anchor
    for period, following in zip(periods, periods[1:], strict=False):
        assert following.starts_on == period.ends_on + timedelta(days=1) == period.due_on
    assert periods[-1].starts_on <= today
    if end_on and end_on <= today:
        assert periods[-1].is_final
        assert periods[-1].ends_on == end_on
        assert periods[-1].due_on == end_on + timedelta(days=30)


@given(DAYS, CADENCES, some.integers(0, 1_500), some.integers(0, 1_500))
def test_two_runs_give_the_same_periods_as_one(anchor, cadence, first, second):
    plan = Plan(anchor, cadence, anchor + timedelta(days=1_200), 30)
    sooner, later = sorted([anchor + timedelta(days=first), anchor + timedelta(days=second)])
    single_run = schedule.spans_to_begin(None, plan, later)
    first_run = schedule.spans_to_begin(None, plan, sooner)
    rest = schedule.spans_to_begin(first_run[-1].ends_on, plan, later)
    assert first_run + rest == single_run


def test_new_cadence_starts_when_the_last_period_ended():
    yearly = Span(date(2026, 4, 1), date(2027, 3, 31))
    [following] = schedule.spans_to_begin(
        yearly.ends_on - timedelta(days=10),
        Plan(date(2026, 4, 1), "quarterly", None, 30),
        date(2027, 3, 31),
    )
    assert following == Span(date(2027, 3, 22), date(2027, 3, 31))


def test_commitment_reported_on_completion_has_one_period():
    plan = Plan(date(2026, 4, 1), "on_completion", date(2027, 6, 30), 30)
    assert list(schedule.iter_spans(plan)) == [Span(plan.anchor, date(2027, 6, 30), 30)]
    assert list(schedule.iter_spans(replace(plan, end_on=None))) == []


def test_commitment_of_one_day_reported_on_completion_has_a_period():
    day = date(2026, 4, 1)
    assert list(schedule.iter_spans(Plan(day, "on_completion", day, 30))) == [Span(day, day, 30)]


@pytest.mark.parametrize("cadence", ["monthly", "on_completion"])
def test_final_update_is_asked_for_also_if_the_deadline_was_corrected_to_before_the_start(cadence):
    day = date(2026, 4, 1)
    [only] = schedule.iter_spans(Plan(day, cadence, day - timedelta(days=40), 30))
    assert only == Span(day, day, 30)


def test_final_update_is_asked_for_from_a_week_before_the_deadline():
    last = Span(date(2026, 4, 1), date(2026, 6, 30), 30)
    assert (last.due_on, schedule.requested_from(last)) == (date(2026, 7, 30), date(2026, 6, 23))


def test_period_begins_on_its_first_day_also_if_it_has_no_other():
    plan = Plan(date(2026, 4, 1), "quarterly", date(2026, 7, 1), 30)
    last_day = Span(date(2026, 7, 1), date(2026, 7, 1), 30)
    before, on = date(2026, 6, 30), date(2026, 7, 1)
    assert schedule.spans_to_begin(before, plan, before) == []
    assert schedule.spans_to_begin(before, plan, on) == [last_day]


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "requested_on"),
    [
        (date(2026, 1, 1), date(2026, 12, 31), date(2026, 12, 2)),
        (date(2026, 1, 1), date(2026, 3, 1), date(2026, 1, 31)),  # 60 days, so 30 before
        (date(2026, 1, 1), date(2026, 1, 31), date(2026, 1, 17)),  # half of 31 days is 15
        (date(2026, 2, 1), date(2026, 2, 28), date(2026, 2, 15)),
        (date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 2)),
        (date(2026, 1, 1), date(2026, 1, 1), date(2026, 1, 2)),
    ],
)
def test_update_is_asked_for_30_days_before_but_not_in_the_first_half(
    starts_on, ends_on, requested_on
):
    assert schedule.requested_from(Span(starts_on, ends_on)) == requested_on


class TestPeriodToReport:
    first = Span(date(2026, 1, 1), date(2026, 3, 31))  # due on 1 April
    second = Span(date(2026, 4, 1), date(2026, 6, 30))  # due on 1 July

    @pytest.mark.parametrize(
        ("today", "period"),
        [
            (date(2026, 1, 1), first),
            (date(2026, 1, 20), first),
            (date(2026, 3, 31), first),
            (date(2026, 4, 1), first),
            (date(2026, 5, 31), first),
            (date(2026, 6, 1), second),
            (date(2026, 9, 1), second),
        ],
    )
    def test_update_is_for_the_latest_period_open_to_updates(self, today, period):
        assert schedule.period_to_report([self.first, self.second], today) == period

    def test_monthly_update_after_the_due_date_is_for_the_month_before(self):
        january = Span(date(2026, 1, 1), date(2026, 1, 31))
        february = Span(date(2026, 2, 1), date(2026, 2, 28))
        assert schedule.period_to_report([january, february], date(2026, 2, 4)) == january
        assert schedule.period_to_report([january, february], date(2026, 2, 20)) == february

    def test_no_update_is_expected_before_the_first_period(self):
        assert schedule.period_to_report([self.first], date(2025, 12, 31)) is None


class TestReminderSteps:
    year = Span(date(2025, 6, 1), date(2026, 5, 31))  # due on Monday 1 June 2026

    def test_days_off_delay_reminders_but_never_the_due_date(self):
        days = [schedule.sending_day(self.year, step) for step in STEPS]
        assert days == [
            date(2026, 5, 5),  # 2 May is a Saturday, 4 May a bank holiday
            date(2026, 5, 26),  # 25 May is a bank holiday
            date(2026, 6, 4),
            date(2026, 6, 15),
            date(2026, 7, 1),
            date(2026, 9, 1),  # 30 August is a Sunday, 31 August a bank holiday
        ]
        assert self.year.due_on == date(2026, 6, 1)

    @given(some.dates(date(2026, 1, 1), date(2028, 12, 20)), some.sampled_from(STEPS))
    def test_no_reminder_goes_out_early_or_on_a_day_off(self, ends_on, step):
        period = Span(ends_on - timedelta(days=364), ends_on)
        day = schedule.sending_day(period, step)
        assert working_days.is_working_day(day)
        assert 0 <= (day - period.due_on).days - step <= 4

    def test_easter_and_substitute_days_are_not_working_days(self):
        assert not working_days.is_working_day(date(2027, 3, 26))
        assert not working_days.is_working_day(date(2027, 3, 29))
        assert not working_days.is_working_day(date(2027, 12, 27))
        assert not working_days.is_working_day(date(2027, 12, 28))
        assert working_days.is_working_day(date(2027, 12, 29))

    def test_bank_holidays_are_known_without_the_network(self, caplog):
        working_days._bank_holidays.cache_clear()
        with caplog.at_level(logging.DEBUG, "govuk_bank_holidays"):
            assert working_days.last_known_holiday() >= date(2027, 12, 28)
        assert "Downloading" not in caplog.text

    def test_steps_missed_in_an_outage_are_listed_oldest_first(self):
        assert schedule.steps_reached(self.year, STEPS, date(2026, 6, 20)) == [-30, -7, 3, 14]
        assert schedule.steps_reached(self.year, STEPS, date(2026, 5, 4)) == []

    def test_monthly_period_gets_no_reminder_on_its_first_day(self):
        february = Span(date(2026, 2, 1), date(2026, 2, 28))
        assert schedule.steps_reached(february, STEPS, date(2026, 2, 10)) == []
        assert schedule.steps_reached(february, STEPS, date(2026, 2, 23)) == [-7]


@pytest.mark.parametrize(
    ("moment", "sends"),
    [
        (datetime(2027, 3, 1, 8, 59, tzinfo=UTC), False),
        (datetime(2027, 3, 1, 9, 0, tzinfo=UTC), True),
        (datetime(2027, 7, 1, 8, 0, tzinfo=UTC), True),  # 9am in summer
        (datetime(2027, 7, 1, 7, 59, tzinfo=UTC), False),
        (datetime(2027, 3, 28, 12, 0, tzinfo=UTC), False),  # the Sunday the clock goes forward
        (datetime(2027, 3, 30, 8, 0, tzinfo=UTC), True),
        (datetime(2027, 7, 1, 23, 30, tzinfo=UTC), False),  # half past midnight in London
    ],
)
def test_email_goes_out_on_working_days_from_9am_in_london(moment, sends):
    assert schedule.may_send(moment) is sends
