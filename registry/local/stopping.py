"""The request to stop `make run`: a flag that signals set and every step of a start checks.

A signal handler that raises an exception can lose it, because Python drops exceptions raised in a
fork hook, a weakref callback or a finaliser. A flag stays until somebody reads it.
"""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from functools import partial
from types import FrameType

from registry.local.processes import end_with_parent

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STEP = 0.1  # seconds between two looks at the flag

_requested = False


class StopRequestedError(Exception):
    """Somebody pressed Ctrl-C, or the system asked the process to end."""


def listen() -> None:
    """Note Ctrl-C, SIGTERM and SIGHUP from now on instead of raising KeyboardInterrupt.

    SIGINT is set explicitly because a shell that starts a process in the background ignores it.
    """
    for number in SIGNALS:
        signal.signal(number, _note_request)


def check() -> None:
    """Raise StopRequestedError once a stop was requested."""
    if _requested:
        raise StopRequestedError


def sleep(seconds: float) -> None:
    """Sleep, or raise StopRequestedError within a tenth of a second of the request."""
    deadline = time.monotonic() + seconds
    check()
    while (left := deadline - time.monotonic()) > 0:
        time.sleep(min(left, STEP))
        check()


def run(command: Sequence[str], environment: dict[str, str]) -> int:
    """Run a command in a session of its own and return its exit code; end it when we are to stop.

    In our session the terminal would send it Ctrl-C as well, and it would print a traceback.
    """
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=partial(end_with_parent, os.getpid(), signal.SIGTERM),
    )
    try:
        while process.poll() is None:
            sleep(STEP)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
    return process.returncode


def _note_request(number: int, frame: FrameType | None) -> None:
    global _requested
    _requested = True
