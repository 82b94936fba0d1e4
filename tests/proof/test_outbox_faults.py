"""The fault run of tests/charter, seven times as long, three times, with other random seeds."""

import random

import pytest

from tests import fault_run

EMAILS = 3400


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_3400_emails_survive_90_killed_processes(tmp_path, seed):
    sink = fault_run.SlowSink(tmp_path / "mail")
    with sink.listening(), fault_run.register_with_emails(tmp_path, sink, EMAILS) as register:
        kills = register.kill_in_turn(sink, rounds=30, chance=random.Random(seed))
        register.finish(sink, seconds=300)
        assert kills == 90, "the emails were sent before enough was killed"
        fault_run.check_no_email_was_lost(register, sink, EMAILS)
        fault_run.check_kills_hit_sending(register)
