"""Whatever dies, hangs or lies at whatever moment, each mail is accounted for."""

import random

import pytest

from tests import fault_run

MAILS, SECONDS = 3000, 120


@pytest.mark.parametrize("seed", [11, 12, 13, 14, 15])
def test_two_minutes_of_chaos(tmp_path, seed, capsys):
    sink = fault_run.MoodySink(tmp_path / "mail")
    with sink.listening(), fault_run.register_with_mails(tmp_path, sink, MAILS) as register:
        faults = register.chaos(sink, SECONDS, random.Random(seed))
        register.finish(sink, seconds=1200)
        fault_run.check_that_nothing_was_lost(register, sink, MAILS)
        doubts = register.ask("SELECT count(*) FROM charter_message WHERE doubts > 0")[0][0]
    with capsys.disabled():
        print(f"\nSeed {seed}: {faults}, {doubts} mails in doubt on the way.")
