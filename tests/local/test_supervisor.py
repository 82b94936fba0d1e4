"""`make run` refuses a second start, a taken port and production."""

import re
import socket
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


def test_second_register_on_the_same_home_is_refused(make_run):
    first = make_run()
    first.wait_for("Starting PostgreSQL")
    second = make_run(first.home)
    second.process.wait(30)
    assert second.process.returncode == 1
    assert re.search("A register is already running on .*var", second.stop())


def test_taken_port_is_named(make_run):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        run = make_run(port=port)
        run.process.wait(30)
    assert run.process.returncode == 1
    assert f"Port {port} is taken by another program. Set PORT to another number." in run.stop()


def test_production_mode_is_refused(make_run, tmp_path, monkeypatch):
    monkeypatch.setenv("REGISTER_MODE", "production")
    run = make_run()
    run.process.wait(30)
    assert run.process.returncode == 1
    assert "is not set" in run.stop()
