"""Celery: starts the scheduled tasks. They find their work in the database.

So any message may be lost at any moment: the next one does the same work.
"""

import os
from datetime import UTC, datetime, timedelta
from typing import Any

from celery import Celery
from django.conf import settings

from registry.operations.broker import TRANSPORT_OPTIONS
from registry.operations.ticks import Tick

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry.settings")

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

app = Celery("registry", task_cls=Tick, broker=settings.REDIS_URL)
app.autodiscover_tasks(["registry", "charter", "reporting"])

# The next tick repeats a lost task, so messages are acknowledged early (late acknowledgement both
# loses and doubles work when a worker is killed) and no results are stored. No task may run longer
# than the broker's visibility timeout, after which it would deliver the message again.
app.conf.update(
    accept_content=["json"],
    broker_connection_retry_on_startup=True,
    broker_transport_options=TRANSPORT_OPTIONS,
    task_acks_late=False,
    task_default_queue="housekeeping",
    task_ignore_result=True,
    task_routes={
        "charter.tasks.drain_outbox": {"queue": "mail"},
        # Only the worker of this queue opens addresses entered by people.
        "reporting.tasks.check_links": {"queue": "links"},
    },
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


def queue_for_task(task: str) -> str:
    return app.conf.task_routes.get(task, {}).get("queue", app.conf.task_default_queue)


def beat_entry(interval: timedelta, task: str) -> dict[str, Any]:
    """Return a line of the schedule: run when beat starts, then at fixed intervals.

    A message expires after its interval, because the next one then replaces it.
    """
    return {
        "task": task,
        "schedule": interval,
        "last_run_at": LONG_AGO,
        "options": {"expires": interval.total_seconds()},
    }


app.conf.beat_schedule = {
    line["task"]: line
    for line in [
        beat_entry(MINUTE, "reporting.tasks.follow_periods"),
        beat_entry(MINUTE, "reporting.tasks.tick_reminders"),
        beat_entry(HOUR, "reporting.tasks.publish_checks"),
        beat_entry(DAY, "reporting.tasks.publish_figures"),
        beat_entry(MINUTE / 4, "charter.tasks.drain_outbox"),
        beat_entry(MINUTE, "charter.tasks.sweep_leases"),
        beat_entry(5 * MINUTE, "charter.tasks.read_bounces"),
        beat_entry(HOUR, "charter.tasks.delete_old_uploads"),
        beat_entry(DAY, "charter.tasks.delete_expired_sessions"),
        beat_entry(DAY, "charter.tasks.delete_decided_requests"),
        beat_entry(HOUR, "charter.tasks.lapse_accreditations"),
        beat_entry(HOUR, "charter.tasks.email_followers"),
        beat_entry(HOUR, "charter.tasks.delete_unconfirmed_followers"),
        beat_entry(MINUTE, "registry.tasks.write_ledger"),
        beat_entry(DAY, "registry.tasks.verify_register"),
    ]
}
if settings.PRODUCTION:  # a laptop or a demonstration, with its invented addresses, opens no links
    line = beat_entry(HOUR, "reporting.tasks.check_links")
    app.conf.beat_schedule[line["task"]] = line
