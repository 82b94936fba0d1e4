"""Finds and ends processes left by a killed supervisor (Linux only)."""

import os
import signal
import time
from pathlib import Path

# Environment variable of every child, with the home of its supervisor.
SUPERVISOR_MARK = "REGISTER_SUPERVISED"


def end_orphans(home: Path, patience: float = 20) -> int:
    """End every process started by an earlier supervisor of `home`; return their number.

    They are killed after `patience` seconds. Call it while holding the lock of `home`, so that none
    of them can belong to a living supervisor.
    """
    orphans = find_orphans(home)
    remaining = orphans
    deadline = time.monotonic() + patience
    for pid in remaining:
        send_signal(pid, signal.SIGTERM)
    while remaining and time.monotonic() < deadline:
        time.sleep(0.1)
        remaining = find_orphans(home)
    for pid in remaining:
        send_signal(pid, signal.SIGKILL)
    return len(orphans)


def find_orphans(home: Path) -> list[int]:
    """Return the ids of processes whose environment has the mark of a supervisor of `home`."""
    mark = f"{SUPERVISOR_MARK}={home}".encode()
    pids = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
            program = (process / "comm").read_text().strip()
        except OSError:
            continue  # it has ended, or belongs to another user
        # PostgreSQL needs its own signals: see registry.local.postgres.end_stale_server.
        if mark in environment.split(b"\0") and program != "postgres":
            pids.append(int(process.name))
    return pids


def send_signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass  # it has just ended
