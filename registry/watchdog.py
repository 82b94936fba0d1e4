"""Runs the worker, and ends it when it lives but no longer takes up work; whoever keeps it alive
(compose, the supervisor) then starts it again.

Used as `python -m registry.watchdog celery --app registry worker …`. The tasks of every minute note
when they last went well. When the newest of these notes has been old for a while, although the
broker answers, the worker is stuck. Work in flight is safe: each task may be killed at any line.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import django
from kombu.exceptions import OperationalError
from redis import RedisError

CHECKED_EVERY = 20.0
OLD = 120
# A worker that is just starting, or whose broker was away, needs some time to take up work again.
OLD_IN_A_ROW = 6
STUCK = 1


class Watch:
    """Counts how often in a row the newest note was old."""

    def __init__(self, newest_age: Callable[[], int | None]) -> None:
        self.newest_age = newest_age
        self.old = 0

    def is_stuck(self) -> bool:
        """Look once. A broker that does not answer says nothing about the worker."""
        try:
            age = self.newest_age()
        except (OperationalError, RedisError):
            self.old = 0
            return False
        self.old = self.old + 1 if age is None or age > OLD else 0
        return self.old >= OLD_IN_A_ROW


def newest_age() -> int | None:
    """Return how many seconds ago the newest task went well; None if none ever did."""
    from registry.celery import LAST_TICKS, broker  # needs the settings, which main() reads

    with broker() as redis:
        ticks = redis.hvals(LAST_TICKS)
    return min((int(time.time()) - int(tick) for tick in ticks), default=None)


def run(command: list[str], watch: Watch) -> int:
    """Run a worker to its end and return its exit code; end it with everything of its group when it
    is stuck.
    """
    if os.getpgrp() != os.getpid():
        os.setpgid(0, 0)
    worker = subprocess.Popen(command)  # noqa: S603 - the command of docker-compose.yml

    def pass_on(number: int, frame: Any) -> None:
        worker.send_signal(number)

    signal.signal(signal.SIGTERM, pass_on)
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
    sys.exit(run(sys.argv[1:], Watch(newest_age)))


if __name__ == "__main__":
    main()
