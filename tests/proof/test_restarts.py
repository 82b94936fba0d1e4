"""Fifty deployments while email is sent: each worker finishes its current email and no more."""

from tests import fault_run

EMAILS, RESTARTS = 6000, 50


def test_50_rolling_restarts_lose_and_repeat_no_email(tmp_path, capsys):
    sink = fault_run.SlowSink(tmp_path / "mail")
    sink.seconds_per_email = 0.2  # A worker that is shutting down sends for up to ten seconds.
    with sink.listening(), fault_run.register_with_emails(tmp_path, sink, EMAILS) as register:
        durations = []
        for _ in range(RESTARTS):
            register.send(sink, more=10)
            assert register.unsettled_count(), "the emails were sent before the last restart"
            durations.append(register.restart_worker())
        register.finish(sink, seconds=1200)
        assert max(durations) < 30
        assert sink.count() == EMAILS
        doubts = register.ask("SELECT count(*) FROM charter_message WHERE doubts > 0")
        assert doubts == [(0,)]
    with capsys.disabled():
        print(f"\n{RESTARTS} restarts, the slowest took {max(durations):.1f} seconds.")
