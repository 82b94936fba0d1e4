"""Runs the worker, and ends it when it lives but no longer takes up work; whoever keeps it alive
(compose, the supervisor) then starts it again.

Used as `python -m registry.operations.worker_watchdog celery --app registry worker --queues …`.
Each task notes when it last went well. When the newest note of the tasks of these queues has been
old for a while, although the broker answers, the worker is stuck. Work in flight is safe: each task
may be killed at any line.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection
from datetime import timedelta
from functools import partial
from typing import Any

import django
from kombu.exceptions import OperationalError
from redis import RedisError

CHECKED_EVERY = 20.0
# So many seconds after the time at which the next note should have come at the latest.
LATE = 105
# A worker whose broker was away needs some time to take up work again.
OLD_IN_A_ROW = 6
STUCK = 1


class WorkerWatch:
    """Counts how often in a row the newest note, or the beginning of the watch, was long ago."""

    def __init__(self, newest_age: Callable[[], int | None], patience: float) -> None:
        self.newest_age = newest_age
        self.patience = patience
        self.began = time.monotonic()
        self.old = 0

    def is_stuck(self) -> bool:
        """Look once. A broker that does not answer says nothing about the worker."""
        try:
            age = self.newest_age()
        except (OperationalError, RedisError):
            self.old = 0
            return False
        watched = time.monotonic() - self.began
        quiet = watched if age is None else min(age, watched)
        self.old = self.old + 1 if quiet > self.patience else 0
        return self.old >= OLD_IN_A_ROW


def newest_age(queues: Collection[str]) -> int | None:
    """Return how many seconds ago a task of some queues last went well; None if none ever did."""
    from registry.operations.celery import queue_for_task  # needs the settings, which main() reads
    from registry.operations.health import tick_ages

    return min(
        (age for task, age in tick_ages().items() if queue_for_task(task) in queues), default=None
    )


def allowed_idle_seconds(queues: Collection[str]) -> float:
    """Return after how many seconds without a note a worker of some queues is suspect."""
    from registry.operations.celery import HOUR, app, queue_for_task

    rhythm: timedelta = min(
        (
            line["schedule"]
            for line in app.conf.beat_schedule.values()
            if queue_for_task(line["task"]) in queues
        ),
        default=HOUR,
    )
    return rhythm.total_seconds() + LATE


def run_worker(command: list[str], watch: WorkerWatch) -> int:
    """Run a worker to its end and return its exit code; end it with everything of its group when it
    is stuck.
    """
    if os.getpgrp() != os.getpid():
        os.setpgid(0, 0)
    worker = subprocess.Popen(command)  # noqa: S603 - the command of docker-compose.yml

    def forward_signal(number: int, frame: Any) -> None:
        worker.send_signal(number)

    signal.signal(signal.SIGTERM, forward_signal)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal tells the worker itself
    while True:
        try:
            return worker.wait(CHECKED_EVERY)
        except subprocess.TimeoutExpired:
            if watch.is_stuck():
                print("The worker lives but takes up no work. It is ended.", flush=True)
                os.killpg(0, signal.SIGKILL)
                worker.wait()  # only process 1 of a container comes here: nothing else ends it
                return STUCK


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry.settings")
    django.setup()
    command = sys.argv[1:]
    queues = command[command.index("--queues") + 1].split(",")
    sys.exit(
        run_worker(command, WorkerWatch(partial(newest_age, queues), allowed_idle_seconds(queues)))
    )


if __name__ == "__main__":
    main()
