"""Child processes that end with their parent, each in its own session."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

PR_SET_PDEATHSIG = 1


class Child:
    """A child process with its output in a log file; stopping it ends its whole session."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        end_with: signal.Signals = signal.SIGTERM,
        user: int | None = None,
    ) -> None:
        self.command = list(command)
        self.log = log
        self.end_with = end_with
        self.user = user
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                user=self.user,
                group=self.user,
                extra_groups=None if self.user is None else [],
                start_new_session=True,
                preexec_fn=partial(end_with_parent, os.getpid(), self.end_with),
            )

    def stop(self, patience: float = 30) -> None:
        """Ask the process to end, wait up to `patience` seconds, then kill its whole session."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(self.end_with)
            try:
                self.process.wait(patience)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass  # the session is empty; macOS then refuses permission
        self.process = None

    def log_tail(self, lines: int = 15) -> str:
        """Return the last lines of the log, for an error message."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def end_with_parent(parent: int, end_with: signal.Signals) -> None:
    """Make the kernel send `end_with` to this process when its parent dies (Linux only)."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, end_with)
    if os.getppid() != parent:  # it died before prctl took effect
        os._exit(1)
