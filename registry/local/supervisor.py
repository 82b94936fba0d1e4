"""The supervisor of `make run`: starts a whole register, keeps it alive and stops it."""

import fcntl
import json
import os
import shlex
import shutil
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import yaml
from django.conf import settings

from registry.local import accounts, stopping
from registry.local.orphans import SUPERVISOR_MARK, end_orphans
from registry.local.postgres import Postgres, PostgresError, end_stale_server
from registry.local.processes import Child
from registry.local.valkey import Valkey, ValkeyError
from registry.operations import database_roles

LOOPBACK = "127.0.0.1"
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds
PORT_RELEASE_SECONDS = 2.0  # seconds


class CannotRunError(Exception):
    """The register cannot run; the message says what to do."""


class Service(Protocol):
    """A supervised service: an embedded server or a plain child process."""

    @property
    def alive(self) -> bool: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...


class SupervisedService:
    """A service that is restarted after it died, with a pause that grows each time."""

    def __init__(self, name: str, service: Service) -> None:
        self.name = name
        self.service = service
        self.pause = FIRST_PAUSE
        self.started_at = time.monotonic()
        self.start_at: float | None = None

    def keep_running(self) -> None:
        """Check the service once: note its death, or restart it when the pause is over."""
        now = time.monotonic()
        if self.service.alive:
            if now - self.started_at > 2 * LONGEST_PAUSE:
                self.pause = FIRST_PAUSE
        elif self.start_at is None:
            print_line(f"{self.name} has stopped. It starts again in {self.pause:.0f} s.")
            self.start_at = now + self.pause
            self.pause = min(self.pause * 2, LONGEST_PAUSE)
        elif now >= self.start_at:
            self.start_at = None
            self.service.stop()  # the rest of its session, such as workers of a dead web server
            try:
                self.service.start()
            except (PostgresError, ValkeyError) as error:
                print_line(str(error))
            self.started_at = time.monotonic()


class Supervisor:
    """One register below one REGISTER_HOME."""

    def __init__(self) -> None:
        self.home: Path = settings.REGISTER_HOME
        self.logs = self.home / "logs"
        self.services: list[SupervisedService] = []

    def run(self) -> None:
        """Run until Ctrl-C or SIGTERM. Raise CannotRunError if the register cannot start."""
        if settings.PRODUCTION:
            raise CannotRunError("make run is for a laptop. In production use docker-compose.yml.")
        with suppress(stopping.StopRequestedError), self._exclusive_lock():
            try:
                self._start_all()
                self._watch_services()
            finally:
                self._stop_all()

    @contextmanager
    def _exclusive_lock(self) -> Iterator[None]:
        """Lock the home for a block, and end processes left there by a killed supervisor.

        Raise CannotRunError if another supervisor is running.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CannotRunError(
                    f"A register is already running on {self.home}. "
                    "Stop it first, or set REGISTER_HOME to another folder."
                ) from None
            if end_orphans(self.home):
                print_line("Ended what an earlier run had left behind.")
            yield

    def _start_all(self) -> None:
        check_port(settings.PORT, "PORT")
        shutil.rmtree(self.logs, ignore_errors=True)
        self._prepare_environment()
        self._start_services()
        print_line("Preparing the database …")
        # Only the owner may change tables.
        owner_url = os.environ["DATABASE_OWNER_URL"]
        self._run_management_command(
            "migrate", "--no-input", "--verbosity", "0", DATABASE_URL=owner_url
        )
        if settings.DEMO:
            # It can be seeded again, so it need not wait for the disk. This takes half the time.
            self._run_management_command(
                "seed_demonstration", PGOPTIONS="-c synchronous_commit=off"
            )
        print_line("Starting web server, worker and beat …")
        commands = compose_commands()
        web, worker, beat = commands["web"], commands["worker"], commands["beat"]
        self._supervise_process(
            "The web server", web, "web", "--host", LOOPBACK, "--port", str(settings.PORT)
        )
        self._supervise_process("The worker", worker, "worker")
        self._supervise_process(
            "Beat", beat, "beat", "--schedule", str(self.home / "beat-schedule")
        )

    def _prepare_environment(self) -> None:
        """Set the environment of every child, with the mark by which a later run finds orphans."""
        programs = str(Path(sys.executable).parent)
        os.environ["PATH"] = os.pathsep.join([programs, os.environ.get("PATH", os.defpath)])
        os.environ["REGISTER_HOME"] = os.environ[SUPERVISOR_MARK] = str(self.home)

    def _start_services(self) -> None:
        embedded = "DATABASE_URL" not in os.environ
        if not embedded and not os.environ.keys() >= {"DATABASE_PUBLIC_URL", "DATABASE_OWNER_URL"}:
            raise CannotRunError(
                "DATABASE_URL names a server of your own. Set DATABASE_PUBLIC_URL and "
                "DATABASE_OWNER_URL too: docs/operating.md."
            )
        postgres = Postgres(self.home) if embedded else None
        self._discard_unfinished_demonstration(postgres)
        if postgres:
            print_line("Starting PostgreSQL …")
            os.environ["DATABASE_URL"] = postgres.address(database_roles.APPLICATION)
            os.environ["DATABASE_PUBLIC_URL"] = postgres.address(database_roles.PUBLIC)
            os.environ["DATABASE_OWNER_URL"] = postgres.address(database_roles.OWNER)
            self._supervise_service("PostgreSQL", postgres)
        if "REDIS_URL" not in os.environ:
            print_line("Starting Valkey …")
            valkey = Valkey(self.home)
            os.environ["REDIS_URL"] = valkey.url
            self._supervise_service("Valkey", valkey)
        if "EMAIL_URL" not in os.environ:
            port = urlsplit(settings.EMAIL_URL).port or 25
            check_port(port, "PORT (email uses PORT + 25)")
            folder = str(self.home / "mail")
            command = [sys.executable, "-m", "registry.local.mail_sink", folder, str(port)]
            self._supervise_process("The mail sink", command, "mail")

    def _discard_unfinished_demonstration(self, postgres: Postgres | None) -> None:
        """Delete the data of a start that was killed while it seeded the demonstration.

        Nobody has used such a register. Raise CannotRunError if the database is not ours.
        """
        unfinished = self.home / "demonstration-unfinished"
        if not unfinished.exists():
            return
        if postgres is None:
            raise CannotRunError(
                "The demonstration in this database is half made: an earlier start was cut off. "
                f"Empty the database and remove {unfinished}."
            )
        print_line("An earlier start was cut off in the demonstration, which begins again.")
        end_stale_server(postgres.data)
        for folder in (postgres.data, self.home / "ledger", self.home / "mail"):
            shutil.rmtree(folder, ignore_errors=True)
        unfinished.unlink()

    def _supervise_service(self, name: str, service: Service) -> None:
        stopping.check()
        self.services.append(SupervisedService(name, service))
        service.start()

    def _supervise_process(self, name: str, command: list[str], log: str, *more: str) -> None:
        path = self.logs / f"{log}.log"
        self._supervise_service(name, Child([*command, *more], log=path))

    def _run_management_command(self, *arguments: str, **environment: str) -> None:
        """Run a management command with its output on the terminal."""
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]
        if stopping.run(command, os.environ | environment) != 0:
            raise CannotRunError(f"manage.py {arguments[0]} failed; its words stand above.")

    def _watch_services(self) -> None:
        """Keep every service alive; announce the register once it is healthy."""
        address = f"http://localhost:{settings.PORT}"
        announced = False
        next_report_at = time.monotonic() + 60
        while True:
            for supervised in self.services:
                supervised.keep_running()
            if not announced:
                problem = health_problem(settings.PORT)
                if problem is None:
                    print_line(f"The register is at {address}")
                    print_sign_in_help()
                    announced = True
                elif time.monotonic() > next_report_at:
                    print_line(f"Still waiting: {problem} The logs are in {self.logs}.")
                    next_report_at = time.monotonic() + 60
            stopping.sleep(0.3)

    def _stop_all(self) -> None:
        """Stop all services in reverse order, the database last."""
        if not self.services:
            return
        print_line("Stopping …")
        for supervised in reversed(self.services):
            supervised.service.stop()
        print_line("The register has stopped.")


def print_line(sentence: str) -> None:
    print(sentence, flush=True)


def print_sign_in_help() -> None:
    """Print the accounts of the demonstration, or how to create the first administrator."""
    if not settings.DEMO:
        variables = "" if settings.PORT == 8000 else f"PORT={settings.PORT} "
        if settings.REGISTER_HOME != settings.BASE_DIR / "var":
            variables += f"REGISTER_HOME={settings.REGISTER_HOME} "
        print_line("To let the first administrator in, run beside this:")
        print_line(f"  {variables}.venv/bin/python manage.py create_administrator EMAIL")
        return
    print_line(f"Sign in with the password {accounts.PASSWORD} as")
    for email, role in accounts.ACCOUNTS.items():
        print_line(f"  {email:<22} who {role}")


def compose_commands() -> dict[str, list[str]]:
    """Return the commands in docker-compose.yml: `make run` uses those of production."""
    compose = yaml.safe_load((settings.BASE_DIR / "docker-compose.yml").read_text())
    return {
        name: shlex.split(service["command"])
        if isinstance(service["command"], str)
        else service["command"]
        for name, service in compose["services"].items()
        if "command" in service
    }


def check_port(port: int, name: str) -> None:
    """Raise CannotRunError if another program listens on `port`.

    Wait a moment first, because a process that was just killed may not have released it yet.
    """
    deadline = time.monotonic() + PORT_RELEASE_SECONDS
    while is_taken(port):
        if time.monotonic() > deadline:
            raise CannotRunError(
                f"Port {port} is taken by another program. Set {name} to another number."
            )
        stopping.sleep(0.1)


def is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
    return False


def health_problem(port: int) -> str | None:
    """Return the problems reported by /health, or None if everything works."""
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/health", timeout=10):
            return None
    except urllib.error.HTTPError as error:
        try:
            return " ".join(json.load(error)["problems"])
        except (ValueError, KeyError):
            return f"The web server answers {error.code}."
    except OSError:
        return "The web server does not answer."
