"""Email goes from the database to a real mail server that may fail in many ways."""

import errno
import hashlib
import json
import operator
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from charter.actions import email_brake
from charter.errors import AddressError, NotAllowedError
from charter.mail import budgets, kinds, outbox, results, second_looks, smtp
from charter.models import Membership, Message, RefusedAddress
from charter.workflow import MessageState
from registry import clock
from registry.log import ledger
from registry.models import Record
from tests import factories
from tests.conftest import Sink

MONDAY = datetime(2027, 3, 1, 10, tzinfo=UTC)
DROP = "drop the line"


class ScriptedSink(Sink):
    """A mail server whose replies a test sets."""

    rcpt_reply = ""
    data_reply = ""
    refused: set[str] = set()
    refusal = "554 5.7.1 Not allowed by our rules"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refused:
            return self.refusal
        if self.rcpt_reply == DROP:
            server.transport.abort()
        elif self.rcpt_reply:
            return self.rcpt_reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.data_reply and self.data_reply != DROP:
            return self.data_reply
        reply = await super().handle_DATA(server, session, envelope)
        if self.data_reply == DROP:
            server.transport.abort()
        return reply


@pytest.fixture
def sink(tmp_path, settings):
    sink = ScriptedSink(tmp_path / "mail")
    with sink.listening():
        settings.EMAIL_URL = f"smtp://127.0.0.1:{sink.port}"
        yield sink


@pytest.fixture(autouse=True)
def fixed_clock():
    with clock.fixed_at(MONDAY):
        yield MONDAY


@pytest.fixture(autouse=True)
def no_time_limit(monkeypatch):
    monkeypatch.setattr(outbox, "RUN_SECONDS", 600)


def advance_clock(**interval):
    return clock.fixed_at(clock.now() + timedelta(**interval))


def queue_message(key="returned:C-7F3K2:1", recipient="asha@brookfield.example", **fields):
    defaults = {"kind": "returned", "subject": "A question", "text": "Which college?\n"}
    return outbox.queue(key=key, recipient=recipient, **defaults | fields)


def state_of(message):
    message.refresh_from_db()
    return message.state


def body_text(email, kind="plain"):
    return email.get_body((kind,)).get_content().replace("\r\n", "\n")


@pytest.mark.django_db
class TestDelivery:
    def test_email_arrives_with_text_reply_address_and_fixed_id(self, sink, settings):
        message = queue_message(html="<p>Which college?</p>")

        assert outbox.drain() == 1

        [email] = sink.emails()
        assert email["X-Envelope-To"] == "asha@brookfield.example"
        assert email["To"] == "asha@brookfield.example"
        assert email["Reply-To"] == settings.REPLY_ADDRESS
        assert email["Subject"] == "A question"
        assert email["Message-ID"] == message.message_id
        assert body_text(email) == "Which college?\n"
        assert body_text(email, "html").strip() == "<p>Which college?</p>"
        assert state_of(message) == MessageState.SENT
        assert message.finished_at == MONDAY

    def test_same_key_is_sent_once(self, sink):
        assert queue_message(text="First") == queue_message(text="Second")
        outbox.drain()
        outbox.drain()
        assert [body_text(email) for email in sink.emails()] == ["First\n"]

    def test_email_waits_for_its_time(self, sink):
        queue_message(not_before=MONDAY + timedelta(hours=1))
        assert outbox.drain() == 0
        with advance_clock(hours=1):
            assert outbox.drain() == 1

    def test_email_past_its_time_expires(self, sink):
        message = queue_message(expires_at=MONDAY + timedelta(days=1))
        with advance_clock(days=2):
            assert outbox.drain() == 0
        assert state_of(message) == MessageState.EXPIRED

    def test_lines_that_begin_with_a_dot_arrive_unchanged(self, sink):
        queue_message(text="One\n.\n.. two\nä three\n")
        outbox.drain()
        [email] = sink.emails()
        assert body_text(email) == "One\n.\n.. two\nä three\n"

    def test_ledger_records_sent_emails_without_addresses(self, sink):
        message = queue_message()
        outbox.drain()
        first, sent = ledger.ledger_path().read_bytes().splitlines()
        assert json.loads(sent) == {
            "what": "sent",
            "previous": hashlib.sha256(first).hexdigest(),
            "key": message.key,
            "message_id": message.message_id,
            "at": "2027-03-01T10:00:00+00:00",
        }

    def test_nothing_is_sent_while_the_ledgers_disk_is_full(self, sink, monkeypatch):
        message = queue_message()
        with monkeypatch.context() as patch:
            patch.setattr(ledger, "RESERVE", 10**18)
            with pytest.raises(OSError, match="The disk of the ledger is full"):
                outbox.drain()
        assert state_of(message) == MessageState.QUEUED
        assert outbox.drain() == 1

    def test_failing_ledger_causes_no_second_copy(self, sink, monkeypatch):
        def fail(number):
            raise OSError(errno.ENOSPC, "No space left on device")

        message = queue_message()
        with monkeypatch.context() as patch:
            patch.setattr(ledger.os, "fsync", fail)
            outbox.drain()
        assert state_of(message) == MessageState.SENT
        assert len(sink.emails()) == 1

    def test_one_time_link_is_deleted_once_sent(self, sink):
        message = queue_message(
            key="confirmation:1", kind="confirmation", text="https://…/confirm/secret"
        )
        outbox.drain()
        message.refresh_from_db()
        assert (message.text, message.html) == ("", "")
        assert "secret" in body_text(sink.emails()[0])

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("subject", "Hello\r\nBcc: all@brookfield.example"),
            ("subject", "Hello\nworld"),
            ("subject", "Hello\x00"),
            ("recipient", "asha@brookfield.example\r\nBcc: all@brookfield.example"),
            ("recipient", "asha@brookfield.example, all@brookfield.example"),
            ("recipient", "<asha@brookfield.example>"),
            ("recipient", "äsha@brookfield.example"),
            ("recipient", "a" * 320 + "@brookfield.example"),
            ("recipient", ""),
        ],
    )
    def test_headers_cannot_be_injected(self, field, value):
        with pytest.raises(AddressError):
            queue_message(**{field: value})
        assert not Message.objects.exists()


@pytest.mark.django_db
class TestFailures:
    def test_temporary_refusal_is_retried_at_growing_intervals(self, sink):
        sink.data_reply = "451 4.3.0 Try again"
        message = queue_message()
        waits = []
        moment = MONDAY
        for _ in range(6):
            with clock.fixed_at(moment):
                outbox.drain()
            assert state_of(message) == MessageState.DEFERRED
            waits.append((message.not_before - moment).total_seconds() / 60)
            moment = message.not_before
        assert waits == [1, 5, 15, 60, 240, 240]

        sink.data_reply = ""
        with clock.fixed_at(moment):
            assert outbox.drain() == 1
        assert state_of(message) == MessageState.SENT
        assert [attempt.outcome for attempt in message.attempts.order_by("number")] == [
            "deferred"
        ] * 6 + ["sent"]

    def test_retries_end_when_the_email_expires(self, sink):
        sink.data_reply = "451 4.3.0 Try again"
        message = queue_message(expires_at=MONDAY + timedelta(seconds=30))
        outbox.drain()
        assert state_of(message) == MessageState.EXPIRED
        assert message.last_code == "451 4.3.0 Try again"

    def test_unavailable_server_costs_one_message_one_attempt(self, sink, settings):
        settings.EMAIL_URL = "smtp://127.0.0.1:1"
        first, second = queue_message(key="returned:1"), queue_message(key="returned:2")
        assert outbox.drain() == 0
        assert state_of(first) == MessageState.DEFERRED
        assert state_of(second) == MessageState.QUEUED

    @pytest.mark.parametrize("code", ["421 4.3.2 Going down", "535 5.7.8 Sign in first"])
    def test_failing_server_ends_the_run(self, sink, code):
        sink.rcpt_reply = code
        first, second = queue_message(key="returned:1"), queue_message(key="returned:2")
        outbox.drain()
        assert state_of(first) == MessageState.DEFERRED
        assert state_of(second) == MessageState.QUEUED

    def test_email_is_not_sent_in_clear_if_encryption_is_required(self, sink, settings):
        settings.EMAIL_URL = f"smtp+tls://127.0.0.1:{sink.port}"
        message = queue_message()
        assert outbox.drain() == 0
        assert state_of(message) == MessageState.DEFERRED
        assert sink.emails() == []

    def test_connection_lost_before_the_final_dot_leaves_no_doubt(self, sink):
        sink.rcpt_reply = DROP
        message = queue_message()
        outbox.drain()
        assert state_of(message) == MessageState.DEFERRED
        assert message.doubts == 0
        assert message.attempts.get().phase == "rcpt"

    def test_refused_content_fails_without_a_bounce(self, sink):
        factories.asha()
        message = queue_message()
        sink.data_reply = "554 5.7.1 Looks like spam"
        Message.objects.exclude(pk=message.pk).delete()
        outbox.drain()
        assert state_of(message) == MessageState.FAILED
        assert not Membership.objects.exclude(bounced_at=None).exists()

    def test_policy_refusal_fails_without_a_bounce(self, sink):
        factories.asha()
        Message.objects.all().delete()
        message = queue_message()
        sink.rcpt_reply = "554 5.7.1 Not allowed by our rules"
        outbox.drain()
        assert state_of(message) == MessageState.FAILED
        assert not RefusedAddress.objects.exists()

    def test_refusal_that_is_our_fault_is_tried_again(self, sink):
        message = queue_message()
        sink.rcpt_reply = "554 5.7.1 Relay access denied"
        outbox.drain()
        assert state_of(message) == MessageState.DEFERRED
        assert not RefusedAddress.objects.exists()

    def test_failing_check_stops_one_message_and_not_the_queue(self, sink, monkeypatch):
        kind = kinds.MessageKind("test", "Tests", cancellation_reason=operator.index)
        monkeypatch.setitem(kinds._kinds, "test", kind)
        broken = queue_message(key="test:1", kind="test")
        good = queue_message(key="returned:2")
        assert outbox.drain() == 1
        assert state_of(broken) == MessageState.FAILED
        assert state_of(good) == MessageState.SENT

    def test_kind_that_is_not_registered_cannot_be_queued(self):
        with pytest.raises(ImproperlyConfigured, match="No kind of email has the code 'recipt'"):
            queue_message(kind="recipt")
        assert not Message.objects.exists()

    def test_kind_of_another_release_fails_without_stopping_the_queue(self, sink):
        unknown = queue_message(key="returned:1")
        Message.objects.update(kind="pigeon")
        good = queue_message(key="returned:2")
        assert outbox.drain() == 1
        assert state_of(unknown) == MessageState.FAILED
        assert unknown.text == ""
        assert state_of(good) == MessageState.SENT


@pytest.mark.django_db
class TestBounces:
    def test_missing_mailbox_is_tried_once_a_day_and_given_up_after_two(self, sink):
        asha = factories.asha()
        factories.ben()
        Message.objects.all().delete()
        message = queue_message()
        sink.rcpt_reply = "550 5.1.1 No such user"
        outbox.drain()
        outbox.drain()
        assert state_of(message) == MessageState.BOUNCED
        assert message.attempts.count() == 1
        assert asha.memberships.get().bounced_at is None
        with advance_clock(days=1):
            second_looks.send_second_looks(clock.now())
            outbox.drain()
            assert asha.memberships.get().bounced_at == clock.now()
        # Ben can still be reached, so nothing changes in public.
        assert "unreachable_since" not in Record.objects.get(kind="signatory").item

    def test_last_bounced_mailbox_makes_the_signatory_unreachable(self, sink):
        factories.asha()
        Message.objects.all().delete()
        queue_message()
        sink.rcpt_reply = "550 No such user"
        outbox.drain()
        with advance_clock(days=1):
            second_looks.send_second_looks(clock.now())
            outbox.drain()
        assert Record.objects.get(kind="signatory").item["unreachable_since"] == "2027-03-02"


@pytest.mark.django_db
class TestUncertainDelivery:
    def test_email_lost_after_the_dot_is_sent_again_with_the_same_id(self, sink):
        message = queue_message()
        sink.data_reply = DROP
        outbox.drain()
        assert state_of(message) == MessageState.QUEUED
        assert message.doubts == 1
        sink.data_reply = ""
        outbox.drain()
        assert state_of(message) == MessageState.SENT
        first, second = sink.emails()
        assert first["Message-ID"] == second["Message-ID"]
        assert [a.phase for a in message.attempts.order_by("number")] == ["after_dot"] * 2

    def test_second_uncertain_attempt_waits_for_a_person(self, sink):
        message = queue_message()
        sink.data_reply = DROP
        for _ in range(4):
            outbox.drain()
        assert state_of(message) == MessageState.IN_DOUBT
        assert len(sink.emails()) == 2

    def test_uncertain_one_time_link_is_not_repeated_automatically(self, sink):
        message = queue_message(key="confirmation:1", kind="confirmation")
        sink.data_reply = DROP
        outbox.drain()
        outbox.drain()
        assert state_of(message) == MessageState.IN_DOUBT
        assert len(sink.emails()) == 1

    def test_officer_sends_uncertain_emails_again_or_marks_them_sent(self, sink):
        dev = factories.officer()
        Message.objects.all().delete()
        sink.data_reply = DROP
        missing = queue_message(key="confirmation:1", kind="confirmation")
        arrived = queue_message(key="confirmation:2", kind="confirmation")
        outbox.drain()
        outbox.drain()
        sink.data_reply = ""
        outbox.send_again(missing, by=dev)
        outbox.mark_as_sent(arrived, by=dev)
        outbox.drain()
        assert state_of(missing) == state_of(arrived) == MessageState.SENT
        assert len(sink.emails()) == 3

    def test_only_the_council_can_decide_on_uncertain_emails(self, sink):
        asha = factories.asha()
        with pytest.raises(NotAllowedError):
            outbox.send_again(queue_message(), by=asha)
        with pytest.raises(NotAllowedError):
            email_brake.release_brake(by=asha)

    def test_killed_workers_email_is_uncertain_once_its_lease_ends(self, sink):
        message = queue_message()
        outbox.claim()
        assert outbox.sweep_leases() == 0
        assert outbox.drain() == 0
        expire_leases()
        assert outbox.sweep_leases() == 1
        assert outbox.sweep_leases() == 0
        assert state_of(message) == MessageState.QUEUED
        assert message.doubts == 1
        assert outbox.drain() == 1

    def test_server_reply_after_the_lease_still_counts(self, sink):
        message = queue_message(key="confirmation:1", kind="confirmation")
        claim = outbox.claim()
        expire_leases()
        outbox.sweep_leases()
        assert state_of(message) == MessageState.IN_DOUBT
        outbox.record_result(claim, outbox.ServerReply("after_dot", 250, "Kept"))
        assert state_of(message) == MessageState.SENT

    @pytest.mark.parametrize(("code", "text"), [(250, "Kept"), (554, "Looks like spam")])
    def test_late_reply_to_the_first_attempt_does_not_end_the_second(self, sink, code, text):
        message = queue_message()
        first = outbox.claim()
        expire_leases()
        outbox.sweep_leases()
        second = outbox.claim()
        assert (first.attempt, second.attempt) == (1, 2)
        outbox.record_result(first, outbox.ServerReply("after_dot", code, text))
        assert state_of(message) == MessageState.SENDING
        assert message.attempts.get(number=2).ended_at is None
        outbox.record_result(second, outbox.ServerReply("after_dot", 451, "Busy"))
        assert state_of(message) == MessageState.DEFERRED
        assert message.last_code == "451 Busy"

    def test_database_refuses_unlisted_moves(self, sink):
        message = queue_message()
        outbox.drain()
        with pytest.raises(Exception, match="Invalid transition"):
            Message.objects.filter(pk=message.pk).update(state=MessageState.QUEUED)


def expire_leases():
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE charter_message SET lease_until = now() - interval '1 second' "
            "WHERE state = 'sending'"
        )


@pytest.mark.django_db
class TestBatches:
    def queue_many(self, count=10, kind="returned"):
        return [
            queue_message(
                key=f"{kind}:{number}", kind=kind, recipient=f"person{number}@example.org"
            )
            for number in range(count)
        ]

    def test_batch_of_emails_costs_two_transactions(self, sink, django_assert_max_num_queries):
        self.queue_many()
        with django_assert_max_num_queries(45):
            assert outbox.drain() == 10

    def test_email_that_may_not_arrive_twice_is_claimed_alone(self, sink):
        self.queue_many(kind="confirmation")
        assert len(outbox.claim_batch(10)) == 1

    def test_email_in_doubt_is_claimed_alone(self, sink):
        self.queue_many(3)
        sink.data_reply = DROP
        outbox.drain(limit=1)
        Message.objects.filter(doubts=1).update(not_before=MONDAY - timedelta(hours=1))
        [doubtful] = outbox.claim_batch(10)
        assert doubtful.doubts == 1
        assert len(outbox.claim_batch(10)) == 2

    def test_worker_killed_between_two_emails_of_a_batch_repeats_none(self, sink, monkeypatch):
        def kill_worker(accepted):
            raise KeyboardInterrupt

        messages = self.queue_many()
        monkeypatch.setattr(outbox, "BATCH", 4)
        with monkeypatch.context() as patch:
            patch.setattr(results, "record_accepted", kill_worker)
            with pytest.raises(KeyboardInterrupt):
                outbox.drain()
        expire_leases()
        assert outbox.sweep_leases() == 4
        outbox.drain()
        assert {state_of(message) for message in messages} == {MessageState.SENT}
        assert len(sink.emails()) == 10
        assert [message.doubts for message in messages] == [1] * 4 + [0] * 6

    def test_refusal_of_one_email_does_not_touch_the_others(self, sink):
        messages = self.queue_many(4)
        sink.refused = {"person1@example.org"}
        assert outbox.drain() == 3
        states = [state_of(message) for message in messages]
        assert states == [MessageState.SENT, MessageState.FAILED, *[MessageState.SENT] * 2]
        assert [message.attempts.get().outcome for message in messages] == states

    def test_server_that_shuts_down_gets_no_more_and_the_rest_is_as_before(self, sink):
        messages = self.queue_many(4)
        sink.refused, sink.refusal = {"person2@example.org"}, "421 4.3.2 Going down"
        assert outbox.drain() == 2
        last = messages[3]
        assert state_of(last) == MessageState.QUEUED
        assert (last.attempt, last.attempts.count(), last.lease_until) == (0, 0, None)
        assert state_of(messages[2]) == MessageState.DEFERRED
        sink.refused = set()
        assert outbox.drain() == 1

    def test_slow_server_gets_no_email_that_ceased_to_be_wanted(self, sink, monkeypatch):
        def hand_over(server, message):
            reasons.append("Not wanted")
            return take(server, message)

        take, reasons = smtp.MailServer.hand_over, [""]
        kind = kinds.MessageKind(
            "test", "Tests", resend=True, cancellation_reason=lambda message: reasons[-1]
        )
        monkeypatch.setitem(kinds._kinds, "test", kind)
        monkeypatch.setattr(smtp.MailServer, "hand_over", hand_over)
        seconds = count(step=0.9)
        monkeypatch.setattr(outbox, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
        messages = self.queue_many(5, kind="test")
        assert outbox.drain() == 3
        assert [state_of(message) for message in messages] == [
            *[MessageState.SENT] * 3,
            *[MessageState.CANCELLED] * 2,
        ]

    def test_follow_up_that_breaks_for_one_email_runs_for_the_others(self, sink, monkeypatch):
        def break_for_one(messages):
            if any(message.key == "test:1" for message in messages):
                raise ZeroDivisionError
            followed.extend(message.key for message in messages)

        followed = []
        kind = kinds.MessageKind("test", "Tests", resend=True, after_hand_over=break_for_one)
        monkeypatch.setitem(kinds._kinds, "test", kind)
        messages = self.queue_many(3, kind="test")
        assert outbox.drain() == 3
        assert followed == ["test:0", "test:2"]
        assert {state_of(message) for message in messages} == {MessageState.SENT}


@pytest.mark.django_db
class TestBrake:
    def test_unusual_volume_stops_until_a_person_agrees(self, sink):
        dev = factories.officer()
        Message.objects.all().delete()
        for number in range(55):
            queue_message(key=f"returned:{number}")
        assert outbox.drain() == 50
        assert budgets.is_brake_on()
        assert outbox.drain() == 0
        email_brake.release_brake(by=dev)
        email_brake.release_brake(by=dev)
        assert outbox.drain() == 5

    def test_daily_limit_is_three_times_the_recent_maximum(self, sink):
        for number in range(20):
            queue_message(key=f"returned:{number}")
        outbox.drain()
        assert budgets.daily_limit(clock.today() + timedelta(days=1)) == 60
        assert budgets.daily_limit(clock.today() + timedelta(days=40)) == 50

    def test_council_can_set_a_maximum_per_day(self, sink, settings):
        settings.MAIL_DAY_LIMIT = 2
        for number in range(3):
            queue_message(key=f"returned:{number}")
        assert outbox.drain() == 2
        with advance_clock(days=1):
            assert outbox.drain() == 1

    def test_bounced_and_uncertain_emails_count_too(self, sink, settings):
        settings.MAIL_DAY_LIMIT = 3
        for number in range(5):
            recipient = f"asha{number}@brookfield.example"
            queue_message(key=f"confirmation:{number}", kind="confirmation", recipient=recipient)
        sink.rcpt_reply = DROP
        outbox.drain(limit=1)
        sink.rcpt_reply = "550 5.1.1 Nobody here"
        outbox.drain(limit=1)
        sink.rcpt_reply = ""
        sink.data_reply = DROP
        outbox.drain(limit=1)
        sink.data_reply = ""
        assert outbox.drain(limit=1) == 1
        Message.objects.filter(state=MessageState.SENT).update(state=MessageState.BOUNCED)
        assert budgets.is_brake_on()
        assert outbox.drain() == 0

    def test_seeded_register_drains_without_the_brake(self, sink, settings):
        settings.MAIL_DAY_LIMIT = 1
        for number in range(3):
            queue_message(key=f"returned:{number}")
        with closing(smtp.MailServer(settings.EMAIL_URL)) as server:
            replies = [outbox.hand_over_next(server) for _ in range(3)]
        assert [reply.was_accepted for reply in replies] == [True] * 3


@pytest.mark.django_db(transaction=True)
def test_four_simultaneous_workers_send_each_email_once(sink):
    for number in range(20):
        queue_message(key=f"returned:{number}", recipient=f"person{number}@brookfield.example")

    def work():
        with clock.fixed_at(MONDAY):
            outbox.drain()
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert len(sink.emails()) == 20
    assert len({email["To"] for email in sink.emails()}) == 20
    assert set(Message.objects.values_list("state", flat=True)) == {MessageState.SENT}
