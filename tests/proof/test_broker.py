"""The broker is killed, emptied, full, fed with junk or away: only wake-up calls are lost."""

import random
import time

import pytest
import redis

from tests import fault_run

PAGES = ["/", "/commitments", "/api/v1/commitments", "/account/login/", "/statistics"]
# Messages that are none of the register's tasks.
JUNK = [
    b"",
    b"\xff\xfe\x00",
    b"no JSON",
    b"null",
    b"42",
    b"[]",
    b"{}",
    b'{"body": 1}',
    b"x" * 10**6,
]


@pytest.fixture
def sink(tmp_path):
    sink = fault_run.SlowSink(tmp_path / "mail")
    with sink.listening():
        yield sink


def client(register) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(register.valkey.socket))


def test_junk_in_the_queues_stalls_no_email(tmp_path, sink, capsys):
    sink.seconds_per_email = 0.2  # Slow enough to have email until the end.
    with fault_run.register_with_emails(tmp_path, sink, 800) as register:
        slowest = 0.0
        for task, arguments in [
            *[("", junk) for junk in JUNK],
            ("charter.tasks.unheard_of", []),
            ("charter.tasks.drain_outbox", ["too", "much"]),
            ("charter.tasks.sweep_leases", [{"deep": [[[[]]]]}]),
        ]:
            for queue in ("mail", "housekeeping"):
                if task:
                    register.beat.send_task(task, args=arguments, queue=queue, retry=False)
                else:
                    client(register).rpush(queue, arguments)  # The next one to be read.
            assert register.unsettled_count(), "the emails were sent before all of the junk"
            before, began = sink.count(), time.monotonic()
            register.send(sink, more=1, patience=90)
            assert sink.count() > before, f"{task or arguments[:20]!r} stalled the queue"
            slowest = max(slowest, time.monotonic() - began)
        register.finish(sink, seconds=300)
        assert sink.count() == 800
        remaining = [
            *client(register).lrange("mail", 0, -1),
            *client(register).lrange("housekeeping", 0, -1),
        ]
        assert not set(remaining) & set(JUNK), "nobody took the junk out of its queue"
        assert register.ask("SELECT count(*) FROM charter_message WHERE state <> 'sent'") == [(0,)]
    with capsys.disabled():
        print(f"\nJunk of 12 sorts in both queues: the next email {slowest:.0f} seconds later.")


def test_5000_emails_survive_20_losses_of_the_broker(tmp_path, sink, capsys):
    chance = random.Random(3)
    with fault_run.register_with_emails(tmp_path, sink, 5000) as register:

        def kill_broker():
            fault_run.kill(register.valkey.server)
            register.valkey.start()

        def fill_broker():
            client(register).config_set("maxmemory", 1)
            register.send(sink, more=10, patience=5)
            client(register).config_set("maxmemory", 0)

        slowest = 0.0
        for number in range(20):
            register.send(sink, more=chance.randint(20, 150))
            assert register.unsettled_count(), "the emails were sent before enough went wrong"
            [kill_broker, lambda: client(register).flushall(), fill_broker][number % 3]()
            began = time.monotonic()
            register.send(sink, more=1, patience=90)
            slowest = max(slowest, time.monotonic() - began)
        assert slowest < 60
        register.finish(sink, seconds=1200)
        assert sink.count() == 5000
        assert register.ask("SELECT count(*) FROM charter_message WHERE doubts > 0") == [(0,)]
    with capsys.disabled():
        print(f"\nThe broker lost 20 times: email went on after {slowest:.0f} s at the latest.")


def test_without_a_broker_pages_are_quick_and_a_manual_tick_sends_email(tmp_path, sink, capsys):
    with fault_run.register_with_emails(tmp_path, sink, 300) as register:
        register.worker.stop()
        register.serve()
        register.valkey.stop()
        statuses, times = set(), []
        while sink.count() < 300:
            register.run("manage.py", "tick")
            for page in PAGES * 20:
                status, took = register.get(page)
                statuses.add(status)
                times.append(took)
        p95 = sorted(times)[int(len(times) * 0.95)]
        assert statuses == {200}
        assert p95 < 0.5
        assert register.get("/health")[0] == 503
    with capsys.disabled():
        print(f"\nNo broker: {len(times)} pages, p95 {p95 * 1000:.0f} ms, 300 emails by ticks.")
