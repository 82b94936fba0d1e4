"""Refusals that are our own fault stop all email, and are held against nobody."""

from datetime import UTC, datetime, timedelta

import pytest

from charter.mail import outbox, second_looks, sending_stops
from charter.mail.smtp import Phase, ServerReply
from charter.models import Membership, Message, Refusal, RefusedAddress, SendingStop
from charter.workflow import MessageState
from registry import clock
from registry.models import Entry
from tests import factories
from tests.visitors import officer_client, page

pytestmark = pytest.mark.django_db
MONDAY = datetime(2027, 3, 1, 18, tzinfo=UTC)
ACCEPTED = ServerReply(Phase.AFTER_DOT, 250, "OK")


class Server:
    """A mail server that answers what a function says of each email."""

    def __init__(self, answer):
        self.answer, self.kinds = answer, []

    def hand_over(self, message):
        self.kinds.append(message.kind)
        return self.answer(message)

    def close(self):
        pass


@pytest.fixture(autouse=True)
def evening(monkeypatch):
    """Return a function that drains the outbox through a server with these answers."""
    factories.administrator()
    factories.asha()
    Message.objects.all().delete()

    def drain(answer, limit=1000):
        server = Server(answer)
        monkeypatch.setattr(outbox, "MailServer", lambda url: server)
        outbox.drain(limit)
        return server

    monkeypatch.setattr("charter.mail.budgets.batch_size", lambda most: most)
    with clock.fixed_at(MONDAY):
        yield drain


def queue_many(count, *, domains=50):
    already = Message.objects.count()
    for number in range(already, already + count):
        outbox.queue(
            kind="returned",
            key=f"returned:C-7F3K2:{number}",
            recipient=f"person{number}@firm{number % domains}.example",
            subject="A question",
            text="Which college?",
        )


OUR_FAULTS = [
    ServerReply(Phase.RCPT, 550, "relay not permitted!"),
    ServerReply(Phase.RCPT, 550, "5.4.5 Daily user sending limit exceeded"),
    ServerReply(Phase.RCPT, 450, "4.7.1 quota exceeded"),
    ServerReply(Phase.MAIL, 550, "5.1.1 User unknown"),
    ServerReply(Phase.AFTER_DOT, 554, "5.7.1 Your host is on our block list"),
    ServerReply(Phase.RCPT, 554, "5.7.1 refused"),
]


@pytest.mark.parametrize("reply", OUR_FAULTS, ids=str)
def test_an_evening_of_our_own_refusals_stops_and_publishes_nothing(reply, evening, client):
    entries = Entry.objects.count()
    queue_many(300 if reply is OUR_FAULTS[0] else 9)
    server = evening(lambda message: ACCEPTED if message.kind == "administrators" else reply)
    # Three refusals are enough; the administrators are written to at once.
    assert server.kinds == ["returned"] * 3 + ["administrators"]
    with clock.fixed_at(MONDAY + timedelta(minutes=5)):
        assert evening(lambda message: reply).kinds == []
    assert not Membership.objects.exclude(bounced_at=None).exists()
    assert not RefusedAddress.objects.exists()
    assert Entry.objects.count() == entries
    [sentence] = sending_stops.find_problems()
    assert "3 of the 3 emails" in sentence
    assert reply.text in sentence
    # Red on every page of the council and on /health, whether or not the email gets through.
    assert sentence in page(officer_client().get("/council"))
    assert sentence in client.get("/health").json()["problems"]


def test_alarm_is_tried_again_until_it_gets_through(evening):
    queue_many(20)
    relay = ServerReply(Phase.RCPT, 550, "relay not permitted!")
    assert evening(lambda message: relay).kinds.count("administrators") == 1
    with clock.fixed_at(MONDAY + timedelta(minutes=3)):
        assert evening(lambda message: ACCEPTED).kinds == ["administrators"]


def test_person_starts_sending_again_and_refused_emails_go_out(evening):
    queue_many(20)
    evening(lambda message: ServerReply(Phase.RCPT, 550, "relay not permitted!"))
    council = officer_client()
    assert "Start sending again" in page(council.get("/council/messages"))
    council.post("/council/messages/resume")
    assert SendingStop.objects.get().ended_by == factories.officer()
    with clock.fixed_at(MONDAY + timedelta(minutes=10)):
        evening(lambda message: ACCEPTED)
    assert Message.objects.filter(kind="returned", state=MessageState.SENT).count() == 20
    assert sending_stops.find_problems() == []


def test_old_list_with_a_third_of_dead_addresses_does_not_stop_sending(evening):
    entries = Entry.objects.count()
    queue_many(341)

    def answer(message):
        number = int(message.recipient.partition("@")[0].removeprefix("person") or 0)
        dead = ServerReply(Phase.RCPT, 550, "5.1.1 No such mailbox")
        return dead if number % 3 == 0 else ACCEPTED

    server = evening(answer)
    assert len(server.kinds) == 341
    assert sending_stops.find_problems() == []
    assert RefusedAddress.objects.count() == 114
    assert Entry.objects.count() == entries
    with clock.fixed_at(MONDAY + timedelta(days=1)):
        assert second_looks.send_second_looks(clock.now()) == 114


def test_few_refusals_or_of_few_domains_do_not_stop_sending(evening):
    policy = ServerReply(Phase.RCPT, 550, "5.7.1 refused")
    queue_many(30, domains=2)
    evening(lambda message: policy)
    assert sending_stops.find_problems() == []
    with clock.fixed_at(MONDAY + timedelta(hours=2)):
        queue_many(40, domains=40)
        count = iter(range(100))
        evening(lambda message: policy if next(count) % 6 == 5 else ACCEPTED)
        assert sending_stops.find_problems() == []


def test_refusals_that_a_person_looked_at_or_of_hours_ago_do_not_count_again(evening):
    queue_many(3)
    evening(lambda message: OUR_FAULTS[0])
    officer_client().post("/council/messages/resume")
    for minutes, count in ((30, 2), (100, 1)):
        first = Message.objects.latest("pk").pk
        queue_many(count)
        with clock.fixed_at(MONDAY + timedelta(minutes=minutes)):
            evening(lambda message, first=first: OUR_FAULTS[0] if message.pk > first else ACCEPTED)
            assert sending_stops.find_problems() == []
    assert Refusal.objects.count() > 5


def test_emails_accepted_hours_ago_do_not_hide_that_one_in_five_is_refused(evening):
    queue_many(45)
    with clock.fixed_at(MONDAY - timedelta(hours=2)):
        evening(lambda message: ACCEPTED, 30)
    evening(lambda message: ACCEPTED, 12)
    evening(lambda message: OUR_FAULTS[0])
    [sentence] = sending_stops.find_problems()
    assert "3 of the 15 emails of an hour" in sentence
