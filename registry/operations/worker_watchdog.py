"""Runs a worker, and kills it when it is alive but stuck; compose or the supervisor restarts it.

Used as `python -m registry.operations.worker_watchdog celery --app registry worker --queues …`.
Each task records its last success. If the newest success in these queues stays old although the
broker answers, the worker is stuck. Killing it is safe: every task may be killed at any line.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection
from functools import partial
from typing import Any

import django
from kombu.exceptions import OperationalError
from redis import RedisError

from registry.operations.ticks import HOUR, ticks_of_queues

CHECK_INTERVAL = 20.0  # seconds
# Seconds after the latest time at which the next success was expected.
LATE_AFTER = 105
# Number of late checks in a row: a worker needs some time to resume after an outage of the broker.
LATE_CHECKS = 6
EXIT_CODE_STUCK = 1


class WorkerWatch:
    """Counts consecutive checks at which the newest success, or the watch's start, was long ago."""

    def __init__(self, newest_age: Callable[[], int | None], patience: float) -> None:
        self.newest_age = newest_age
        self.patience = patience
        self.started_at = time.monotonic()
        self.late_checks = 0

    def is_stuck(self) -> bool:
        """Check once. An unavailable broker is no evidence against the worker."""
        try:
            age = self.newest_age()
        except (OperationalError, RedisError):
            self.late_checks = 0
            return False
        watched = time.monotonic() - self.started_at
        idle = watched if age is None else min(age, watched)
        self.late_checks = self.late_checks + 1 if idle > self.patience else 0
        return self.late_checks >= LATE_CHECKS


def newest_age(queues: Collection[str]) -> int | None:
    """Return the seconds since the newest success in some queues, or None without one."""
    from registry.operations.health import tick_ages  # needs the models, which main() loads

    ages, names = tick_ages(), {task.name for task in ticks_of_queues(queues)}
    return min((ages[name] for name in names & ages.keys()), default=None)


def allowed_idle_seconds(queues: Collection[str]) -> float:
    """Return the seconds without a success after which a worker of some queues is suspect."""
    shortest_interval = min((task.every for task in ticks_of_queues(queues)), default=HOUR)
    return shortest_interval.total_seconds() + LATE_AFTER


def run_worker(command: list[str], watch: WorkerWatch) -> int:
    """Run a worker and return its exit code. If it is stuck, kill its process group."""
    if os.getpgrp() != os.getpid():
        os.setpgid(0, 0)
    worker = subprocess.Popen(command)  # noqa: S603 - the command of docker-compose.yml

    def forward_signal(number: int, frame: Any) -> None:
        worker.send_signal(number)

    signal.signal(signal.SIGTERM, forward_signal)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends Ctrl-C to the worker itself
    while True:
        try:
            return worker.wait(CHECK_INTERVAL)
        except subprocess.TimeoutExpired:
            if watch.is_stuck():
                print("The worker lives but takes up no work. It is ended.", flush=True)
                os.killpg(0, signal.SIGKILL)
                worker.wait()  # reached only as process 1 of a container, which SIGKILL spares
                return EXIT_CODE_STUCK


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
