"""The servers that are measured, and the CPU that they and PostgreSQL have used."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from registry.local.processes import Child

ROOT = Path(__file__).parents[2]
PATIENCE = 60  # seconds until a server answers
# As docker-compose.yml starts the web server.
GRANIAN = [
    *(sys.executable, "-m", "granian", "--host", "127.0.0.1", "--workers", "2"),
    *("--log-level", "warning", "--no-access-log"),
]


@dataclass(frozen=True)
class Used:
    """CPU seconds: of the server's processes, and of PostgreSQL's."""

    server: float
    database: float

    def __sub__(self, other: "Used") -> "Used":
        return Used(self.server - other.server, self.database - other.database)

    @property
    def total(self) -> float:
        return self.server + self.database


class Server:
    """One server under measurement, on a port of its own."""

    def __init__(self, name: str, command: list[str], port: int, folder: Path) -> None:
        self.name = name
        self.port = port
        self.child = Child(command, log=folder / f"{name}.log")

    def start(self) -> None:
        self.child.start()
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.child.alive:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"{self.name} does not start:\n{self.child.log_tail()}")

    @property
    def processes(self) -> list[psutil.Process]:
        return tree_of(self.child.process.pid) if self.child.process else []

    @property
    def memory(self) -> float:
        """Return the memory of all its processes in MB; what they share counts once."""
        return sum(process.memory_full_info().pss for process in self.processes) / 2**20


def tree_of(pid: int) -> list[psutil.Process]:
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def cpu_seconds(pid: int) -> float:
    """Return the CPU that a process and its children have used, those that ended too."""
    total = 0.0
    for process in tree_of(pid):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue  # It counts among its parent's children from now on.
        total += times.user + times.system + times.children_user + times.children_system
    return total


def wsgi_command(application: str, port: int) -> list[str]:
    """Return the command that serves a WSGI application."""
    threads = ["--blocking-threads", "4"]
    return [*GRANIAN, "--interface", "wsgi", "--port", str(port), *threads, application]


def asgi_factory_command(factory: str, port: int) -> list[str]:
    """Return the command that serves what a function returns, an ASGI application."""
    return [*GRANIAN, "--interface", "asgi", "--port", str(port), "--factory", factory]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(servers: list[Server]) -> Iterator[None]:
    """Run servers for a block."""
    started = []
    try:
        for server in servers:
            started.append(server)
            server.start()
        yield
    finally:
        for server in reversed(started):
            server.child.stop()


def run_django(settings: str, *arguments: str) -> None:
    """Run a management command with some settings."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": settings}
    command = [sys.executable, "-m", "django", *arguments]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
