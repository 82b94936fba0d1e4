"""The council's list of emails, and the decisions that need a person."""

from datetime import date

import pytest

from charter.mail import outbox
from charter.models import Message
from charter.workflow import MessageState
from reporting.views.messages import STATE_MEANINGS
from tests import factories
from tests.reporting.scenarios import on
from tests.visitors import officer_client
from tests.visitors import page as read

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)


def test_emails_in_doubt_come_first_and_an_officer_decides_them():
    factories.charter()
    factories.officer()
    Message.objects.all().delete()
    with on(DUE):
        fields = {"subject": "A question", "text": "…", "recipient": "asha@brookfield.example"}
        factories.signatory(contact_email="asha@brookfield.example")
        message = Message.objects.get(kind="invitation")
        outbox.claim()
        outbox.queue(kind="returned", key="returned:1", **fields)
        outbox.record_result(
            Message.objects.get(pk=message.pk),
            outbox.ServerReply("after_dot", 0, "Connection lost"),
        )
        client = officer_client()
        page = read(client.get("/council/messages"))
        assert page.index("Delivery uncertain") < page.index("<strong>Queued")
        client.post(f"/council/messages/{message.pk}/sent")
        assert client.post(f"/council/messages/{message.pk}/again").status_code == 404
    message.refresh_from_db()
    assert message.state == MessageState.SENT


def test_officer_releases_the_brake(settings):
    settings.MAIL_DAY_LIMIT = 0
    factories.charter()
    with on(DUE):
        client = officer_client()
        assert "Sending is on hold" in read(client.get("/council/messages"))
        page = read(client.post("/council/messages/release", follow=True))
    assert "The brake is released for today" in page
    assert "Sending is on hold" not in page


def queue_message(kind, number, **changes):
    fields = {"subject": f"{kind} {number}", "text": "…", "recipient": "asha@brookfield.example"}
    message = outbox.queue(kind=kind, key=f"{kind}:{number}", **fields)
    Message.objects.filter(pk=message.pk).update(state="sending", lease_until="2026-06-01T10:00Z")
    Message.objects.filter(pk=message.pk).update(lease_until=None, **changes)


def test_states_are_explained_and_unsent_emails_have_reasons():
    factories.charter()
    for number in (1, 2):
        queue_message("reminder", number, state="cancelled", last_code="The update was received")
    queue_message("receipt", 3, state="sent", last_code="250 Kept")
    page = read(officer_client().get("/council/messages"))
    assert "2 cancelled" in page
    assert "they were no longer needed" in page
    assert "2: The update was received" in page
    assert "The mail server took them." in page
    assert "250 Kept" not in page


def test_list_can_be_filtered_by_state_and_kind():
    factories.charter()
    queue_message("reminder", 1, state="cancelled", last_code="The update was received")
    queue_message("receipt", 2, state="sent")
    client = officer_client()
    page = read(client.get("/council/messages?state=cancelled&kind=reminder"))
    assert '<option value="reminder" selected>Reminders</option>' in page
    assert "reminder 1" in page
    assert "receipt 2" not in page
    assert "1 message found." in page
    assert "receipt 2" in read(client.get("/council/messages?state=nonsense"))


def test_every_state_has_a_meaning():
    assert set(STATE_MEANINGS) == set(MessageState)
