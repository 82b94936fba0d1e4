"""Many schedulers at once, or one that is killed half-way: each reminder is made once."""

import random
import subprocess
import sys
import time

import pytest

from tests import fault_run

# People with an organisation each, all with reminders due for the same number of commitments.
PREPARE = """
import sys, django; django.setup()
from copy import copy
from tests import factories
from tests.reporting import scenarios
def copies(row, number, **changes):
    rows = [copy(row) for _ in range(number)]
    for n, new in enumerate(rows):
        new.pk = None
        for name, value in changes.items():
            setattr(new, name, value(n))
    return type(row).objects.bulk_create(rows, batch_size=1000)
people, commitments = int(sys.argv[1]), int(sys.argv[2])
commitment = scenarios.commitment()
[period] = commitment.periods.all()
asha = factories.asha()
users = copies(asha, people, email=lambda n: f"person-{n}@example.org")
organisations = copies(commitment.signatory.organisation, people)
members = copies(asha.memberships.get(), people,
    user=lambda n: users[n], organisation=lambda n: organisations[n])
signatories = copies(commitment.signatory, people, key=lambda n: f"S-{n:05}",
    organisation=lambda n: organisations[n])
rows = []
for batch in range(commitments):
    rows += copies(commitment, people, key=lambda n: f"C-{batch}{n:04}",
        signatory=lambda n: signatories[n], update_owner=lambda n: members[n])
copies(period, len(rows), key=lambda n: f"P-{n:05}", commitment=lambda n: rows[n])
commitment.periods.all().delete()
"""
SWEEP = """
import django; django.setup()
from datetime import date
from registry import clock
from reporting.reminders import sending
from tests.reporting.scenarios import on
with on(date(2026, 5, 5)):
    print(sending.send_due_reminders(clock.now()))
"""
EMAILS = "SELECT count(*) FROM charter_message WHERE kind = 'reminder'"
STEPS = "SELECT count(*), count(DISTINCT period_id), count(message_id) FROM reporting_reminder"
STEPS_BY_EMAIL = """
    SELECT DISTINCT count(*) FROM reporting_reminder WHERE message_id IS NOT NULL
    GROUP BY message_id
"""


@pytest.fixture
def register(tmp_path):
    sink = fault_run.SlowSink(tmp_path / "mail")
    with sink.listening(), fault_run.register_with_emails(tmp_path, sink, 0) as register:
        register.worker.stop()
        yield register


def start_sweep(register) -> subprocess.Popen:
    """Start a sweep in a separate process."""
    return subprocess.Popen(
        [sys.executable, "-c", SWEEP],
        env=register.environment,
        cwd=fault_run.ROOT,
        text=True,
        stdout=subprocess.PIPE,
    )


def check_that_each_step_was_made_once(register, people, commitments):
    assert register.ask(STEPS) == [(people * commitments,) * 3]
    assert register.ask(EMAILS) == [(people,)]
    assert register.ask(STEPS_BY_EMAIL) == [(commitments,)]


def test_8_parallel_schedulers_remind_of_10_000_commitments_once(register, capsys):
    register.run("-c", PREPARE, "1000", "10")
    began = time.monotonic()
    counts = [
        int(sweep.communicate(timeout=600)[0])
        for sweep in [start_sweep(register) for _ in range(8)]
    ]
    took = time.monotonic() - began
    assert sum(counts) == 1000
    check_that_each_step_was_made_once(register, people=1000, commitments=10)
    repeat_counts = [
        int(sweep.communicate(timeout=600)[0])
        for sweep in [start_sweep(register) for _ in range(5)]
    ]
    assert sum(repeat_counts) == 0
    check_that_each_step_was_made_once(register, people=1000, commitments=10)
    with capsys.disabled():
        print(f"\n8 clocks at once: {counts} emails, in {took:.0f} seconds; 5 more: none.")


def test_scheduler_killed_50_times_makes_each_reminder_once(register, capsys):
    chance = random.Random(13)
    register.run("-c", PREPARE, "1000", "2")
    kills, half_way = 0, 0
    while kills < 50:
        emails = register.ask(EMAILS)[0][0]
        sweep, enough = start_sweep(register), emails + chance.randint(0, 15)
        while register.ask(EMAILS)[0][0] <= enough and sweep.poll() is None:
            time.sleep(0.005)
        assert sweep.poll() is None, "it ran through before it was killed often enough"
        sweep.kill()
        sweep.communicate(timeout=600)
        kills += 1
        half_way += emails < register.ask(EMAILS)[0][0]
    start_sweep(register).communicate(timeout=600)
    check_that_each_step_was_made_once(register, people=1000, commitments=2)
    with capsys.disabled():
        print(f"\nA clock killed {kills} times, {half_way} of them amid its emails.")
