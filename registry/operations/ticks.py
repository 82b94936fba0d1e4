"""Scheduled tasks: `@tick` declares each beside its function, and nothing else names it.

Beat's schedule, the queues, /health and the officers' health page read this registry.
"""

import time
from collections.abc import Callable, Collection
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from celery import Task, shared_task
from django.conf import settings

from registry.operations.broker import LAST_TICKS, broker_client

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

DEFAULT_QUEUE = "housekeeping"

# The name of the scheduled task that runs, or "".
running_tick: ContextVar[str] = ContextVar("running_tick", default="")


@dataclass(frozen=True)
class ScheduledTask:
    """A task that runs at fixed intervals; `says` tells officers what it does."""

    name: str
    every: timedelta
    says: str
    queue: str
    only_in_production: bool


# All scheduled tasks by name: each app's `ready` imports its `tasks.py`.
TICKS: dict[str, ScheduledTask] = {}


def tick(
    *,
    every: timedelta,
    says: str,
    queue: str = DEFAULT_QUEUE,
    only_in_production: bool = False,
    **options: Any,
) -> Callable[[Callable[[], None]], Any]:
    """Make a function of a `tasks.py` a scheduled task; `options` are Celery's."""

    def declare(function: Callable[[], None]) -> Any:
        name = f"{function.__module__}.{function.__name__}"
        TICKS[name] = ScheduledTask(name, every, says, queue, only_in_production)
        return shared_task(name=name, **options)(function)

    return declare


def scheduled_ticks() -> list[ScheduledTask]:
    """Return the tasks that this register runs."""
    return [task for task in TICKS.values() if settings.PRODUCTION or not task.only_in_production]


def ticks_of_queues(queues: Collection[str]) -> list[ScheduledTask]:
    """Return the tasks that a worker of some queues runs."""
    return [task for task in TICKS.values() if task.queue in queues]


class Tick(Task):
    """A task that records each success.

    It does nothing after a jump of the clock, or while the register and its ledger do not fit.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        # These need the models, which Django has not loaded yet when Celery imports this module.
        from registry.log import freezing
        from registry.operations import clock_jumps

        if not clock_jumps.clock_is_right() or freezing.find_obstacle():
            return None
        running_tick.set(self.name)
        try:
            return super().__call__(*args, **kwargs)
        finally:
            running_tick.set("")

    def on_success(self, retval: Any, task_id: str, args: Any, kwargs: Any) -> None:
        with broker_client() as redis:
            redis.hset(LAST_TICKS, self.name, int(time.time()))
