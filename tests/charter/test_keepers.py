"""A keeper gets the signed head of the log by email every week, and can paste it into Verify."""

import re
from urllib.parse import urlencode

import pytest
from django.test import Client

from charter.actions import following, keepers
from charter.mail import outbox
from charter.models import Follower, Message
from charter.workflow import MessageState
from registry import clock
from registry.log import publishing
from tests.charter.test_following import OURS, body_text, follow, link_path, on, request
from tests.registry import items
from tests.registry.public_pages import read

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def register():
    with on(-30):
        publishing.publish(items.small_register())


def queue_heads() -> int:
    return keepers.queue_heads(clock.now())


def test_keeper_signs_up_gets_the_head_weekly_and_stops(sink):
    with on(0):
        assert 'href="/follow?about=head"' in Client().get("/verify").text
        assert (
            "You get one email a week with the signed head."
            in Client().get("/follow?about=head").text
        )
        request("head")
        confirmation = Message.objects.get()
        assert "send this every week to this address:\n    The head of the log" in confirmation.text
        assert queue_heads() == 0
        page = Client().post(link_path(confirmation, "confirm"), **OURS)
        assert "You will get the signed head within the hour, and then once a week." in page.text
        assert [queue_heads(), queue_heads()] == [1, 0]
    with on(6):
        assert queue_heads() == 0
    with on(7):
        publishing.publish([items.commitment(action="confirm")])
        assert queue_heads() == 1
        outbox.drain()
    head = publishing.head()
    email = sink.emails()[-1]
    assert email["Subject"] == f"The head of the log: entry {head.number}"
    for kind in ("plain", "html"):
        text = re.sub("<[^>]+>", " ", body_text(email, kind))
        answer = read(Client(), f"/verify?{urlencode({'head': text})}")
        assert f"Yes, this head is part of today’s log: it is entry {head.number} of" in answer
        assert "The register signed this head" in answer
    stop = email["List-Unsubscribe"].strip("<>").replace("http://localhost:8000", "")
    assert "The head of the log" in Client().get(stop).text
    Client().post(stop, {"List-Unsubscribe": "One-Click"})
    assert not Follower.objects.exists()
    with on(20):
        assert queue_heads() == 0


def test_head_waits_for_no_one_who_stopped():
    with on(0):
        stop = follow("head")
        assert queue_heads() == 1
        Client().post(stop, **OURS)
        outbox.drain()
    message = Message.objects.get(kind="head")
    assert message.state == MessageState.CANCELLED
    assert message.text == ""


def test_changes_are_not_emailed_to_keepers():
    with on(0):
        follow("head")
        publishing.publish([items.commitment(action="amend", title="Less", change_reason="Cuts.")])
    with on(1):
        assert following.queue_daily_emails(clock.now()) == 0
    assert Client().get("/badges/head.svg").status_code == 404
