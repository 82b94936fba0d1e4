"""A restored copy under another address holds its emails until an officer releases them."""

import pytest
from django.core.management import CommandError, call_command

from charter.actions import email_brake
from charter.errors import NotAllowedError
from charter.mail import outbox
from charter.models import Act, Message, SendingPlace
from registry.log import ledger
from tests import factories
from tests.charter.test_outbox import queue_message
from tests.visitors import officer_client, page

pytestmark = pytest.mark.django_db

LIVE, COPY = "https://register.example", "https://copy.example"


@pytest.fixture
def live(settings, sink):
    """Send one email as a register in production does, and leave one in the queue."""
    factories.administrator()
    Message.objects.all().delete()
    settings.SENDS_REAL_EMAIL = True
    settings.PUBLIC_URL = LIVE
    queue_message(key="returned:1")
    outbox.drain()
    assert sink.count() == 1
    queue_message(key="returned:2")
    return settings


def test_copy_holds_its_emails_and_says_so_until_an_officer_releases_them(live, sink, client):
    live.PUBLIC_URL = COPY
    sentence = f"Emails are on hold: they last left from {LIVE}, and this register is {COPY}."

    call_command("tick")
    assert sink.count() == 1
    assert any(sentence in problem for problem in client.get("/health").json()["problems"])
    desk = officer_client()
    for address in ("/council", "/council/health", "/council/messages"):
        assert sentence in page(desk.get(address))
    with pytest.raises(CommandError, match="Emails are on hold"):
        call_command("send_test_mail", "edna@council.example")

    desk.post("/council/messages/release-place")
    assert "on hold" not in page(desk.get("/council/messages"))
    act = Act.objects.latest("number")
    assert (act.verb, act.person.name) == ("mail.release", "Dev")
    outbox.drain()
    assert f"Dev agreed that emails leave from {COPY}" in {str(e["Subject"]) for e in sink.emails()}
    assert not Message.objects.filter(state="queued").exists()


def test_register_that_stays_where_it_is_holds_nothing(live, sink, client):
    outbox.drain()
    assert sink.count() == 2
    assert SendingPlace.objects.count() == 1
    assert "on hold" not in client.get("/health").text


def test_new_ledger_holds_emails_that_may_have_been_sent(
    live, sink, django_capture_on_commit_callbacks
):
    ledger.ledger_path().unlink()
    with django_capture_on_commit_callbacks(execute=True):
        call_command("begin_new_ledger", yes=True)
    assert outbox.drain() == 0
    assert "has begun a new ledger" in page(officer_client().get("/council/messages"))
    email_brake.release_place(by=factories.officer())
    outbox.drain()
    assert sink.emails()[1]["Subject"] == "A question"


def test_demonstration_on_another_port_holds_nothing(live, sink):
    live.SENDS_REAL_EMAIL = False
    live.PUBLIC_URL = "http://localhost:8001"
    assert outbox.drain() == 1


def test_nobody_without_the_permission_releases_emails(live):
    live.PUBLIC_URL = COPY
    with pytest.raises(NotAllowedError):
        email_brake.release_place(by=factories.asha())
    assert outbox.drain() == 0
