"""Processes that outlived a supervisor killed together with their own parents (Linux only)."""

import os
import signal
import time
from pathlib import Path

SUPERVISOR_MARK = "REGISTER_SUPERVISED"  # a variable of each child: the home of its supervisor


def end_orphans(home: Path, patience: float = 20) -> int:
    """End every process that an earlier supervisor of `home` started; return how many there were.

    Call it with the lock of `home` held: no living supervisor can own one of them.
    """
    orphans = find_orphans(home)
    left = orphans
    deadline = time.monotonic() + patience
    for pid in left:
        send_signal(pid, signal.SIGTERM)
    while left and time.monotonic() < deadline:
        time.sleep(0.1)
        left = find_orphans(home)
    for pid in left:
        send_signal(pid, signal.SIGKILL)
    return len(orphans)


def find_orphans(home: Path) -> list[int]:
    """Return the processes that carry the mark of a supervisor of `home` in their environment."""
    mark = f"{SUPERVISOR_MARK}={home}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
            program = (process / "comm").read_text().strip()
        except OSError:
            continue  # ended, or another person's
        # PostgreSQL wants its own way of ending: registry.local.postgres.end_stale_server
        if mark in environment.split(b"\0") and program != "postgres":
            found.append(int(process.name))
    return found


def send_signal(pid: int, how: signal.Signals) -> None:
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        pass  # it has just ended
