"""The only clock of the register.

Instants are in UTC, calendar dates in Europe/London. `REGISTER_CLOCK_OFFSET` shifts the clock of a
whole process (tests); `fixed_at()` sets it for a block (seeding, imports of past data). Only the
leases of the outbox use the database's time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

LONDON = ZoneInfo("Europe/London")

_fixed: ContextVar[datetime | None] = ContextVar("fixed", default=None)


def now() -> datetime:
    """Return the current instant in UTC."""
    return _fixed.get() or datetime.now(UTC) + timedelta(seconds=settings.REGISTER_CLOCK_OFFSET)


def today() -> date:
    """Return the current calendar date in Europe/London."""
    return local_date(now())


def local_date(moment: datetime) -> date:
    """Return the calendar date in Europe/London of an instant."""
    return moment.astimezone(LONDON).date()


def start_of_day(day: date) -> datetime:
    """Return the instant at which a day in Europe/London begins."""
    return datetime.combine(day, time(), tzinfo=LONDON)


def end_of_day(day: date) -> datetime:
    """Return the instant at which a day in Europe/London ends."""
    return start_of_day(day + timedelta(days=1))


@contextmanager
def fixed_at(moment: datetime) -> Iterator[None]:
    """Fix the clock at `moment` inside the block, for this thread or task only."""
    token = _fixed.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _fixed.reset(token)
