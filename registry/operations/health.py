"""The /health endpoint, and the checks behind it.

Other packages add checks with `register_check`.
"""

import time
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Max, QuerySet
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError
from redis import RedisError

from registry import clock
from registry.log import freezing, ledger, publishing, verifying
from registry.log.canonical import published_time
from registry.models import Backup, ClockJump, Entry, Verification
from registry.operations.broker import LAST_TICKS, VERIFICATION, broker_client
from registry.operations.ticks import DAY, MINUTE, ScheduledTask, scheduled_ticks
from registry.wording.formatting import time_ago

# A worker may be busy, or may just be restarting.
PATIENCE = timedelta(minutes=5)

# A backup begins every hour, one with files every day, and takes some time.
BACKUPS_WITHIN = timedelta(hours=2)
FILES_WITHIN = timedelta(hours=26)

HealthCheck = Callable[[], list[str]]
_checks: list[HealthCheck] = []


def register_check(check: HealthCheck) -> None:
    """Let /health and the council's page ask one more function for its problems, in sentences."""
    _checks.append(check)


@require_safe
@never_cache
def health_check(request: HttpRequest) -> JsonResponse:
    """Return 200 if database, broker, beat, worker and log are right, or 503 with the problems."""
    problems: list[str] = []
    head, last_tick, verified = None, None, None
    try:
        head = Entry.objects.aggregate(head=Max("number", default=0))["head"]
        if _is_read_only():
            problems.append("The database takes no changes.")
        problems += clock_jump_problems() + standing_problems()
        verified = Verification.get_latest()
    except DatabaseError:
        problems.append("The database does not answer.")
    try:
        ages = tick_ages()
    except (OperationalError, RedisError):
        problems.append("The broker (Redis or Valkey) does not answer.")
    else:
        last_tick = min(ages.values(), default=None)
        problems += [
            f"{task.name} has not run yet."
            if age is None
            else f"{task.name} last went well {age} seconds ago."
            for task, age in late_ticks(ages).items()
        ]
    return JsonResponse(
        {
            "status": "failing" if problems else "ok",
            "head": head,
            "last_tick": last_tick,
            "verified": published_time(verified.at) if verified else None,
            "problems": problems,
        },
        status=503 if problems else 200,
    )


def _is_read_only() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_read_only")
        return cursor.fetchone()[0] == "on"


def clock_jump_problems() -> list[str]:
    """Return a sentence if the clock jumped and nobody has checked it since."""
    jump = ClockJump.get_current()
    return [f"{jump} What it drives waits until the council trusts it again."] if jump else []


def standing_problems() -> list[str]:
    """Return the problems of the log and its ledger, and those of the registered checks."""
    registered = [problem for check in _checks for problem in check()]
    return ledger_problems() + verification_problems() + backup_problems() + registered


def ledger_problems() -> list[str]:
    """Return why the register has stopped, if so, and the lines that cannot be read."""
    obstacle = freezing.find_obstacle()
    unreadable_lines = [f"{sentence}." for sentence in ledger.unreadable_lines()]
    return [str(obstacle), *unreadable_lines] if obstacle else unreadable_lines


def verification_problems() -> list[str]:
    """Return a sentence for each fault of the log, or if it was not verified for a day."""
    latest = Verification.get_latest()
    if latest is None:
        return ["The log was never verified."] if publishing.head().number else []
    faults = [f"The log is faulty. {fault}." for fault in verifying.open_faults()]
    age = clock.now() - latest.at
    if age > DAY + PATIENCE:
        faults.append(f"The log was last verified {time_ago(int(age.total_seconds()))}.")
    return faults


def backup_problems() -> list[str]:
    """Return a sentence if backups are missing. A laptop keeps none."""
    if not settings.PRODUCTION:
        return []
    return [
        *_late_backup(Backup.objects.all(), "backup", BACKUPS_WITHIN),
        *_late_backup(Backup.objects.filter(has_files=True), "backup of files", FILES_WITHIN),
    ]


def _late_backup(backups: QuerySet[Backup], name: str, within: timedelta) -> list[str]:
    latest = backups.aggregate(latest=Max("at"))["latest"]
    if latest is None:
        return [f"There is no {name} yet."]
    age = clock.now() - latest
    since = time_ago(int(age.total_seconds()))
    return [f"The last {name} was made {since}."] if age > within else []


def tick_ages() -> dict[str, int]:
    """Return the seconds since the last success of each task, by name."""
    with broker_client() as redis:
        ticks = redis.hgetall(LAST_TICKS)
    # Ticks are recorded in the machine's time: the register's own clock may be shifted.
    return {task.decode(): int(time.time()) - int(tick) for task, tick in ticks.items()}


def verification_progress() -> str:
    """Return in words how far a verification that runs now is, or ""."""
    with broker_client() as redis:
        return (redis.get(VERIFICATION) or b"").decode()


def late_ticks(ages: dict[str, int]) -> dict[ScheduledTask, int | None]:
    """Return overdue tasks with the seconds since their last success, None for never."""
    late: dict[ScheduledTask, int | None] = {}
    for task in scheduled_ticks():
        age = ages.get(task.name)
        if age is None:
            # The broker may have lost the tick of a rarer task, which need not be late.
            if task.every <= MINUTE:
                late[task] = None
        elif timedelta(seconds=age) > task.every + PATIENCE:
            late[task] = age
    return late
