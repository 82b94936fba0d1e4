"""The web server while the broker hangs, the database has no session left, and visitors dawdle."""

import os
import signal
import socket
import time
from contextlib import ExitStack, suppress

import psycopg
import pytest

from tests import fault_run

PAGES = ["/", "/commitments", "/api/v1/commitments", "/account/login/", "/statistics"]


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    home = tmp_path_factory.mktemp("web")
    sink = fault_run.SlowSink(home / "mail")
    with sink.listening(), fault_run.register_with_emails(home, sink, 0) as register:
        register.serve()
        yield register


def visit(register, seconds):
    """Visit pages for a while; return the set of statuses and the sorted times in seconds."""
    statuses, times, ends_at = set(), [], time.monotonic() + seconds
    while time.monotonic() < ends_at:
        for page in PAGES:
            status, took = register.get(page)
            statuses.add(status)
            times.append(took)
    return statuses, sorted(times)


def test_hanging_broker_delays_no_page(register, capsys):
    os.killpg(register.valkey.server.process.pid, signal.SIGSTOP)
    try:
        statuses, times = visit(register, seconds=60)
        status, took = register.get("/health")
    finally:
        os.killpg(register.valkey.server.process.pid, signal.SIGCONT)
    p99 = times[int(len(times) * 0.99)]
    assert statuses == {200}
    assert p99 < 1
    assert status == 503
    assert took < 15
    with capsys.disabled():
        print(f"\nA hung broker: {len(times)} pages, p99 {p99 * 1000:.0f} ms.")


def test_database_killed_20_times_causes_only_short_503_errors(register, capsys):
    slowest = 0.0
    for _ in range(20):
        fault_run.kill(register.postgres.server)
        assert {register.get(page)[0] for page in PAGES} <= {200, 503}
        register.postgres.start()
        began = time.monotonic()
        while visit(register, seconds=0.1)[0] != {200}:
            assert time.monotonic() - began < 10
        slowest = max(slowest, time.monotonic() - began)
    with capsys.disabled():
        print(f"\nA database killed 20 times: well again after {slowest:.1f} seconds at most.")


def test_database_without_free_sessions_gives_503_at_once_and_recovers(register, capsys):
    register.web.stop()
    register.worker.stop()
    with ExitStack() as sessions:
        with suppress(psycopg.OperationalError):
            while True:
                sessions.enter_context(psycopg.connect(register.postgres.url))
        register.serve()
        replies = [register.get(page) for page in PAGES[:3] for _ in range(20)]
    slowest = max(took for _, took in replies)
    assert {status for status, _ in replies} == {503}
    assert slowest < 3
    assert visit(register, seconds=5)[0] == {200}
    with capsys.disabled():
        print(
            f"\nNo free session: {len(replies)} refusals, the slowest after {slowest:.2f} seconds."
        )


def test_200_slow_visitors_delay_nobody_else(register, capsys):
    with ExitStack() as lines:
        dawdlers = []
        for _ in range(200):
            line = socket.create_connection(("127.0.0.1", register.port))
            lines.enter_context(line)
            line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
            dawdlers.append(line)
        times = []
        for _ in range(20):
            for line in dawdlers:
                with suppress(OSError):
                    line.sendall(b"a")
            statuses, more_times = visit(register, seconds=1)
            assert statuses == {200}
            times += more_times
    assert max(times) < 3
    with capsys.disabled():
        print(f"\n200 dawdlers: {len(times)} pages, the slowest {max(times):.2f} seconds.")
