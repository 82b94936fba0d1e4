"""The council sees what was sent, and decides what only a person can."""

from datetime import date

import pytest

from charter import outbox
from charter.models import Message
from charter.workflow import MessageState
from tests import factories
from tests.reporting.stories import on
from tests.visitors import at_the_desk
from tests.visitors import page as read

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)


def test_doubts_come_first_and_a_person_decides_them():
    factories.charter()
    factories.officer()
    Message.objects.all().delete()
    with on(DUE):
        written = {"subject": "A question", "text": "…", "recipient": "asha@brookfield.example"}
        factories.signatory(contact_email="asha@brookfield.example")
        doubt = Message.objects.get(kind="invitation")
        outbox.claim()
        outbox.queue(kind="returned", key="returned:1", **written)
        outbox.settle(
            Message.objects.get(pk=doubt.pk), outbox.Answer("after_dot", 0, "Connection lost")
        )
        client = at_the_desk()
        page = read(client.get("/council/messages"))
        assert page.index("In doubt") < page.index("<strong>Queued")
        client.post(f"/council/messages/{doubt.pk}/sent")
        assert client.post(f"/council/messages/{doubt.pk}/again").status_code == 404
    doubt.refresh_from_db()
    assert doubt.state == MessageState.SENT


def test_the_brake_is_released_by_a_button(settings):
    settings.MAIL_DAY_LIMIT = 0
    factories.charter()
    with on(DUE):
        client = at_the_desk()
        assert "The brake is on" in read(client.get("/council/messages"))
        page = read(client.post("/council/messages/release", follow=True))
    assert "The brake is released for today" in page
    assert "The brake is on" not in page
