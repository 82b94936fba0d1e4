"""Two web servers and a streaming replica: every reader sees what the log has, from either one."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread
from urllib.error import HTTPError
from urllib.request import urlopen

import psycopg
import pytest

from registry.local.postgres import Postgres
from registry.local.processes import Child
from registry.local.supervisor import compose_commands
from registry.operations import database_roles
from tests import fault_run
from tests.conftest import free_port

ROOT = Path(__file__).parents[2]
PAGE = "/commitments/C-00001"
PUBLIC_SESSIONS = f"FROM pg_stat_activity WHERE usename = '{database_roles.PUBLIC}'"
# Publishes a title for each line that it reads, and answers with the number of the entry.
PUBLISHER = """
import sys
import django; django.setup()
from registry.log import publishing
from tests.registry import items
publishing.publish(items.small_register())
for line in sys.stdin:
    change = {"action": "correct", "title": line.strip(), "change_reason": "A typing error."}
    [entry] = publishing.publish([items.commitment(**change)])
    print(entry.number, flush=True)
"""


class Site:
    """A primary, its replica, a publisher, and two web servers behind a balancer."""

    def __init__(self, home, services):
        self.primary, self.replica = Postgres(home / "primary"), Postgres(home / "replica")
        self.primary.start()
        services.callback(self.primary.stop)
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "registry.settings",
            "DATABASE_URL": self.primary.address(database_roles.OWNER),
            "DATABASE_PUBLIC_URL": self.primary.address(database_roles.PUBLIC),
            "DATABASE_REPLICA_URL": self.replica.address(database_roles.PUBLIC),
            "REGISTER_HOME": str(home),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity", "0"],
            env=self.environment,
            cwd=ROOT,
            check=True,
        )
        self.environment["DATABASE_URL"] = self.primary.address(database_roles.APPLICATION)
        self.copy_primary(home)
        self.replica.start()
        services.callback(self.replica.stop)
        self.publisher = services.enter_context(
            subprocess.Popen(
                [sys.executable, "-c", PUBLISHER],
                env=self.environment,
                cwd=ROOT,
                text=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        )
        self.publish("Twenty apprenticeships")
        self.ports = [self.start_web(home, services, number) for number in (1, 2)]

    def copy_primary(self, home):
        """Copy the primary as an operator does: it begins as a standby that streams."""
        (home / "replica").mkdir()
        server = self.primary
        options = ["-D", str(self.replica.data), "-R", "-h", str(server.sockets), "-U", "register"]
        command = server._build_command("pg_basebackup", *options, "--checkpoint=fast")
        if server.user is not None:
            os.chown(home / "replica", server.user, server.user)
        subprocess.run(command, check=True, user=server.user, group=server.user)

    def start_web(self, home, services, number):
        port = free_port()
        settings = [f"{name}={value}" for name, value in self.environment.items()]
        address = ["--host", "127.0.0.1", "--port", str(port)]
        web = Child(
            ["env", *settings, *compose_commands()["web"], *address],
            log=home / "logs" / f"web-{number}.log",
        )
        web.start()
        services.callback(web.stop)
        wait_until(lambda: self.answers(port), seconds=60)
        return port

    def answers(self, port):
        try:
            return self.get("/privacy", port)[0] == 200
        except OSError:
            return False

    def publish(self, title):
        """Publish the commitment with another title; return the number of the entry."""
        self.publisher.stdin.write(f"{title}\n")
        self.publisher.stdin.flush()
        return int(self.publisher.stdout.readline())

    def get(self, path, port):
        """Return status, text and ETag."""
        try:
            with urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as reply:
                return reply.status, reply.read().decode(), reply.headers["ETag"]
        except HTTPError as error:
            return error.code, error.read().decode(), ""

    def texts(self, path=PAGE):
        """Return the page of each web server; none may fail."""
        replies = [self.get(path, port) for port in self.ports]
        assert {status for status, _, _ in replies} == {200}
        return [text for _, text, _ in replies]

    def ask(self, server, query):
        with psycopg.connect(server.url, autocommit=True) as connection:
            return connection.execute(query).fetchone()[0]

    def reads_replica(self):
        """Ask for a page that no process has kept; return whether the replica made it."""
        before = self.ask(self.replica, f"SELECT max(query_start) {PUBLIC_SESSIONS}")
        for port in self.ports:
            assert self.get(f"/commitments?q={time.monotonic_ns()}", port)[0] == 200
        after = self.ask(self.replica, f"SELECT max(query_start) {PUBLIC_SESSIONS}")
        return after is not None and after != before

    def catch_up(self):
        """Wait until the replica has all that the primary has."""
        position = self.ask(self.primary, "SELECT pg_current_wal_lsn()")
        replayed = f"SELECT pg_last_wal_replay_lsn() >= '{position}'"
        wait_until(lambda: self.ask(self.replica, replayed))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with ExitStack() as services:
        yield Site(tmp_path_factory.mktemp("site"), services)


@pytest.fixture(autouse=True)
def healthy_replica(site):
    wait_until(site.reads_replica, seconds=20)


def wait_until(is_so, seconds=10.0):
    """Wait until something is so; return after how many seconds it was."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < seconds
        time.sleep(0.01)
    return time.monotonic() - began


@contextmanager
def paused_replay(site):
    site.ask(site.replica, "SELECT pg_wal_replay_pause()")
    try:
        yield
    finally:
        site.ask(site.replica, "SELECT pg_wal_replay_resume()")
        site.catch_up()


def test_publication_is_read_through_both_web_servers_within_a_second(site, capsys):
    waits = []
    for number in range(100):
        title = f"Title {number}"
        site.publish(title)
        waits.append(
            wait_until(lambda title=title: all(title in text for text in site.texts()), seconds=1)
        )
    assert site.reads_replica()
    with capsys.disabled():
        slowest = max(waits) * 1000
        print(f"\n{len(waits)} publications, each on both web servers after {slowest:.0f} ms.")


def test_no_older_page_follows_a_newer_one_while_writers_publish(site):
    stop, faults, read = Event(), [], []

    def read_on(port):
        newest = 0
        while not stop.is_set():
            status, _, etag = site.get(PAGE, port)
            number = int(etag.partition('"')[2].partition(".")[0])
            if status != 200 or number < newest:
                faults.append((status, number, newest))
            newest = max(newest, number)
            read.append(number)

    readers = [Thread(target=read_on, args=(port,)) for port in site.ports]
    for reader in readers:
        reader.start()
    for number in range(100):
        last = site.publish(f"Again {number}")
        if number % 20 == 10:
            site.ask(site.replica, "SELECT pg_wal_replay_pause()")
        if number % 20 == 19:
            site.ask(site.replica, "SELECT pg_wal_replay_resume()")
    wait_until(lambda: all("Again 99" in text for text in site.texts()), seconds=1)
    stop.set()
    for reader in readers:
        reader.join()
    # Two processes answer at one port, and hear of an entry some milliseconds apart.
    assert all(newest - number <= 2 for _, number, newest in faults), faults
    assert {status for status, _, _ in faults} <= {200}
    assert max(read) == last
    site.catch_up()


def test_lagging_replica_is_not_read_until_it_has_caught_up(site):
    with paused_replay(site):
        site.publish("While it lags")
        wait_until(lambda: all("While it lags" in text for text in site.texts()), seconds=1)
        assert not any(
            "Again" in text for text in site.texts(f"/commitments?q={time.monotonic_ns()}")
        )
        text = json.loads(site.texts("/api/v1/commitments/C-00001")[0])
        assert "While it lags" in json.dumps(text)
    assert all("While it lags" in text for text in site.texts())
    wait_until(site.reads_replica)


def test_link_of_a_receipt_shows_its_entry_at_once_on_both_web_servers(site):
    for number in range(20):
        entry = site.publish(f"Receipt {number}")
        for text in site.texts(f"{PAGE}?entry={entry}"):
            assert f"Receipt {number}" in text
            assert "entry=" not in text.partition("<main")[0]
    with paused_replay(site):
        entry = site.publish("Receipt of a lagging day")
        for text in site.texts(f"{PAGE}?entry={entry}"):
            assert "Receipt of a lagging day" in text


def test_dead_replica_is_left_alone_and_read_again_when_it_is_back(site, capsys):
    fault_run.kill(site.replica.server)
    slowest = 0.0
    try:
        for number in range(20):
            began = time.monotonic()
            site.publish(f"Without it {number}")
            site.texts(f"/commitments?q={number}&size=small")
            slowest = max(slowest, time.monotonic() - began)
            wait_until(lambda n=number: f"Without it {n}" in site.texts()[0], seconds=1)
    finally:
        site.replica.start()
    took = wait_until(site.reads_replica, seconds=20)
    with capsys.disabled():
        print(f"\nA dead replica: {slowest:.2f} s at most; read again after {took:.1f} s.")


def test_hung_replica_delays_a_reader_for_seconds_and_fails_nobody(site, capsys):
    os.killpg(site.replica.server.process.pid, signal.SIGSTOP)
    times = []
    try:
        for number in range(30):
            began = time.monotonic()
            site.texts(f"/commitments?q=hung{number}")
            times.append(time.monotonic() - began)
    finally:
        os.killpg(site.replica.server.process.pid, signal.SIGCONT)
    with capsys.disabled():
        times.sort()
        print(f"\nA hung replica: half within {times[15]:.2f} s, the slowest {times[-1]:.2f} s.")


def test_replica_that_ends_sessions_and_refuses_new_ones_fails_nobody(site):
    rules = site.replica.data / "pg_hba.conf"
    usual = rules.read_text()
    rules.write_text(f"local all {database_roles.PUBLIC} reject\n{usual}")
    try:
        site.ask(site.replica, "SELECT pg_reload_conf()")
        for number in range(20):
            site.ask(site.replica, f"SELECT count(pg_terminate_backend(pid)) {PUBLIC_SESSIONS}")
            site.texts(f"/commitments?q=refused{number}")
    finally:
        rules.write_text(usual)
        site.ask(site.replica, "SELECT pg_reload_conf()")


def test_page_that_is_cut_off_on_the_replica_is_made_by_the_primary(site):
    stop = Event()

    def end_sessions():
        while not stop.is_set():
            site.ask(site.replica, f"SELECT count(pg_terminate_backend(pid)) {PUBLIC_SESSIONS}")

    ending = Thread(target=end_sessions)
    ending.start()
    try:
        for number in range(200):
            site.texts(f"/commitments?q=cut{number}")
    finally:
        stop.set()
        ending.join()
