"""Working days of England and Wales. Pure: the day is an argument."""

from datetime import date, timedelta
from functools import cache

from govuk_bank_holidays.bank_holidays import BankHolidays

DAY = timedelta(days=1)


@cache
def _bank_holidays() -> BankHolidays:
    return BankHolidays(use_cached_holidays=True)


@cache
def is_working_day(day: date) -> bool:
    """Return True on weekdays that are not bank holidays in England and Wales."""
    return bool(_bank_holidays().is_work_day(day, division=BankHolidays.ENGLAND_AND_WALES))


def working_days_after(day: date, days: int) -> date:
    """Return the date `days` working days after a day."""
    for _ in range(days):
        day += DAY
        while not is_working_day(day):
            day += DAY
    return day


def last_known_holiday() -> date:
    """Return the last known bank holiday; after it only weekends are left out."""
    holidays = _bank_holidays().get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    return max(holiday["date"] for holiday in holidays)


def next_working_day(day: date) -> date:
    """Return the first working day after a day."""
    day += DAY
    while not is_working_day(day):
        day += DAY
    return day
