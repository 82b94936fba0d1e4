"""`make run` for tests: a whole register in its own processes."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import psycopg
import pytest

from registry.local.orphans import find_orphans
from registry.local.sockets import socket_folder

ROOT = Path(__file__).parents[1]


class MakeRun:
    """One `make run` on a home and a port."""

    def __init__(self, home: Path, port: int, **settings: str) -> None:
        self.home = home
        self.port = port
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("DATABASE_URL", "DATABASE_PUBLIC_URL", "REDIS_URL", "EMAIL_URL")
        }
        self.environment |= {"REGISTER_HOME": str(home), "PORT": str(port), "DEMO": "0"}
        self.environment |= {"PYTHONFAULTHANDLER": "1"} | settings
        # A file, not a pipe: a process that outlives the run would keep a pipe's reader waiting.
        home.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix="make-run-", dir=home.parent)
        self.log = Path(name)
        with os.fdopen(descriptor, "wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "registry.local", "run"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_for(self, words: str, seconds: float = 120) -> None:
        """Wait until the output holds `words`; fail when the process ends or time runs out."""
        deadline = time.monotonic() + seconds
        while words not in self.output:
            has_ended = self.process.poll() is not None and words not in self.output
            assert not has_ended, f"it ended without printing {words!r}:\n{self.output}"
            assert time.monotonic() < deadline, f"no {words!r} for {seconds} s:\n{self.output}"
            time.sleep(0.05)

    def health(self) -> dict:
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}/health", timeout=30
            ) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            return json.load(error)

    def head(self) -> tuple:
        sockets = socket_folder(self.home, "postgres")
        address = f"postgresql://register@/register?host={sockets}"
        with psycopg.connect(address) as connection:
            return connection.execute(
                "SELECT number, hash FROM registry_entry ORDER BY number DESC LIMIT 1"
            ).fetchone()

    def children(self) -> list[int]:
        return find_orphans(self.home)

    def stop(self, seconds: float = 60) -> str:
        """Press Ctrl-C and return the output. Fail with its stacks if it does not stop."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)  # faulthandler prints where it is
            self.process.wait(seconds)
            pytest.fail(f"It did not stop within {seconds} s of Ctrl-C:\n{self.output}")
        return self.output

    def manage(self, *command: str) -> str:
        """Run a management command beside the running register and return its output."""
        program = [sys.executable, "manage.py", *command]
        result = subprocess.run(
            program, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=300
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout
