"""Detects jumps of the clock. Scheduled tasks then do nothing until a person has checked it.

By the clock alone, a jump forward looks like an outage. The machine's uptime distinguishes them: it
advances during an outage, but not with a jump. A restart sets it to zero, so after one only a jump
back is detected.
"""

import logging
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kombu.exceptions import OperationalError
from redis import RedisError

from registry.models import ClockJump
from registry.operations.broker import LAST_BEAT, broker_client

log = logging.getLogger(__name__)

# A smaller difference is a correction, not a jump.
TOLERATED_SECONDS = 3600.0
BOOT_ID_FILE = Path("/proc/sys/kernel/random/boot_id")


def clock_is_right() -> bool:
    """Record the clock's reading; return True if scheduled tasks may rely on it.

    Safe in parallel: a constraint allows one open jump. If killed before the jump is recorded, or
    while the broker is unavailable: the next call detects it.
    """
    with suppress(OperationalError, RedisError), broker_client() as redis:
        if last := redis.get(LAST_BEAT):
            _record_jump_since(last.decode())
        redis.set(LAST_BEAT, f"{_machine_time()} {_uptime_seconds()} {_boot_id()}")
    return ClockJump.get_current() is None


def _record_jump_since(last: str) -> None:
    """Record a ClockJump if the clock differs from its last reading plus the uptime since."""
    clock, uptime, boot_id = last.split(" ")
    elapsed = _uptime_seconds() - float(uptime)
    if restarted := boot_id != _boot_id() or elapsed < 0:
        elapsed = 0.0
    difference = _machine_time() - float(clock) - elapsed
    if difference < -TOLERATED_SECONDS or (difference > TOLERATED_SECONDS and not restarted):
        jump, created = ClockJump.objects.get_or_create(
            trusted_at=None,
            defaults={
                "noticed_at": datetime.fromtimestamp(float(clock) + elapsed, UTC),
                "jump": timedelta(seconds=difference),
            },
        )
        if created:
            log.error("%s", jump)


def _machine_time() -> float:
    """Return the machine's Unix time: the register's own clock may be shifted."""
    return time.time()


def _uptime_seconds() -> float:
    """Return the seconds since the machine started, including those spent asleep."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def _boot_id() -> str:
    """Return the identifier of the machine's latest start, or "-" on systems without one."""
    return BOOT_ID_FILE.read_text().strip() if BOOT_ID_FILE.exists() else "-"
