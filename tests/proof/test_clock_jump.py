"""Real processes hold the email when the clock goes back by a day."""

import subprocess
import sys
from datetime import timedelta

import pytest

from tests import fault_run

# In such a process the uptime counter is a day ahead, and the clock is not.
A_DAY_LATER = ["unshare", "--user", "--map-root-user", "--time", "--boottime", "86400"]


def test_clock_set_back_by_a_day_holds_the_email(tmp_path):
    if subprocess.run([*A_DAY_LATER, "true"], capture_output=True).returncode:
        pytest.skip("This system allows no namespace of another time.")
    sink = fault_run.SlowSink(tmp_path / "mail")
    with sink.listening(), fault_run.register_with_emails(tmp_path, sink, 300) as register:
        register.worker.stop()
        register.run("manage.py", "tick")
        sent = sink.count()
        assert 0 < sent < 300
        for process in (A_DAY_LATER, []):
            tick = subprocess.run(
                [*process, sys.executable, "manage.py", "tick"],
                env=register.environment,
                cwd=fault_run.ROOT,
                capture_output=True,
                text=True,
            )
            assert "The clock jumped." in tick.stderr
        assert sink.count() == sent
        [(jump,)] = register.ask("SELECT jump FROM registry_clockjump")
        assert abs(jump + timedelta(days=1)) < timedelta(minutes=5)
