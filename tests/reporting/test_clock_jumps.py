"""A clock that jumps, and answers in the last and first second of a day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from charter import tasks as of_charter
from charter.models import Message
from registry import clock
from registry.models import ClockJump, Entry
from registry.operations import broker, clock_jumps
from reporting import tasks as of_reporting
from reporting.models import Reminder
from tests.reporting import scenarios
from tests.reporting.scenarios import on
from tests.visitors import at_the_desk

pytestmark = pytest.mark.django_db
ASKED_ON = datetime(2025, 8, 4, 10, tzinfo=UTC)  # a Monday, four weeks before the first due date


class Machine:
    """Its clock may jump; its counter counts what passes, until it begins anew."""

    def __init__(self):
        self.now, self.counter, self.beginning = ASKED_ON, 5_000.0, "first"

    def passes(self, time):
        self.now += time
        self.counter += time.total_seconds()

    def begins_anew(self):
        self.counter, self.beginning = 10.0, "second"

    def rings(self):
        """Ring all bells of a minute."""
        self.passes(timedelta(minutes=1))
        with clock.fixed_at(self.now):
            of_reporting.follow_periods()
            of_reporting.tick_reminders()
            of_charter.drain_outbox()


@pytest.fixture
def machine(monkeypatch):
    with broker.broker_client() as redis:
        redis.delete(broker.LAST_BEAT)
    machine = Machine()
    monkeypatch.setattr(clock_jumps, "_machine_time", lambda: machine.now.timestamp())
    monkeypatch.setattr(clock_jumps, "_uptime_seconds", lambda: machine.counter)
    monkeypatch.setattr(clock_jumps, "_boot_id", lambda: machine.beginning)
    yield machine
    with broker.broker_client() as redis:
        redis.delete(broker.LAST_BEAT)


@pytest.fixture
def asked(machine, sink):
    """A commitment whose owner was asked for updates a moment ago."""
    scenarios.commitment(cadence="quarterly")
    Message.objects.all().delete()
    machine.rings()
    assert sink.count() == 1
    return machine


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (402, "The clock went forward by 402 days at 2025-08-04 10:02 (UTC)."),
        (1, "The clock went forward by 24 hours at 2025-08-04 10:02 (UTC)."),
        (-1, "The clock went back by 24 hours at 2025-08-04 10:02 (UTC)."),
    ],
)
def test_by_a_clock_that_jumped_nobody_is_asked_until_the_council_has_looked(
    asked, sink, client, days, told
):
    council = at_the_desk()
    Message.objects.exclude(kind="digest").delete()
    entries, claimed = Entry.objects.count(), Reminder.objects.count()
    asked.now += timedelta(days=days)
    for _ in range(3):
        asked.rings()
    with clock.fixed_at(asked.now), pytest.raises(CommandError, match="The clock jumped"):
        call_command("tick")
    assert sink.count() == 1
    assert (Entry.objects.count(), Reminder.objects.count()) == (entries, claimed)
    problem = f"{told} What it drives waits until the council trusts it again."
    assert problem in client.get("/health").json()["problems"]
    assert problem in council.get("/council/health").content.decode()

    council.post("/council/health/clock")
    asked.rings()
    asked.rings()
    assert sink.count() == (2 if days == 402 else 1)  # one email, however far it went
    assert problem not in council.get("/council/health").content.decode()


def test_a_clock_put_right_before_anybody_looked_has_done_no_harm(asked, sink):
    council = at_the_desk()
    Message.objects.exclude(kind="digest").delete()
    asked.now += timedelta(days=402)
    asked.rings()
    asked.now -= timedelta(days=402)
    asked.rings()
    council.post("/council/health/clock")
    assert ClockJump.get_current() is None
    asked.rings()
    assert sink.count() == 1
    asked.passes(timedelta(days=22))  # past the step a week before the due date
    asked.rings()
    assert sink.count() == 2


def test_an_outage_is_no_jump_and_brings_one_email(asked, sink):
    asked.passes(timedelta(days=35))
    asked.rings()
    asked.rings()
    assert ClockJump.get_current() is None
    assert sink.count() == 2


def test_after_a_new_beginning_of_the_machine_only_a_clock_that_went_back_is_noticed(asked):
    asked.begins_anew()
    asked.now += timedelta(days=3)
    asked.rings()
    assert ClockJump.get_current() is None
    asked.begins_anew()
    asked.now -= timedelta(days=3)
    asked.rings()
    assert ClockJump.get_current().jump < timedelta(days=-2)


def test_a_clock_that_is_put_right_by_minutes_has_not_jumped(asked):
    asked.now += timedelta(minutes=50)
    asked.rings()
    asked.now -= timedelta(minutes=50)
    asked.rings()
    assert ClockJump.get_current() is None


def test_a_clock_that_jumps_400_days_sends_one_email_and_goes_back_without_a_repeat(sink):
    scenarios.commitment(cadence="quarterly")
    Message.objects.all().delete()
    with on(date(2025, 8, 4)):
        scenarios.tick()
    jumped = date(2025, 8, 4) + timedelta(days=402)  # a working day
    with on(jumped):
        assert scenarios.tick() == 1
        assert scenarios.tick() == 0
    assert sink.count() == 2
    claimed = Reminder.objects.count()
    for day in (date(2025, 8, 5), date(2025, 8, 25), date(2025, 9, 4)):
        with on(day):
            assert scenarios.tick() == 0
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
    commitment = scenarios.commitment(made_on)
    with clock.fixed_at(last_second):
        assert scenarios.reporting_of(commitment) == state_then
        update = scenarios.told(commitment)
        update.period.refresh_from_db()
        assert update.period.received_on.day == heard_on
        assert scenarios.reporting_of(commitment) == "up_to_date"
