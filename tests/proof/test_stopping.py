"""Ctrl-C at any moment of the start ends `make run`, also with a second start beside it."""

import random
import time

from tests.conftest import free_port
from tests.make_run import MakeRun

PRESSES = 100
LONGEST_DELAY = 5.0  # seconds; the register is up after about four


def test_no_ctrl_c_is_lost_in_100_starts(tmp_path, capsys):
    chance = random.Random(7)
    slowest = 0.0
    for number in range(PRESSES):
        home = tmp_path / str(number) / "var"
        run = MakeRun(home, free_port())
        delay = chance.uniform(0.1, LONGEST_DELAY)
        time.sleep(delay / 2)
        second = MakeRun(home, free_port()) if number % 2 else None
        time.sleep(delay / 2)
        pressed_at = time.monotonic()
        run.stop(seconds=30)
        slowest = max(slowest, time.monotonic() - pressed_at)
        assert run.process.returncode in (0, 1), run.output
        assert "Traceback" not in run.output
        if second:
            second.stop(seconds=30)
        assert run.children() == []
    with capsys.disabled():
        print(f"\n{PRESSES} stops during the start, the slowest after {slowest:.1f} s.")
