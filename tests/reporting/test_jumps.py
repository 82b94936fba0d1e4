"""A clock that jumps, and answers in the last and first second of a day."""

from datetime import UTC, date, datetime, timedelta

import pytest

from charter.models import Message
from registry import clock
from reporting.models import Reminder
from tests.reporting import stories
from tests.reporting.stories import on

pytestmark = pytest.mark.django_db


def test_a_clock_that_jumps_400_days_sends_one_mail_and_goes_back_without_a_repeat(sink):
    stories.promise(cadence="quarterly")
    Message.objects.all().delete()
    with on(date(2025, 8, 4)):
        stories.tick()
    jumped = date(2025, 8, 4) + timedelta(days=402)  # a working day
    with on(jumped):
        assert stories.tick() == 1
        assert stories.tick() == 0
    assert sink.count() == 2
    claimed = Reminder.objects.count()
    for day in (date(2025, 8, 5), date(2025, 8, 25), date(2025, 9, 4)):
        with on(day):
            assert stories.tick() == 0
    assert sink.count() == 2
    assert Reminder.objects.count() == claimed


@pytest.mark.parametrize(
    ("made_on", "last_second", "heard_on", "state_then"),
    [
        # Summer: midnight in London is 23:00 UTC.
        (date(2025, 6, 1), datetime(2026, 5, 31, 22, 59, 59, tzinfo=UTC), 31, "up_to_date"),
        (date(2025, 6, 1), datetime(2026, 5, 31, 23, 0, 0, tzinfo=UTC), 1, "due"),
        # Winter: it is midnight in UTC too.
        (date(2025, 1, 1), datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC), 31, "up_to_date"),
        (date(2025, 1, 1), datetime(2026, 1, 1, 0, 0, 0, tzinfo=UTC), 1, "due"),
    ],
)
def test_an_answer_counts_for_the_day_in_london(made_on, last_second, heard_on, state_then):
    promise = stories.promise(made_on)
    with clock.at(last_second):
        assert stories.reporting_of(promise) == state_then
        update = stories.told(promise)
        update.period.refresh_from_db()
        assert update.period.received_on.day == heard_on
        assert stories.reporting_of(promise) == "up_to_date"
