"""Notices a clock that jumped: what it drives then waits until a person has looked.

By the clock alone a jump forward cannot be told from an outage. The machine's own counter tells
them apart: it counts on while nothing works, and takes no part in a jump. After the machine began
anew it counts from nothing: then only a clock that went back is noticed.
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

# A clock that is put right by less has not jumped.
TOLERATED_SECONDS = 3600.0
BOOT_ID_FILE = Path("/proc/sys/kernel/random/boot_id")


def clock_is_right() -> bool:
    """Note where the clock stands, and say whether it may drive anything.

    In parallel: one open jump is on record, whoever notices it. Killed between noticing and noting,
    or without a broker that remembers: the next one notices.
    """
    with suppress(OperationalError, RedisError), broker_client() as redis:
        if last := redis.get(LAST_BEAT):
            _check_for_jump(last.decode())
        redis.set(LAST_BEAT, f"{_machine_time()} {_uptime_seconds()} {_boot_id()}")
    return ClockJump.get_current() is None


def _check_for_jump(last: str) -> None:
    """Put on record that the clock does not stand where it should."""
    clock, counter, boot_id = last.split(" ")
    passed = _uptime_seconds() - float(counter)
    if restarted := boot_id != _boot_id() or passed < 0:
        passed = 0.0
    jumped = _machine_time() - float(clock) - passed
    if jumped < -TOLERATED_SECONDS or (jumped > TOLERATED_SECONDS and not restarted):
        jump, new = ClockJump.objects.get_or_create(
            trusted_at=None,
            defaults={
                "noticed_at": datetime.fromtimestamp(float(clock) + passed, UTC),
                "jump": timedelta(seconds=jumped),
            },
        )
        if new:
            log.error("%s", jump)


def _machine_time() -> float:
    """Return the machine's time: the register's own may be shifted."""
    return time.time()


def _uptime_seconds() -> float:
    """Return the seconds since the machine began, also those that it slept through."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def _boot_id() -> str:
    """Return what names this start of the machine, where the system has a name for it."""
    return BOOT_ID_FILE.read_text().strip() if BOOT_ID_FILE.exists() else "-"
