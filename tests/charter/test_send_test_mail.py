"""An operator proves that email leaves the register."""

import pytest
from django.core.management import CommandError, call_command

from tests.conftest import free_port

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_email_arrives_and_the_command_says_what_the_server_answered(sink, capsys):
    call_command("send_test_mail", "edna@council.example")
    [email] = sink.emails()
    assert email["To"] == "edna@council.example"
    assert email["Subject"] == "A test email from the Charter Register"
    assert "took the email for edna@council.example" in capsys.readouterr().out


def test_an_email_server_that_is_down_is_named(settings):
    settings.EMAIL_URL = f"smtp://127.0.0.1:{free_port()}"
    with pytest.raises(CommandError, match="Not sent"):
        call_command("send_test_mail", "edna@council.example")


def test_what_is_no_address_is_refused():
    with pytest.raises(CommandError, match="not an email address"):
        call_command("send_test_mail", "edna")
