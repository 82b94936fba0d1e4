"""A worker that lives but takes up no work is ended, so that it can be started again."""

import signal
import subprocess
import sys
import time

import pytest
from redis import RedisError

from registry.operations import broker, worker_watchdog

RUN = """
import sys
from registry.operations import worker_watchdog
worker_watchdog.CHECK_INTERVAL = 0.1
watch = worker_watchdog.WorkerWatch(lambda: {age}, patience=1)
sys.exit(worker_watchdog.run_worker(["sleep", "60"], watch))
"""


def looks(ages):
    """A watch that began long ago and finds one age after the other."""
    ages = iter(ages)

    def newest_age():
        age = next(ages)
        if isinstance(age, Exception):
            raise age
        return age

    watch = worker_watchdog.WorkerWatch(newest_age, patience=120)
    watch.started_at -= 3600
    return watch


def test_a_worker_is_stuck_when_its_newest_note_stays_old():
    watch = looks([130, 150, 170, 190, 210, 230])
    assert [watch.is_stuck() for _ in range(6)] == [False] * 5 + [True]


@pytest.mark.parametrize("sign_of_life", [3, RedisError("away")])
def test_a_sign_of_life_or_a_broker_that_is_away_begins_the_count_anew(sign_of_life):
    watch = looks([130, 150, 170, 190, 210, sign_of_life, 130, 150])
    assert not any(watch.is_stuck() for _ in range(8))


def test_a_worker_that_was_just_started_is_not_blamed_for_the_one_before():
    watch = looks([None, 900, 900, 900, 900, 900, 900])
    watch.started_at = time.monotonic()
    assert not any(watch.is_stuck() for _ in range(7))


def test_it_is_noticed_within_five_minutes():
    patience = worker_watchdog.allowed_idle_seconds(["mail", "housekeeping"])
    assert patience + worker_watchdog.LATE_CHECKS * worker_watchdog.CHECK_INTERVAL <= 300


def test_a_worker_is_watched_by_the_notes_of_its_own_queues():
    with broker.broker_client() as redis:
        redis.delete(broker.LAST_TICKS)
        for task, age in [("charter.tasks.drain_outbox", 5), ("reporting.tasks.check_links", 4000)]:
            redis.hset(broker.LAST_TICKS, task, int(time.time()) - age)
    assert worker_watchdog.newest_age(["mail", "housekeeping"]) in (5, 6)
    assert worker_watchdog.newest_age(["links"]) in (4000, 4001)
    assert worker_watchdog.newest_age(["housekeeping"]) is None
    assert worker_watchdog.allowed_idle_seconds(["links"]) > 3600


def start(age):
    return subprocess.Popen(
        [sys.executable, "-c", RUN.format(age=age)],
        start_new_session=True,
        text=True,
        stdout=subprocess.PIPE,
    )


def test_a_stuck_worker_is_killed_with_all_of_its_group():
    watched = start(age=500)
    said, _ = watched.communicate(timeout=30)  # ends only when the worker's pipe is closed too
    assert watched.returncode == -signal.SIGKILL
    assert "takes up no work" in said


def test_a_worker_that_works_is_left_alone_and_told_to_end():
    watched = start(age=0)
    time.sleep(2)
    assert watched.poll() is None
    watched.terminate()
    watched.communicate(timeout=30)
    assert watched.returncode not in (0, -signal.SIGKILL)
