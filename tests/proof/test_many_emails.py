"""Many emails: one that cannot be written, the brake, slow and unreliable servers, and races."""

import asyncio
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connections

from charter.actions import email_brake
from charter.mail import outbox, smtp
from charter.models import Membership, Message, MessageAttempt
from charter.workflow import MessageState
from registry import clock
from reporting.reminders import sending as reminder_sending
from tests import factories
from tests.conftest import Sink
from tests.reporting import scenarios
from tests.reporting.scenarios import on

MONDAY = datetime(2027, 3, 1, 10, tzinfo=UTC)
MAY_26 = date(2026, 5, 26)


class UnreliableSink(Sink):
    """Defers a share of the emails, and delays each."""

    chance = random.Random(19)
    deferred_share, seconds = 0.0, 0.0

    async def handle_DATA(self, server, session, envelope):
        await asyncio.sleep(self.seconds)
        if self.chance.random() < self.deferred_share:
            return "451 4.3.0 Not now"
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture
def sink(tmp_path, settings):
    sink = UnreliableSink(tmp_path / "mail")
    with sink.listening():
        settings.EMAIL_URL = f"smtp://127.0.0.1:{sink.port}"
        yield sink


def queue(emails):
    for number in range(emails):
        outbox.queue(
            kind="returned",
            key=f"returned:{number}",
            recipient=f"person-{number}@example.org",
            subject="Please look at it again",
            text="The council has sent words back.",
        )


def drain_all():
    while outbox.drain():
        pass


def states():
    return Counter(Message.objects.values_list("state", flat=True))


@pytest.mark.django_db(transaction=True)
def test_brake_holds_10_000_emails_and_a_broken_one_stops_no_other(sink):
    with clock.fixed_at(MONDAY):
        dev = factories.officer()
        Message.objects.all().delete()
        queue(10_000)
        Message.objects.filter(key="returned:20").update(subject="Please\r\nBcc: a@example.org")
        drain_all()
        assert sink.count() == 50
        assert outbox.drain() == 0
        email_brake.release_brake(by=dev)
        drain_all()
    assert states() == {MessageState.SENT: 9_999, MessageState.FAILED: 1}
    assert Message.objects.get(key="returned:20").last_code
    assert Counter(email["To"] for email in sink.emails()).most_common(1)[0][1] == 1
    assert sink.count() == 9_999


@pytest.mark.django_db(transaction=True)
def test_server_that_defers_3_emails_in_10_gets_each_of_2000_once(sink, settings):
    sink.deferred_share = 0.3
    with clock.fixed_at(MONDAY):
        queue(2_000)
    for hour in range(100):
        with clock.fixed_at(MONDAY + timedelta(hours=hour)):
            hand_over_due()
    assert states() == {MessageState.SENT: 2_000}
    assert sink.count() == len({email["To"] for email in sink.emails()}) == 2_000
    assert MessageAttempt.objects.filter(outcome="deferred").count() > 600


@pytest.mark.django_db(transaction=True)
def test_server_that_accepts_slowly_is_waited_for(sink):
    assert smtp.AFTER_DOT_SECONDS == 600
    sink.seconds = 295  # The sink itself gives up at 300.
    with clock.fixed_at(MONDAY):
        queue(1)
        with ThreadPoolExecutor(1) as other:
            slow = other.submit(drain_at, MONDAY)
            time.sleep(5)
            assert outbox.drain() == 0
            assert outbox.sweep_leases() == 0
            assert slow.result()[1] == 1
            other.submit(connections.close_all).result()
    assert states() == {MessageState.SENT: 1}
    assert sink.count() == 1


def hand_over_due():
    """Hand over all due emails without the daily limit; return the number the server took."""
    server = smtp.MailServer(settings.EMAIL_URL)
    try:
        replies = iter(lambda: outbox.hand_over_next(server), None)
        return sum(reply.was_accepted for reply in replies)
    finally:
        server.close()


def drain_at(moment, after=0.0):
    """Hand over due emails after so many seconds; return the start time and their number."""
    time.sleep(after)
    began = time.monotonic()
    with clock.fixed_at(moment):
        return began, hand_over_due()


@pytest.mark.django_db(transaction=True)
def test_email_cancelled_before_its_claim_is_never_sent_in_1000_races(sink, capsys):
    chance = random.Random(28)
    scenarios.commitment()
    with on(MAY_26):
        reminder_sending.send_due_reminders(clock.now())
    [message] = Message.objects.filter(kind="reminder")
    noon = clock.end_of_day(MAY_26) - timedelta(hours=12)
    member = Membership.objects.filter(pk=message.reminders.get().membership_id)
    cancellations = [
        {"ended_on": MAY_26},
        {"bounced_at": noon},
        {"nudges_stopped": True},
        {"nudges_paused_until": MAY_26},
    ]
    outcomes = Counter()
    with ThreadPoolExecutor(1) as other:
        for number in range(1_000):
            # Rebuild the initial state: no transition of a message leads back to it.
            message.pk, message.key = None, f"reminder:race:{number}"
            message.state, message.attempt, message.lease_until = MessageState.QUEUED, 0, None
            message.finished_at, message.last_code = None, ""
            message.save()
            reminder_sending.Reminder.objects.update(message=message)
            member.update(ended_on=None, bounced_at=None, nudges_stopped=False)
            member.update(nudges_paused_until=None)
            sending = other.submit(drain_at, noon, chance.uniform(0, 0.01))
            time.sleep(chance.uniform(0, 0.1))
            member.update(**chance.choice(cancellations))
            cancelled_at = time.monotonic()
            began, sent = sending.result()
            assert not sent or began < cancelled_at, "it was sent although it was off before"
            message.refresh_from_db()
            assert message.state == (MessageState.SENT if sent else MessageState.CANCELLED)
            outcomes[message.state] += 1
        other.submit(connections.close_all).result()
    assert min(outcomes.values()) > 50
    with capsys.disabled():
        print(f"\n1,000 races: {dict(outcomes)}")
