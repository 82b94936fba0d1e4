"""Processes die, hang and break connections at random moments: every email is accounted for."""

import random

import pytest

from tests import fault_run


@pytest.mark.parametrize("seed", [11, 12, 13, 14, 15])
def test_two_minutes_of_chaos_lose_no_email(tmp_path, seed, capsys):
    run_chaos(tmp_path, seed, capsys, emails=3000, seconds=120)


def test_half_an_hour_of_chaos_loses_no_email(tmp_path, capsys):
    # A slower server, to have email until the end.
    run_chaos(tmp_path, 16, capsys, emails=15_000, seconds=1800, seconds_per_email=0.1)


def run_chaos(tmp_path, seed, capsys, *, emails, seconds, seconds_per_email=0.01):
    sink = fault_run.UnreliableSink(tmp_path / "mail")
    sink.seconds_per_email = seconds_per_email
    with sink.listening(), fault_run.register_with_emails(tmp_path, sink, emails) as register:
        faults = register.inject_faults(sink, seconds, random.Random(seed))
        register.finish(sink, seconds=1200)
        fault_run.check_no_email_was_lost(register, sink, emails)
        doubts = register.ask("SELECT count(*) FROM charter_message WHERE doubts > 0")[0][0]
    with capsys.disabled():
        print(f"\nSeed {seed}: {faults}, {doubts} emails in doubt on the way.")
