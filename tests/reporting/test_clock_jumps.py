"""Jumps of the machine's clock, and updates in the first and last second of a day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from charter import tasks as charter_tasks
from charter.models import Message
from registry import clock
from registry.models import ClockJump, Entry
from registry.operations import broker, clock_jumps
from reporting import tasks as reporting_tasks
from reporting.models import Reminder
from tests.reporting import scenarios
from tests.reporting.scenarios import on
from tests.visitors import officer_client

pytestmark = pytest.mark.django_db
REMINDED_AT = datetime(2025, 8, 4, 10, tzinfo=UTC)  # a Monday, four weeks before the first due date


class Machine:
    """A machine whose clock may jump while its uptime counter runs on until a reboot."""

    def __init__(self):
        self.now, self.counter, self.boot_id = REMINDED_AT, 5_000.0, "first"

    def advance(self, time):
        self.now += time
        self.counter += time.total_seconds()

    def reboot(self):
        self.counter, self.boot_id = 10.0, "second"

    def tick(self):
        """Let a minute pass and run its scheduled tasks."""
        self.advance(timedelta(minutes=1))
        with clock.fixed_at(self.now):
            reporting_tasks.follow_periods()
            reporting_tasks.send_reminders()
            charter_tasks.drain_outbox()


@pytest.fixture
def machine(monkeypatch):
    with broker.broker_client() as redis:
        redis.delete(broker.LAST_BEAT)
    machine = Machine()
    monkeypatch.setattr(clock_jumps, "_machine_time", lambda: machine.now.timestamp())
    monkeypatch.setattr(clock_jumps, "_uptime_seconds", lambda: machine.counter)
    monkeypatch.setattr(clock_jumps, "_boot_id", lambda: machine.boot_id)
    yield machine
    with broker.broker_client() as redis:
        redis.delete(broker.LAST_BEAT)


@pytest.fixture
def reminded_machine(machine, sink):
    """Return the machine a moment after Asha was sent a reminder."""
    scenarios.commitment(cadence="quarterly")
    Message.objects.all().delete()
    machine.tick()
    assert sink.count() == 1
    return machine


@pytest.mark.parametrize(
    ("days", "message"),
    [
        (402, "The clock went forward by 402 days at 2025-08-04 10:02 (UTC)."),
        (1, "The clock went forward by 24 hours at 2025-08-04 10:02 (UTC)."),
        (-1, "The clock went back by 24 hours at 2025-08-04 10:02 (UTC)."),
    ],
)
def test_clock_jump_holds_reminders_until_the_council_confirms_the_clock(
    reminded_machine, sink, client, days, message
):
    council = officer_client()
    Message.objects.exclude(kind="reminder").delete()
    entries, reminders = Entry.objects.count(), Reminder.objects.count()
    reminded_machine.now += timedelta(days=days)
    for _ in range(3):
        reminded_machine.tick()
    with (
        clock.fixed_at(reminded_machine.now),
        pytest.raises(CommandError, match="The clock jumped"),
    ):
        call_command("tick")
    assert sink.count() == 1
    assert (Entry.objects.count(), Reminder.objects.count()) == (entries, reminders)
    problem = f"{message} What it drives waits until the council trusts it again."
    assert problem in client.get("/health").json()["problems"]
    assert problem in council.get("/council/health").content.decode()

    council.post("/council/health/clock")
    reminded_machine.tick()
    reminded_machine.tick()
    assert sink.count() == (2 if days == 402 else 1)  # One email, however far the clock went.
    assert problem not in council.get("/council/health").content.decode()


def test_clock_corrected_before_anyone_looked_causes_no_harm(reminded_machine, sink):
    council = officer_client()
    Message.objects.exclude(kind="reminder").delete()
    reminded_machine.now += timedelta(days=402)
    reminded_machine.tick()
    reminded_machine.now -= timedelta(days=402)
    reminded_machine.tick()
    council.post("/council/health/clock")
    assert ClockJump.get_current() is None
    reminded_machine.tick()
    assert sink.count() == 1
    reminded_machine.advance(timedelta(days=22))  # Past the reminder a week before the due date.
    reminded_machine.tick()
    assert sink.count() == 2


def test_outage_is_not_a_clock_jump_and_leads_to_one_email(reminded_machine, sink):
    reminded_machine.advance(timedelta(days=35))
    reminded_machine.tick()
    reminded_machine.tick()
    assert ClockJump.get_current() is None
    assert sink.count() == 2


def test_after_a_reboot_only_a_clock_set_back_is_noticed(reminded_machine):
    reminded_machine.reboot()
    reminded_machine.now += timedelta(days=3)
    reminded_machine.tick()
    assert ClockJump.get_current() is None
    reminded_machine.reboot()
    reminded_machine.now -= timedelta(days=3)
    reminded_machine.tick()
    assert ClockJump.get_current().jump < timedelta(days=-2)


def test_correction_by_minutes_is_not_a_clock_jump(reminded_machine):
    reminded_machine.now += timedelta(minutes=50)
    reminded_machine.tick()
    reminded_machine.now -= timedelta(minutes=50)
    reminded_machine.tick()
    assert ClockJump.get_current() is None


def test_jump_of_400_days_and_back_sends_one_reminder(sink):
    scenarios.commitment(cadence="quarterly")
    Message.objects.all().delete()
    with on(date(2025, 8, 4)):
        scenarios.tick()
    jump_day = date(2025, 8, 4) + timedelta(days=402)  # a working day
    with on(jump_day):
        assert scenarios.tick() == 1
        assert scenarios.tick() == 0
    assert sink.count() == 2
    reminders = Reminder.objects.count()
    for day in (date(2025, 8, 5), date(2025, 8, 25), date(2025, 9, 4)):
        with on(day):
            assert scenarios.tick() == 0
    assert sink.count() == 2
    assert Reminder.objects.count() == reminders


@pytest.mark.parametrize(
    ("made_on", "moment", "received_day", "state_before"),
    [
        # In summer, midnight in London is 23:00 UTC.
        (date(2025, 6, 1), datetime(2026, 5, 31, 22, 59, 59, tzinfo=UTC), 31, "up_to_date"),
        (date(2025, 6, 1), datetime(2026, 5, 31, 23, 0, 0, tzinfo=UTC), 1, "due"),
        # In winter, midnight in London is midnight UTC.
        (date(2025, 1, 1), datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC), 31, "up_to_date"),
        (date(2025, 1, 1), datetime(2026, 1, 1, 0, 0, 0, tzinfo=UTC), 1, "due"),
    ],
)
def test_update_counts_for_the_day_in_london(made_on, moment, received_day, state_before):
    commitment = scenarios.commitment(made_on)
    with clock.fixed_at(moment):
        assert scenarios.reporting_state(commitment) == state_before
        update = scenarios.submitted_update(commitment)
        update.period.refresh_from_db()
        assert update.period.received_on.day == received_day
        assert scenarios.reporting_state(commitment) == "up_to_date"
