"""The request to stop `make run`: a flag set by signals and checked by every step of a start.

An exception raised by a signal handler can get lost, because Python drops exceptions in fork hooks,
weakref callbacks and finalisers. A flag stays until it is read.
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
STEP = 0.1  # seconds between two checks of the flag

_requested = False


class StopRequestedError(Exception):
    """The process was asked to end, by Ctrl-C or another signal."""


def listen() -> None:
    """Set the flag on Ctrl-C, SIGTERM and SIGHUP instead of raising KeyboardInterrupt.

    SIGINT is set explicitly because a shell that starts a process in the background ignores it.
    """
    for number in SIGNALS:
        signal.signal(number, _note_request)


def check() -> None:
    """Raise StopRequestedError if a stop was requested."""
    if _requested:
        raise StopRequestedError


def sleep(seconds: float) -> None:
    """Sleep, or raise StopRequestedError within a tenth of a second of the request."""
    deadline = time.monotonic() + seconds
    check()
    while (remaining := deadline - time.monotonic()) > 0:
        time.sleep(min(remaining, STEP))
        check()


def run(command: Sequence[str], environment: dict[str, str]) -> int:
    """Run a command in its own session and return its exit code; kill it if a stop is requested.

    In our session, the terminal would send Ctrl-C to it as well, and it would print a traceback.
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
