"""`make run` brings a register back after any of its processes, or all of them, were killed."""

import os
import signal
import time
from pathlib import Path

from tests.local import test_supervisor
from tests.make_run import MakeRun

make_run = test_supervisor.make_run


def kill_everything(run: MakeRun) -> None:
    """Kill every process of a register; freeze the supervisor first, as it would restart them."""
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


def test_register_survives_kills_and_stops_completely(make_run):
    run = make_run()
    run.wait_for(f"The register is at http://localhost:{run.port}")
    assert "Starting PostgreSQL …" in run.output
    assert run.health()["status"] == "ok"
    run.manage("load_charter")
    head = run.head()
    assert head is not None

    # A killed process is restarted while the others keep running.
    log = run.home / "logs" / "worker.log"
    size = len(log.read_text())
    kill_the_worker(run)
    run.wait_for("The worker has stopped. It starts again in 1 s.")
    deadline = time.monotonic() + 30
    while len(log.read_text()) <= size:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert run.health()["status"] == "ok"

    # After a sudden kill of everything, the next start finds all data.
    kill_everything(run)
    second_run = make_run(run.home, run.port)
    second_run.wait_for("The register is at")
    assert second_run.health()["status"] == "ok"
    assert second_run.head() == head

    assert "The register has stopped." in second_run.stop()
    assert second_run.process.returncode == 0
    assert second_run.children() == []
    assert not (run.home / "postgres" / "postmaster.pid").exists()
