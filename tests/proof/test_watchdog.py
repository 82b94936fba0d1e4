"""A real worker that lives but takes no work is stopped within five minutes and started again."""

import os
import signal
import subprocess
import sys
import time

import pytest

from registry.local.processes import Child
from registry.local.supervisor import compose_commands
from tests import fault_run

# The links worker is called once an hour; here it is late after 40 seconds.
IN_A_HURRY = """
import sys
from registry.operations import worker_watchdog as watchdog
watchdog.CHECK_INTERVAL, watchdog.LATE_AFTER = 0.5, 40 - 3600
watchdog.main()
"""


@pytest.fixture
def sink(tmp_path):
    sink = fault_run.SlowSink(tmp_path / "mail")
    with sink.listening():
        yield sink


def freeze(child: Child) -> None:
    """Suspend the worker below a watchdog and its children: alive, but doing nothing."""
    for worker in children(child.process.pid):
        for pid in [worker, *children(worker)]:
            os.kill(pid, signal.SIGSTOP)


def children(pid: int) -> list[int]:
    output = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True)
    return [int(line) for line in output.stdout.split()]


def ring_until_it_ends(child: Child, ring, seconds: float) -> float:
    """Ring until a child has ended; return the seconds it took."""
    began = time.monotonic()
    while child.alive and time.monotonic() - began < seconds:
        ring()
        time.sleep(1)
    assert not child.alive, f"It still lived after {seconds} seconds"
    return time.monotonic() - began


def test_frozen_email_worker_is_restarted_and_the_email_goes_out(tmp_path, sink, capsys):
    with fault_run.register_with_emails(tmp_path, sink, 300) as register:
        register.send(sink, more=20)
        freeze(register.worker)
        took = ring_until_it_ends(register.worker, register.send_scheduled_tasks, seconds=300)
        register.finish(sink, seconds=120)
        assert {email["To"] for email in sink.emails()} == {
            recipient for (recipient,) in register.ask("SELECT recipient FROM charter_message")
        }
    with capsys.disabled():
        print(f"\nA frozen worker was ended after {took:.0f} seconds.")


def test_frozen_links_worker_is_stopped_although_the_other_works(tmp_path, sink):
    with fault_run.register_with_emails(tmp_path, sink, 0) as register:
        command = compose_commands()["links"]
        celery = command[command.index("celery") :]
        settings = [f"{name}={value}" for name, value in register.environment.items()]
        links = Child(
            ["env", *settings, sys.executable, "-c", IN_A_HURRY, *celery],
            log=tmp_path / "logs" / "links.log",
        )
        links.start()
        try:
            wait_for_work(register)
            freeze(links)
            took = ring_until_it_ends(links, lambda: ring_for_both(register), seconds=90)
            assert took < 60
        finally:
            links.stop(patience=5)


def ring_for_both(register: fault_run.Register) -> None:
    """Ring for both workers, so that the other one keeps reporting work."""
    register.tick()
    ring_for_links(register)


def ring_for_links(register: fault_run.Register) -> None:
    register.beat.send_task("reporting.tasks.check_links", queue="links", retry=False)


def wait_for_work(register: fault_run.Register) -> None:
    for _ in range(60):
        ring_for_links(register)
        time.sleep(1)
        if register.has_succeeded("reporting.tasks.check_links"):
            return
    pytest.fail("The worker of links never took up work")
