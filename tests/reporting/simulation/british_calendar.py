"""Working days and months in Britain, computed without the register's code."""

import calendar
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from dateutil.easter import easter

LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)


@cache
def local(moment: datetime) -> datetime:
    return moment.astimezone(LONDON)


def months_after(anchor: date, months: int) -> date:
    month = anchor.month - 1 + months
    year, month = anchor.year + month // 12, month % 12 + 1
    return date(year, month, min(anchor.day, calendar.monthrange(year, month)[1]))


def is_sending_time(moment: datetime) -> bool:
    return moment.hour >= 9 and is_working_day(moment.date())


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in bank_holidays(day.year)


@cache
def bank_holidays(year: int) -> set[date]:
    """Return the bank holidays of England and Wales in a year without a royal occasion."""

    def monday(month: int, after: int) -> date:
        day = date(year, month, after)
        return day + timedelta(days=-day.weekday() % 7)

    holidays = {
        easter(year) - timedelta(days=2),
        easter(year) + DAY,
        monday(5, 1),
        monday(5, 25),
        monday(8, 25),
    }
    # A fixed holiday on a weekend moves to the next free day.
    for fixed in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        day = fixed
        while day.weekday() > 4 or day in holidays:
            day += DAY
        holidays.add(day)
    if date(year, 12, 25).weekday() == 6:  # Then the 26th stays and the 25th moves to the 27th.
        holidays |= {date(year, 12, 26), date(year, 12, 27)}
    return holidays
