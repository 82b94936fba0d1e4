"""Email from the database to a real mail server, whatever that server does."""

import errno
import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from charter.errors import AddressError, NotAllowedError
from charter.mail import budgets, kinds, outbox
from charter.models import Membership, Message
from charter.workflow import MessageState
from registry import clock
from registry.log import ledger
from registry.models import Record
from tests import factories
from tests.conftest import Sink

MONDAY = datetime(2027, 3, 1, 10, tzinfo=UTC)
DROP = "drop the line"


class MoodySink(Sink):
    """A mail server that answers as a test tells it to."""

    to_rcpt = ""
    to_data = ""

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.to_rcpt == DROP:
            server.transport.abort()
        elif self.to_rcpt:
            return self.to_rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.to_data and self.to_data != DROP:
            return self.to_data
        kept = await super().handle_DATA(server, session, envelope)
        if self.to_data == DROP:
            server.transport.abort()
        return kept


@pytest.fixture
def sink(tmp_path, settings):
    sink = MoodySink(tmp_path / "mail")
    with sink.listening():
        settings.EMAIL_URL = f"smtp://127.0.0.1:{sink.port}"
        yield sink


@pytest.fixture(autouse=True)
def now():
    with clock.fixed_at(MONDAY):
        yield MONDAY


@pytest.fixture(autouse=True)
def no_run_ends_by_the_machine_being_slow(monkeypatch):
    monkeypatch.setattr(outbox, "RUN_SECONDS", 600)


def later(**interval):
    return clock.fixed_at(clock.now() + timedelta(**interval))


def queued(key="returned:C-7F3K2:1", recipient="asha@brookfield.example", **fields):
    described = {"kind": "returned", "subject": "A question", "text": "Which college?\n"}
    return outbox.queue(key=key, recipient=recipient, **described | fields)


def state_of(message):
    message.refresh_from_db()
    return message.state


def words(email, kind="plain"):
    return email.get_body((kind,)).get_content().replace("\r\n", "\n")


@pytest.mark.django_db
class TestHandingOver:
    def test_an_email_arrives_with_words_reply_address_and_a_fixed_identity(self, sink, settings):
        message = queued(html="<p>Which college?</p>")

        assert outbox.drain() == 1

        [email] = sink.emails()
        assert email["X-Envelope-To"] == "asha@brookfield.example"
        assert email["To"] == "asha@brookfield.example"
        assert email["Reply-To"] == settings.REPLY_ADDRESS
        assert email["Subject"] == "A question"
        assert email["Message-ID"] == message.message_id == outbox.message_id(message.key)
        assert words(email) == "Which college?\n"
        assert words(email, "html").strip() == "<p>Which college?</p>"
        assert state_of(message) == MessageState.SENT
        assert message.finished_at == MONDAY

    def test_the_same_key_is_one_email(self, sink):
        assert queued(text="First") == queued(text="Second")
        outbox.drain()
        outbox.drain()
        assert [words(email) for email in sink.emails()] == ["First\n"]

    def test_an_email_waits_for_its_time(self, sink):
        queued(not_before=MONDAY + timedelta(hours=1))
        assert outbox.drain() == 0
        with later(hours=1):
            assert outbox.drain() == 1

    def test_an_email_whose_time_has_passed_expires(self, sink):
        message = queued(expires_at=MONDAY + timedelta(days=1))
        with later(days=2):
            assert outbox.drain() == 0
        assert state_of(message) == MessageState.EXPIRED

    def test_lines_that_begin_with_a_dot_arrive_whole(self, sink):
        queued(text="One\n.\n.. two\nä three\n")
        outbox.drain()
        [email] = sink.emails()
        assert words(email) == "One\n.\n.. two\nä three\n"

    def test_the_ledger_outside_the_database_remembers_what_was_sent_and_no_address(self, sink):
        message = queued()
        outbox.drain()
        [line] = [json.loads(text) for text in ledger.ledger_path().read_text().splitlines()]
        assert line == {
            "what": "sent",
            "key": message.key,
            "message_id": message.message_id,
            "at": "2027-03-01T10:00:00+00:00",
        }

    def test_nothing_is_sent_while_the_ledger_has_no_room_to_remember_it(self, sink, monkeypatch):
        message = queued()
        with monkeypatch.context() as full:
            full.setattr(ledger, "RESERVE", 10**18)
            with pytest.raises(OSError, match="The disk of the ledger is full"):
                outbox.drain()
        assert state_of(message) == MessageState.QUEUED
        assert outbox.drain() == 1

    def test_a_ledger_that_breaks_brings_no_second_copy(self, sink, monkeypatch):
        def full(number):
            raise OSError(errno.ENOSPC, "No space left on device")

        message = queued()
        with monkeypatch.context() as broken:
            broken.setattr(ledger.os, "fsync", full)
            outbox.drain()
        assert state_of(message) == MessageState.SENT
        assert len(sink.emails()) == 1

    def test_a_one_time_link_is_forgotten_once_it_is_sent(self, sink):
        message = queued(key="confirmation:1", kind="confirmation", text="https://…/confirm/secret")
        outbox.drain()
        message.refresh_from_db()
        assert (message.text, message.html) == ("", "")
        assert "secret" in words(sink.emails()[0])

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
    def test_nothing_can_be_smuggled_into_the_headers(self, field, value):
        with pytest.raises(AddressError):
            queued(**{field: value})
        assert not Message.objects.exists()


@pytest.mark.django_db
class TestTrouble:
    def test_a_passing_refusal_is_tried_again_later_and_later(self, sink):
        sink.to_data = "451 4.3.0 Try again"
        message = queued()
        waits = []
        moment = MONDAY
        for _ in range(6):
            with clock.fixed_at(moment):
                outbox.drain()
            assert state_of(message) == MessageState.DEFERRED
            waits.append((message.not_before - moment).total_seconds() / 60)
            moment = message.not_before
        assert waits == [1, 5, 15, 60, 240, 240]

        sink.to_data = ""
        with clock.fixed_at(moment):
            assert outbox.drain() == 1
        assert state_of(message) == MessageState.SENT
        assert [attempt.outcome for attempt in message.attempts.order_by("number")] == [
            "deferred"
        ] * 6 + ["sent"]

    def test_trying_ends_when_the_email_would_be_out_of_date(self, sink):
        sink.to_data = "451 4.3.0 Try again"
        message = queued(expires_at=MONDAY + timedelta(seconds=30))
        outbox.drain()
        assert state_of(message) == MessageState.EXPIRED
        assert message.last_code == "451 4.3.0 Try again"

    def test_a_server_that_is_away_costs_one_message_one_attempt(self, sink, settings):
        settings.EMAIL_URL = "smtp://127.0.0.1:1"
        first, second = queued(key="returned:1"), queued(key="returned:2")
        assert outbox.drain() == 0
        assert state_of(first) == MessageState.DEFERRED
        assert state_of(second) == MessageState.QUEUED

    @pytest.mark.parametrize("code", ["421 4.3.2 Going down", "535 5.7.8 Sign in first"])
    def test_a_server_that_is_unwell_ends_the_run(self, sink, code):
        sink.to_rcpt = code
        first, second = queued(key="returned:1"), queued(key="returned:2")
        outbox.drain()
        assert state_of(first) == MessageState.DEFERRED
        assert state_of(second) == MessageState.QUEUED

    def test_an_email_is_not_handed_over_in_clear_when_encryption_was_asked_for(
        self, sink, settings
    ):
        settings.EMAIL_URL = f"smtp+tls://127.0.0.1:{sink.port}"
        message = queued()
        assert outbox.drain() == 0
        assert state_of(message) == MessageState.DEFERRED
        assert sink.emails() == []

    def test_a_line_cut_before_the_final_dot_is_surely_not_accepted(self, sink):
        sink.to_rcpt = DROP
        message = queued()
        outbox.drain()
        assert state_of(message) == MessageState.DEFERRED
        assert message.doubts == 0
        assert message.attempts.get().phase == "rcpt"

    def test_refused_words_fail_and_the_mailbox_stays_good(self, sink):
        factories.asha()
        message = queued()
        sink.to_data = "554 5.7.1 Looks like spam"
        Message.objects.exclude(pk=message.pk).delete()
        outbox.drain()
        assert state_of(message) == MessageState.FAILED
        assert not Membership.objects.exclude(bounced_at=None).exists()

    def test_a_policy_against_us_is_not_the_mailbox(self, sink):
        factories.asha()
        Message.objects.all().delete()
        message = queued()
        sink.to_rcpt = "554 5.7.1 Relay access denied"
        outbox.drain()
        assert state_of(message) == MessageState.FAILED
        assert not Membership.objects.exclude(bounced_at=None).exists()

    def test_a_check_that_breaks_ends_one_message_and_not_the_queue(self, sink, monkeypatch):
        monkeypatch.setitem(kinds.MESSAGE_RULES, "test", kinds.MessageRule(check="operator.index"))
        broken = queued(key="test:1", kind="test")
        good = queued(key="returned:2")
        assert outbox.drain() == 1
        assert state_of(broken) == MessageState.FAILED
        assert state_of(good) == MessageState.SENT


@pytest.mark.django_db
class TestBounces:
    def test_a_mailbox_that_does_not_exist_is_tried_once_and_noted(self, sink):
        asha = factories.asha()
        factories.ben()
        Message.objects.all().delete()
        message = queued()
        sink.to_rcpt = "550 5.1.1 No such user"
        outbox.drain()
        outbox.drain()
        assert state_of(message) == MessageState.BOUNCED
        assert message.attempts.count() == 1
        assert asha.memberships.get().bounced_at == MONDAY
        # Ben can still be reached, so the public reads nothing of it.
        assert "unreachable_since" not in Record.objects.get(kind="signatory").item

    def test_the_last_mailbox_that_dies_makes_the_signatory_unreachable_in_public(self, sink):
        factories.asha()
        Message.objects.all().delete()
        queued()
        sink.to_rcpt = "550 5.1.1 No such user"
        outbox.drain()
        assert Record.objects.get(kind="signatory").item["unreachable_since"] == "2027-03-01"


@pytest.mark.django_db
class TestDoubt:
    def test_an_email_cut_off_after_the_dot_is_sent_once_more_with_the_same_identity(self, sink):
        message = queued()
        sink.to_data = DROP
        outbox.drain()
        assert state_of(message) == MessageState.QUEUED
        assert message.doubts == 1
        sink.to_data = ""
        outbox.drain()
        assert state_of(message) == MessageState.SENT
        first, second = sink.emails()
        assert first["Message-ID"] == second["Message-ID"]
        assert [a.phase for a in message.attempts.order_by("number")] == ["after_dot"] * 2

    def test_the_second_doubt_waits_for_a_person(self, sink):
        message = queued()
        sink.to_data = DROP
        for _ in range(4):
            outbox.drain()
        assert state_of(message) == MessageState.IN_DOUBT
        assert len(sink.emails()) == 2

    def test_a_one_time_link_in_doubt_is_never_repeated_by_itself(self, sink):
        message = queued(key="confirmation:1", kind="confirmation")
        sink.to_data = DROP
        outbox.drain()
        outbox.drain()
        assert state_of(message) == MessageState.IN_DOUBT
        assert len(sink.emails()) == 1

    def test_a_person_sends_it_again_or_takes_it_as_sent(self, sink):
        dev = factories.officer()
        Message.objects.all().delete()
        sink.to_data = DROP
        again = queued(key="confirmation:1", kind="confirmation")
        arrived = queued(key="confirmation:2", kind="confirmation")
        outbox.drain()
        outbox.drain()
        sink.to_data = ""
        outbox.send_again(again, by=dev)
        outbox.mark_as_sent(arrived, by=dev)
        outbox.drain()
        assert state_of(again) == state_of(arrived) == MessageState.SENT
        assert len(sink.emails()) == 3

    def test_only_the_council_decides_a_doubt(self, sink):
        asha = factories.asha()
        with pytest.raises(NotAllowedError):
            outbox.send_again(queued(), by=asha)
        with pytest.raises(NotAllowedError):
            budgets.release_brake(by=asha)

    def test_a_worker_killed_in_flight_leaves_a_doubt_when_the_lease_runs_out(self, sink):
        message = queued()
        outbox.claim()
        assert outbox.sweep_leases() == 0
        assert outbox.drain() == 0
        let_the_lease_run_out()
        assert outbox.sweep_leases() == 1
        assert outbox.sweep_leases() == 0
        assert state_of(message) == MessageState.QUEUED
        assert message.doubts == 1
        assert outbox.drain() == 1

    def test_an_answer_after_the_lease_still_counts(self, sink):
        message = queued(key="confirmation:1", kind="confirmation")
        claimed = outbox.claim()
        let_the_lease_run_out()
        outbox.sweep_leases()
        assert state_of(message) == MessageState.IN_DOUBT
        outbox.record_result(claimed, outbox.ServerReply("after_dot", 250, "Kept"))
        assert state_of(message) == MessageState.SENT

    def test_the_database_refuses_moves_that_the_table_does_not_have(self, sink):
        message = queued()
        outbox.drain()
        with pytest.raises(Exception, match="Invalid transition"):
            Message.objects.filter(pk=message.pk).update(state=MessageState.QUEUED)


def let_the_lease_run_out():
    with connection.cursor() as cursor:
        cursor.execute("UPDATE charter_message SET lease_until = now() - interval '1 second'")


@pytest.mark.django_db
class TestBrake:
    def test_an_unusual_volume_stops_until_a_person_agrees(self, sink):
        dev = factories.officer()
        Message.objects.all().delete()
        for number in range(55):
            queued(key=f"returned:{number}")
        assert outbox.drain() == 50
        assert budgets.is_brake_on()
        assert outbox.drain() == 0
        budgets.release_brake(by=dev)
        budgets.release_brake(by=dev)
        assert outbox.drain() == 5

    def test_the_brake_is_three_times_the_largest_of_the_last_days(self, sink):
        for number in range(20):
            queued(key=f"returned:{number}")
        outbox.drain()
        assert budgets.daily_limit(clock.today() + timedelta(days=1)) == 60
        assert budgets.daily_limit(clock.today() + timedelta(days=40)) == 50

    def test_the_council_sets_the_most_that_may_leave_on_a_day(self, sink, settings):
        settings.MAIL_DAY_LIMIT = 2
        for number in range(3):
            queued(key=f"returned:{number}")
        assert outbox.drain() == 2
        with later(days=1):
            assert outbox.drain() == 1

    def test_what_came_back_or_may_have_arrived_counts_as_well(self, sink, settings):
        settings.MAIL_DAY_LIMIT = 3
        for number in range(5):
            queued(key=f"confirmation:{number}", kind="confirmation")
        sink.to_rcpt = DROP
        outbox.drain(limit=1)
        sink.to_rcpt = "550 5.1.1 Nobody here"
        outbox.drain(limit=1)
        sink.to_rcpt = ""
        sink.to_data = DROP
        outbox.drain(limit=1)
        sink.to_data = ""
        assert outbox.drain(limit=1) == 1
        Message.objects.filter(state=MessageState.SENT).update(state=MessageState.BOUNCED)
        assert budgets.is_brake_on()
        assert outbox.drain() == 0

    def test_a_seeded_register_drains_without_the_brake(self, sink, settings):
        settings.MAIL_DAY_LIMIT = 1
        for number in range(3):
            queued(key=f"returned:{number}")
        assert outbox.drain(brake=False) == 3


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_send_each_email_once(sink):
    for number in range(20):
        queued(key=f"returned:{number}", recipient=f"person{number}@brookfield.example")

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
