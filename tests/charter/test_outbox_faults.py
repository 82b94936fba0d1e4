"""No email is lost or sent more than twice, even if processes are killed at any moment.

A worker that is stopped leaves no email in doubt. Whether a kill hits an email on its
way is left to chance here; the long run in tests/proof sees to it.
"""

import random

from tests import fault_run

EMAILS = 300


def test_300_emails_survive_a_killed_worker_broker_and_database(tmp_path):
    sink = fault_run.SlowSink(tmp_path / "mail")
    sink.seconds_per_email = 0.1  # Two that stop send for ten seconds more: 200 emails.
    with sink.listening(), fault_run.register_with_emails(tmp_path, sink, EMAILS) as register:
        register.send(sink, more=5)
        assert register.restart_worker() < 30
        assert register.ask("SELECT count(*) FROM charter_message WHERE doubts > 0") == [(0,)]
        kills = register.kill_in_turn(sink, rounds=1, chance=random.Random(2026))
        register.finish(sink, seconds=60)
        assert kills == 3, "the emails were sent before enough was killed"
        fault_run.check_no_email_was_lost(register, sink, EMAILS)
