"""`make run` brings a register to life, and any accident leaves one that comes back by itself."""

import os
import re
import signal
import socket
import time
from pathlib import Path

import pytest

from tests.conftest import free_port
from tests.make_run import MakeRun


@pytest.fixture
def make_run(tmp_path):
    runs = []

    def start(home: Path = tmp_path / "var", port: int | None = None) -> MakeRun:
        runs.append(MakeRun(home, port or free_port()))
        return runs[-1]

    yield start
    for run in runs:
        run.stop()


def kill_everything(run: MakeRun) -> None:
    """Kill every process of a register with no warning: the supervisor last, or it would help."""
    server = int((run.home / "postgres" / "postmaster.pid").read_text().split()[0])
    run.process.send_signal(signal.SIGSTOP)
    for pid in [*run.children(), server, run.process.pid]:
        os.kill(pid, signal.SIGKILL)
    run.process.wait(60)


def kill_the_worker(run: MakeRun) -> None:
    leaders = [pid for pid in run.children() if os.getsid(pid) == pid]
    for pid in leaders:
        if b"worker" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
            os.kill(pid, signal.SIGKILL)


def test_a_register_survives_any_kill_and_ends_as_a_whole(make_run):
    run = make_run()
    run.wait_for(f"The register is at http://localhost:{run.port}")
    assert "Starting PostgreSQL …" in run.output
    assert run.health()["status"] == "ok"
    run.manage("load_charter")
    head = run.head()
    assert head is not None

    # A dead process is started again, and the others go on.
    log = run.home / "logs" / "worker.log"
    said = len(log.read_text())
    kill_the_worker(run)
    run.wait_for("The worker has stopped. It starts again in 1 s.")
    deadline = time.monotonic() + 30
    while len(log.read_text()) <= said:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert run.health()["status"] == "ok"

    # With no warning at all: the next start finds everything as it was.
    kill_everything(run)
    again = make_run(run.home, run.port)
    again.wait_for("The register is at")
    assert again.health()["status"] == "ok"
    assert again.head() == head

    assert "The register has stopped." in again.stop()
    assert again.process.returncode == 0
    assert again.children() == []
    assert not (run.home / "postgres" / "postmaster.pid").exists()


def test_a_second_register_on_the_same_home_is_refused(make_run):
    first = make_run()
    first.wait_for("Starting PostgreSQL")
    second = make_run(first.home)
    second.process.wait(30)
    assert second.process.returncode == 1
    assert re.search("A register is already running on .*var", second.stop())


def test_a_port_that_is_taken_is_named(make_run):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        run = make_run(port=port)
        run.process.wait(30)
    assert run.process.returncode == 1
    assert f"Port {port} is taken by another program. Set PORT to another number." in run.stop()


def test_production_is_refused(make_run, tmp_path, monkeypatch):
    monkeypatch.setenv("REGISTER_MODE", "production")
    run = make_run()
    run.process.wait(30)
    assert run.process.returncode == 1
    assert "is not set" in run.stop()
