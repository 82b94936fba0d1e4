"""An operator checks that email leaves the register."""

import pytest
from django.core.management import CommandError, call_command

from charter.mail import outbox, results
from charter.mail.smtp import Phase, ServerReply
from charter.management.commands import send_test_mail
from tests.conftest import free_port

pytestmark = pytest.mark.django_db(transaction=True)


def test_test_email_arrives_and_the_command_confirms_it(sink, capsys):
    call_command("send_test_mail", "edna@council.example")
    [email] = sink.emails()
    assert email["To"] == "edna@council.example"
    assert email["Subject"] == "A test email from the Charter Register"
    assert "took the email for edna@council.example" in capsys.readouterr().out


def test_email_that_the_worker_is_handing_over_is_waited_for(monkeypatch, capsys):
    def worker_takes_it():
        message = outbox.claim()
        accepted = ServerReply(Phase.AFTER_DOT, 250, "OK")
        monkeypatch.setattr(
            send_test_mail, "sleep", lambda _: results.record_result(message, accepted)
        )

    monkeypatch.setattr(outbox, "drain", worker_takes_it)
    call_command("send_test_mail", "edna@council.example")
    assert "took the email for edna@council.example" in capsys.readouterr().out


def test_unavailable_server_is_reported(settings):
    settings.EMAIL_URL = f"smtp://127.0.0.1:{free_port()}"
    with pytest.raises(CommandError, match="Not sent"):
        call_command("send_test_mail", "edna@council.example")


def test_invalid_address_is_refused():
    with pytest.raises(CommandError, match="not an email address"):
        call_command("send_test_mail", "edna")
