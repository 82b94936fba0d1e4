"""No mail is lost, and none is sent more than twice, whoever is killed at whatever moment.

300 mails go to a mail server through a real Celery worker, a Valkey and a PostgreSQL of this test's
own, while worker, broker and database are killed in turn. The test rings the bells, as beat would,
and lets leases run out after two seconds instead of fifteen minutes.
"""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import kombu.exceptions
import psycopg
import pytest
import redis
from celery import Celery

from registry.local.postgres import Postgres
from registry.local.processes import Child
from registry.local.supervisor import compose_commands
from registry.local.valkey import Valkey
from tests.conftest import Sink

MAILS = 300
SECONDS_A_MAIL = 0.01
ROOT = Path(__file__).parents[2]
SEED = 2026

QUEUE_THE_MAILS = f"""
import django; django.setup()
from django.db import transaction
from charter import outbox
from charter.models import BrakeRelease, User
from registry import clock
with transaction.atomic():
    officer = User.objects.create(email="officer@example.org")
    BrakeRelease.objects.create(day=clock.today(), released_at=clock.now(), released_by=officer)
    for number in range({MAILS}):
        outbox.queue(
            kind="returned",
            key=f"returned:{{number}}",
            recipient=f"person-{{number}}@example.org",
            subject="Please look at it again",
            text="The council has sent words back.",
        )
"""
LET_LEASES_RUN_OUT = """
    UPDATE charter_message SET lease_until = now()
    WHERE state = 'sending' AND lease_until < now() + interval '15 minutes' - interval '2 seconds'
"""


class SlowSink(Sink):
    """Takes its time for each mail, so that kills hit the moment of sending."""

    async def handle_DATA(self, server, session, envelope):
        await asyncio.sleep(SECONDS_A_MAIL)
        return await super().handle_DATA(server, session, envelope)


class Register:
    """The part of a register that sends mail, with a switch to kill each of its processes."""

    def __init__(self, home: Path, mail_port: int) -> None:
        self.postgres = Postgres(home)
        self.valkey = Valkey(home)
        self.bells = Celery(broker=self.valkey.url)
        self.bells.conf.broker_transport_options = {"socket_timeout": 1}
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "registry.settings",
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.valkey.url,
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
            "REGISTER_HOME": str(home),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        settings = [f"{name}={value}" for name, value in self.environment.items()]
        self.worker = Child(
            ["env", *settings, *compose_commands()["worker"]], log=home / "logs" / "worker.log"
        )

    def run(self, *command: str) -> None:
        subprocess.run([sys.executable, *command], env=self.environment, cwd=ROOT, check=True)

    def ring(self) -> None:
        """Do for half a second what beat, time and supervisor do."""
        if not self.worker.alive:
            self.worker.stop()
            self.worker.start()
        for task, queue in [
            ("charter.tasks.drain_outbox", "mail"),
            ("charter.tasks.sweep_leases", "housekeeping"),
        ]:
            try:
                self.bells.send_task(task, queue=queue, retry=False)
            except (redis.RedisError, kombu.exceptions.OperationalError):
                pass  # the broker is down: a bell is lost, nothing else
        try:
            with psycopg.connect(self.postgres.url, autocommit=True) as connection:
                connection.execute(LET_LEASES_RUN_OUT)
        except psycopg.OperationalError:
            pass  # the database is down
        time.sleep(0.5)

    def ask(self, question: str) -> list[tuple]:
        with psycopg.connect(self.postgres.url) as connection:
            return connection.execute(question).fetchall()

    def unsettled(self) -> int:
        return self.ask(
            "SELECT count(*) FROM charter_message WHERE state IN ('queued', 'deferred', 'sending')"
        )[0][0]

    def stop(self) -> None:
        self.worker.stop(patience=5)
        self.valkey.stop()
        self.postgres.stop()


def kill(child: Child) -> None:
    """Kill a process and all of its session at once."""
    os.killpg(child.process.pid, signal.SIGKILL)
    child.process.wait()


@pytest.fixture
def sink(tmp_path):
    sink = SlowSink(tmp_path / "mail")
    with sink.listening():
        yield sink


@pytest.fixture
def register(tmp_path, sink):
    register = Register(tmp_path, sink.port)
    try:
        register.postgres.start()
        register.valkey.start()
        register.run("manage.py", "migrate", "--no-input", "--verbosity", "0")
        register.run("-c", QUEUE_THE_MAILS)
        register.worker.start()
        yield register
    finally:
        register.stop()


def test_300_mails_survive_the_death_of_worker_broker_and_database(register, sink):
    chance = random.Random(SEED)
    victims = [
        (register.worker, register.worker),
        (register.postgres.server, register.postgres),
        (register.valkey.server, register.valkey),
    ]
    kills = 0
    for _ in range(3):
        for process, service in victims:
            before = len(sink.mails())
            while len(sink.mails()) < before + chance.randint(5, 20) and register.unsettled():
                register.ring()
            if not register.unsettled():
                break
            kill(process)
            kills += 1
            service.start()
    deadline = time.monotonic() + 60
    while register.unsettled() and time.monotonic() < deadline:
        register.ring()

    copies = Counter(mail["To"] for mail in sink.mails())
    identities = {(mail["To"], mail["Message-ID"]) for mail in sink.mails()}
    doubts = dict(register.ask("SELECT recipient, doubts FROM charter_message"))
    states = dict(register.ask("SELECT recipient, state FROM charter_message"))
    assert kills >= 6, "the mails were sent before enough was killed"
    assert register.unsettled() == 0
    assert len(states) == MAILS
    for recipient, state in states.items():
        assert state in ("sent", "in_doubt")
        assert copies[recipient] >= 1 or state == "in_doubt", f"{recipient} lost its mail"
        assert copies[recipient] <= 2
        assert copies[recipient] <= 1 + doubts[recipient], f"a copy to {recipient} is on no record"
        if state == "in_doubt":
            assert doubts[recipient] == 2, f"{recipient} waits for a person after one doubt"
    assert len(identities) == len(copies), "both copies of a mail carry the same Message-ID"
    assert any(doubts.values()), "no kill hit the moment of sending"
