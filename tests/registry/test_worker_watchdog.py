"""The watchdog ends a worker that is alive but takes no work, so that it is started again."""

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


def watch_with_ages(ages):
    """Return a watch that started an hour ago and reads these ages in turn."""
    ages = iter(ages)

    def newest_age():
        age = next(ages)
        if isinstance(age, Exception):
            raise age
        return age

    watch = worker_watchdog.WorkerWatch(newest_age, patience=120)
    watch.started_at -= 3600
    return watch


def test_worker_with_an_old_last_tick_is_stuck():
    watch = watch_with_ages([130, 150, 170, 190, 210, 230])
    assert [watch.is_stuck() for _ in range(6)] == [False] * 5 + [True]


@pytest.mark.parametrize("sign_of_life", [3, RedisError("away")])
def test_new_tick_or_lost_broker_restarts_the_count(sign_of_life):
    watch = watch_with_ages([130, 150, 170, 190, 210, sign_of_life, 130, 150])
    assert not any(watch.is_stuck() for _ in range(8))


def test_new_worker_is_not_blamed_for_the_ticks_of_the_last():
    watch = watch_with_ages([None, 900, 900, 900, 900, 900, 900])
    watch.started_at = time.monotonic()
    assert not any(watch.is_stuck() for _ in range(7))


def test_stuck_worker_is_noticed_within_five_minutes():
    patience = worker_watchdog.allowed_idle_seconds(["mail", "housekeeping"])
    assert patience + worker_watchdog.LATE_CHECKS * worker_watchdog.CHECK_INTERVAL <= 300


def test_worker_is_watched_by_the_ticks_of_its_own_queues():
    with broker.broker_client() as redis:
        redis.delete(broker.LAST_TICKS)
        for task, age in [("charter.tasks.drain_outbox", 5), ("reporting.tasks.check_links", 4000)]:
            redis.hset(broker.LAST_TICKS, task, int(time.time()) - age)
    assert worker_watchdog.newest_age(["mail", "housekeeping"]) in (5, 6)
    assert worker_watchdog.newest_age(["links"]) in (4000, 4001)
    assert worker_watchdog.newest_age(["housekeeping"]) is None
    assert worker_watchdog.allowed_idle_seconds(["links"]) > 3600


def start_worker(age):
    return subprocess.Popen(
        [sys.executable, "-c", RUN.format(age=age)],
        start_new_session=True,
        text=True,
        stdout=subprocess.PIPE,
    )


def test_stuck_worker_is_killed_with_its_whole_process_group():
    worker = start_worker(age=500)
    output, _ = worker.communicate(timeout=30)  # Waits for the whole group to close its pipe.
    assert worker.returncode == -signal.SIGKILL
    assert "takes up no work" in output


def test_healthy_worker_runs_until_it_is_asked_to_stop():
    worker = start_worker(age=0)
    time.sleep(2)
    assert worker.poll() is None
    worker.terminate()
    worker.communicate(timeout=30)
    assert worker.returncode not in (0, -signal.SIGKILL)
