"""A fault run: emails go out through a real Celery worker while its services are killed.

The run has its own worker, Valkey, PostgreSQL and mail server. It sends the scheduled tasks, as
beat would, restarts a dead worker, as the supervisor would, and expires leases after two seconds
instead of fifteen minutes.
"""

import asyncio
import math
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import kombu.exceptions
import psycopg
import redis
from celery import Celery

from registry.local.postgres import Postgres
from registry.local.processes import Child
from registry.local.supervisor import compose_commands
from registry.local.valkey import Valkey
from registry.operations import database_roles
from registry.operations.broker import LAST_TICKS
from tests.conftest import Sink, free_port

SECONDS_PER_EMAIL = 0.03
ROOT = Path(__file__).parents[1]

QUEUE_EMAILS = """
import sys
import django; django.setup()
from django.db import transaction
from charter.mail import outbox
from charter.models import BrakeRelease, User
from registry import clock
with transaction.atomic():
    officer = User.objects.create(email="officer@example.org")
    BrakeRelease.objects.create(day=clock.today(), released_at=clock.now(), released_by=officer)
    for number in range(int(sys.argv[1])):
        outbox.queue(
            kind="returned",
            key=f"returned:{number}",
            recipient=f"person-{number}@example.org",
            subject="Please look at it again",
            text="The council has sent words back.",
        )
"""
END_BACK_OFF = "UPDATE charter_message SET not_before = now() WHERE state = 'deferred'"
EXPIRE_LEASES = """
    UPDATE charter_message SET lease_until = now()
    WHERE state = 'sending' AND lease_until < now() + interval '15 minutes' - interval '2 seconds'
"""


class SlowSink(Sink):
    """A sink that delays each email, so that kills hit the moment of sending."""

    seconds_per_email = SECONDS_PER_EMAIL

    async def handle_DATA(self, server, session, envelope):
        await asyncio.sleep(self.seconds_per_email)
        return await super().handle_DATA(server, session, envelope)


class UnreliableSink(SlowSink):
    """A sink that defers email, or drops the connection before or after accepting it."""

    fault = ""

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.fault == "breaks before":
            server.transport.abort()
        if self.fault == "puts off":
            return "451 4.3.0 Not now"
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        reply = await super().handle_DATA(server, session, envelope)
        if self.fault == "breaks after":
            server.transport.abort()
        return reply


class Register:
    """The processes that send a register's email, each of which can be killed."""

    def __init__(self, home: Path, email_port: int) -> None:
        self.postgres = Postgres(home)
        self.valkey = Valkey(home)
        # Not the current app: tasks in later tests must go to the register's own.
        self.beat = Celery(broker=self.valkey.url, set_as_current=False)
        self.beat.conf.broker_transport_options = {"socket_timeout": 1}
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "registry.settings",
            "DATABASE_URL": self.postgres.address(database_roles.APPLICATION),
            "DATABASE_PUBLIC_URL": self.postgres.address(database_roles.PUBLIC),
            "REDIS_URL": self.valkey.url,
            "EMAIL_URL": f"smtp://127.0.0.1:{email_port}",
            "REGISTER_HOME": str(home),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        settings = [f"{name}={value}" for name, value in self.environment.items()]
        self.worker = Child(
            ["env", *settings, *compose_commands()["worker"]], log=home / "logs" / "worker.log"
        )
        self.port = free_port()
        address = ["--host", "127.0.0.1", "--port", str(self.port)]
        self.web = Child(
            ["env", *settings, *compose_commands()["web"], *address], log=home / "logs" / "web.log"
        )

    def run(self, *command: str, **settings: str) -> str:
        """Run Python in the register's environment and return its output."""
        return subprocess.run(
            [sys.executable, *command],
            env=self.environment | settings,
            cwd=ROOT,
            check=True,
            text=True,
            stdout=subprocess.PIPE,
        ).stdout

    def tick(self) -> None:
        """Send the tasks, restart a dead worker and expire waiting times, once."""
        if not self.worker.alive:
            self.worker.stop()
            self.worker.start()
        self.send_scheduled_tasks()
        try:
            with psycopg.connect(self.postgres.url, autocommit=True) as connection:
                connection.execute(EXPIRE_LEASES)
                connection.execute(END_BACK_OFF)
        except psycopg.OperationalError:
            pass  # the database is down

    def send_scheduled_tasks(self) -> None:
        """Send the scheduled tasks once, as beat would."""
        for task, queue in [
            ("charter.tasks.drain_outbox", "mail"),
            ("charter.tasks.sweep_leases", "housekeeping"),
        ]:
            try:
                self.beat.send_task(task, queue=queue, retry=False)
            except (redis.RedisError, kombu.exceptions.OperationalError):
                pass  # the broker is down: only this signal is lost, as emails wait in the database

    def has_succeeded(self, task: str) -> bool:
        """Return True if a task has ever succeeded."""
        return bool(redis.Redis(unix_socket_path=str(self.valkey.socket)).hexists(LAST_TICKS, task))

    def ask(self, query: str) -> list[tuple]:
        with psycopg.connect(self.postgres.url) as connection:
            return connection.execute(query).fetchall()

    def unsettled_count(self) -> int:
        return self.ask(
            "SELECT count(*) FROM charter_message WHERE state IN ('queued', 'deferred', 'sending')"
        )[0][0]

    def restart_worker(self) -> float:
        """Stop the worker as a deployment does and start a new one; return the seconds to stop."""
        start = time.monotonic()
        self.worker.process.send_signal(signal.SIGTERM)
        self.worker.process.wait(60)
        seconds = time.monotonic() - start
        self.worker.start()
        return seconds

    def get(self, path: str, timeout: float = 30) -> tuple[int, float]:
        """Return a page's status and response time in seconds."""
        start = time.monotonic()
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=timeout) as response:
                status = response.status
        except HTTPError as error:
            status = error.code
        return status, time.monotonic() - start

    def serve(self) -> None:
        """Start the web server and wait until it answers."""
        self.web.start()
        for _ in range(600):
            with suppress(OSError):
                self.get("/")
                return
            time.sleep(0.1)
        raise AssertionError(self.web.log_tail())

    def stop(self) -> None:
        self.web.stop(patience=5)
        self.worker.stop(patience=5)
        self.valkey.stop()
        self.postgres.stop()

    def kill_in_turn(self, sink: Sink, rounds: int, chance: random.Random) -> int:
        """Kill worker, database and broker in turn while sending; return the number of kills."""
        kills = 0
        for _ in range(rounds):
            for process, service in [
                (self.worker, self.worker),
                (self.postgres.server, self.postgres),
                (self.valkey.server, self.valkey),
            ]:
                self.send(sink, more=chance.randint(5, 15))
                if not self.unsettled_count():
                    return kills
                time.sleep(chance.uniform(0, 2 * SECONDS_PER_EMAIL))
                kill(process)
                kills += 1
                service.start()
        return kills

    def inject_faults(
        self, sink: UnreliableSink, seconds: float, chance: random.Random
    ) -> Counter[str]:
        """Cause a random fault every few seconds; return the count of each."""
        counts: Counter[str] = Counter()
        interventions = {
            "worker killed": lambda: kill(self.worker),
            "worker stopped": self.worker.stop,
            "database killed": lambda: (kill(self.postgres.server), self.postgres.start()),
            "broker killed": lambda: (kill(self.valkey.server), self.valkey.start()),
            "broker hung": lambda: self._hang(self.valkey.server, chance.uniform(1, 4)),
        }
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at and self.unsettled_count():
            fault = chance.choice([*interventions, "puts off", "breaks before", "breaks after"])
            counts[fault] += 1
            sink.fault = fault
            self.send(sink, more=chance.randint(1, 15), patience=chance.uniform(1, 3))
            if fault in interventions:
                interventions[fault]()
            sink.fault = ""
            self.send(sink, more=chance.randint(5, 60), patience=chance.uniform(1, 5))
        return counts

    def _hang(self, child: Child, seconds: float) -> None:
        os.killpg(child.process.pid, signal.SIGSTOP)
        time.sleep(seconds)
        os.killpg(child.process.pid, signal.SIGCONT)

    def send(self, sink: Sink, more: int, patience: float = math.inf) -> None:
        """Tick until the sink has `more` new emails, nothing is left to send, or time is up."""
        enough, ends_at = sink.count() + more, time.monotonic() + patience
        while sink.count() < enough and self.unsettled_count() and time.monotonic() < ends_at:
            self.tick()
            wait_until = time.monotonic() + 0.5
            while sink.count() < enough and time.monotonic() < wait_until:
                time.sleep(0.005)

    def finish(self, sink: Sink, seconds: float) -> None:
        """Tick until every email is settled."""
        deadline = time.monotonic() + seconds
        while self.unsettled_count() and time.monotonic() < deadline:
            self.send(sink, more=1)


def kill(child: Child) -> None:
    """Kill a process and its whole session at once."""
    os.killpg(child.process.pid, signal.SIGKILL)
    child.process.wait(60)


@contextmanager
def register_with_emails(home: Path, sink: Sink, emails: int) -> Iterator[Register]:
    """Start a register's email processes with `emails` queued emails."""
    register = Register(home, sink.port)
    try:
        register.postgres.start()
        register.valkey.start()
        owner = register.postgres.address(database_roles.OWNER)
        register.run("manage.py", "migrate", "--no-input", "--verbosity", "0", DATABASE_URL=owner)
        register.run("-c", QUEUE_EMAILS, str(emails))
        register.worker.start()
        yield register
    finally:
        register.stop()


def check_no_email_was_lost(register: Register, sink: Sink, emails: int) -> None:
    """Compare the register's record of each email with the emails received."""
    received = sink.emails()
    copies = Counter(email["To"] for email in received)
    identities = {(email["To"], email["Message-ID"]) for email in received}
    messages = register.ask("SELECT recipient, state, doubts FROM charter_message")
    assert register.unsettled_count() == 0
    assert len(messages) == emails
    for recipient, state, doubts in messages:
        assert state in ("sent", "in_doubt"), f"{recipient} waits in {state}"
        assert copies[recipient] >= 1 or state == "in_doubt", f"{recipient} lost its email"
        assert copies[recipient] <= 2, f"{recipient} got {copies[recipient]} copies"
        assert copies[recipient] <= 1 + doubts, f"a copy to {recipient} is on no record"
        if state == "in_doubt":
            assert doubts == 2, f"{recipient} waits for a person after one doubt"
    assert len(identities) == len(copies), "both copies of an email carry the same Message-ID"


def check_kills_hit_sending(register: Register) -> None:
    assert register.ask("SELECT count(*) FROM charter_message WHERE doubts > 0") != [(0,)]
