"""Celery: starts the scheduled tasks. They find their work in the database.

So any message may be lost at any moment: the next one does the same work.
"""

import os
from datetime import UTC, datetime
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init
from django.conf import settings

from registry.operations import database_roles
from registry.operations.broker import TRANSPORT_OPTIONS
from registry.operations.ticks import DEFAULT_QUEUE, TICKS, ScheduledTask, Tick, scheduled_ticks

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry.settings")

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def route_tick(name: str, *args: Any, **options: Any) -> dict[str, str] | None:
    """Return the queue that a tick names, in the form of Celery's routers."""
    return {"queue": TICKS[name].queue} if name in TICKS else None


app = Celery("registry", task_cls=Tick, broker=settings.REDIS_URL)

# The next tick repeats a lost task, so messages are acknowledged early (late acknowledgement both
# loses and doubles work when a worker is killed) and no results are stored. No task may run longer
# than the broker's visibility timeout, after which it would deliver the message again.
app.conf.update(
    accept_content=["json"],
    broker_connection_retry_on_startup=True,
    broker_transport_options=TRANSPORT_OPTIONS,
    task_acks_late=False,
    task_default_queue=DEFAULT_QUEUE,
    task_ignore_result=True,
    task_routes=[route_tick],
    task_soft_time_limit=240,
    task_time_limit=300,
    timezone="UTC",
    # Remote control is not used, and its channel ends the worker when the broker dies.
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
    worker_max_memory_per_child=300_000,  # kilobytes
    worker_max_tasks_per_child=1000,
    worker_prefetch_multiplier=1,
    worker_soft_shutdown_timeout=30,
)


@worker_init.connect
@beat_init.connect
def refuse_powerful_role(**kwargs: Any) -> None:
    """Do not start as a role that can change the log."""
    database_roles.refuse_powerful_role()


@app.on_after_finalize.connect
def schedule_ticks(sender: Celery, **kwargs: Any) -> None:
    """Write beat's schedule, once Django has imported every `tasks.py`."""
    sender.conf.beat_schedule = {task.name: beat_entry(task) for task in scheduled_ticks()}


def beat_entry(task: ScheduledTask) -> dict[str, Any]:
    """Return a line of the schedule: run when beat starts, then at fixed intervals.

    A message expires after its interval, because the next one then replaces it.
    """
    return {
        "task": task.name,
        "schedule": task.every,
        "last_run_at": LONG_AGO,
        "options": {"expires": task.every.total_seconds()},
    }
