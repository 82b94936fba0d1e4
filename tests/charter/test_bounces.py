"""Emails returned after the server accepted them."""

import mailbox
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError

from charter.mail import (
    bounces,
    delivery_reports,
    erasing,
    outbox,
    return_addresses,
    second_looks,
)
from charter.mail.smtp import Phase, ServerReply
from charter.models import Membership, Message, Refusal, RefusedAddress, User
from charter.workflow import MessageState
from registry import clock
from registry.models import Entry, Record
from tests import factories
from tests.charter import delivery_report_samples

pytestmark = pytest.mark.django_db
MONDAY = datetime(2027, 3, 1, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def fixed_clock():
    with clock.fixed_at(MONDAY):
        yield


@pytest.fixture
def message(sink):
    """Return an email to Asha that the server accepted."""
    factories.asha()
    Message.objects.all().delete()
    return send(1)


def send(number, kind="returned", recipient="asha@brookfield.example"):
    message = outbox.queue(
        kind=kind,
        key=f"returned:C-7F3K2:{number}",
        recipient=recipient,
        subject="Please look at it again",
        text="The council has sent words back.",
    )
    outbox.drain()
    return Message.objects.get(pk=message.pk)


def report_on(report, message):
    to = return_addresses.return_path(message)
    text = report.replace("{to}", to).replace("{to_in_capitals}", to.upper())
    return text.encode("latin-1")


def has_bounced_member():
    return Membership.objects.exclude(bounced_at=None).exists()


def test_return_path_identifies_the_email_and_fits_an_address(message, sink):
    [email] = sink.emails()
    path = email["X-Envelope-From"]
    assert path == return_addresses.return_path(message)
    assert len(path.partition("@")[0]) <= 64
    assert return_addresses.find_message(path) == message


def test_return_path_is_the_sender_without_a_bounce_address(message, settings):
    settings.BOUNCE_ADDRESS = ""
    assert return_addresses.return_path(message) == "register@council.example"


def test_reports_from_many_servers_prove_what_they_say_and_no_more(message):
    for verdict, reports in delivery_report_samples.BY_VERDICT.items():
        for name, report in reports.items():
            parsed_report = delivery_reports.parse_report(report_on(report, message))
            assert parsed_report, name
            assert parsed_report.verdict == verdict, name
            assert return_addresses.find_message(parsed_report.addresses) == message, name


REPLIES = {
    "550 5.1.1 User unknown": "gone",
    "550 no such user": "gone",
    "550 5.2.1 The account is inactive": "gone",
    "450 4.1.1 User unknown": None,
    "552 5.2.2 Mailbox over quota": "full",
    "452 4.2.2 Mailbox full": None,
    "550 relay not permitted!": "ours",
    "550 5.4.5 Daily user sending limit exceeded": "ours",
    "450 4.7.1 quota exceeded": "ours",
    "554 5.7.1 policy": "unclear",
    "550 5.1.2 no such domain": "unclear",
    "550 mailbox unavailable": "unclear",
    "421 4.7.0 too many connections": None,
    "250 OK": None,
}


def test_reply_of_a_server_is_judged_by_the_same_rule_as_a_report():
    for words, verdict in REPLIES.items():
        code, _, text = words.partition(" ")
        assert ServerReply(Phase.RCPT, int(code), text).verdict == verdict, words
        # A refused sender is no proof about the recipient.
        by_sender = ServerReply(Phase.MAIL, int(code), text).verdict
        assert by_sender == ("unclear" if verdict == "gone" else verdict), words


def test_mailbox_is_gone_only_once_a_second_look_on_a_later_working_day_comes_back(message, sink):
    first = delivery_report_samples.GONE["postfix, unknown user"]
    assert bounces.process_report(report_on(first, message))
    message.refresh_from_db()
    assert message.state == MessageState.BOUNCED
    assert not has_bounced_member()
    # Email to the address waits, but a person who asks for a code gets it. Others are not held.
    waiting = send(2)
    assert waiting.state == MessageState.QUEUED
    assert send(3, kind="account").state == MessageState.SENT
    assert send(4, recipient="ben@brookfield.example").state == MessageState.SENT
    # A second report on the same day, about email of that day, proves no more.
    assert second_looks.send_second_looks(clock.now()) == 0
    bounces.process_report(report_on(first, Message.objects.get(kind="account")))
    assert not has_bounced_member()
    with clock.fixed_at(MONDAY + timedelta(days=1)):
        assert second_looks.send_second_looks(clock.now()) == 1
        assert second_looks.send_second_looks(clock.now()) == 0
        assert outbox.drain() == 1
        look = Message.objects.get(kind="address_check")
        assert look.subject == "Does this email address work?"
        sentence = "We have not been able to contact this organisation since 2 March 2027."
        assert f"page of Brookfield Catering will then say: “{sentence}”" in look.text
        assert look.announcements.get().sentence == sentence
        assert bounces.process_report(report_on(first, look))
        assert has_bounced_member()
        signatory = Record.objects.get(kind="signatory")
        assert signatory.item["unreachable_since"] == "2027-03-02"
        outbox.drain()
        waiting.refresh_from_db()
        assert waiting.state == MessageState.CANCELLED
        assert send(5).last_code == "The mailbox is gone: two emails came back"


def test_report_on_an_erased_email_brings_no_address_back(message):
    erasing.erase_content(Message.objects.filter(pk=message.pk))
    refused = delivery_report_samples.diagnosis(f"550 5.1.1 <{message.recipient}>", status="5.1.1")
    assert bounces.process_report(report_on(refused, message))
    assert message.recipient not in str(Message.objects.filter(pk=message.pk).values())


def test_proof_is_forgotten_if_the_second_look_arrives(message, sink):
    bounces.process_report(report_on(delivery_report_samples.GONE["moved away"], message))
    waiting = send(2)
    tuesday = MONDAY + timedelta(days=1)
    with clock.fixed_at(tuesday):
        second_looks.send_second_looks(clock.now())
        assert outbox.drain() == 1
    with clock.fixed_at(tuesday + timedelta(days=1)):
        assert outbox.drain() == 1
        waiting.refresh_from_db()
        assert waiting.state == MessageState.SENT
        assert second_looks.forget_proofs(clock.now()) == 0
    with clock.fixed_at(tuesday + timedelta(days=3)):
        assert second_looks.forget_proofs(clock.now()) == 1
        # Years later one proof is again the first.
        bounces.process_report(report_on(delivery_report_samples.GONE["moved away"], send(3)))
        assert not has_bounced_member()
    assert not Entry.objects.filter(item__contains="unreachable_since").exists()


def test_second_look_that_fails_for_another_reason_proves_nothing(message, sink):
    bounces.process_report(report_on(delivery_report_samples.GONE["moved away"], message))
    with clock.fixed_at(MONDAY + timedelta(days=1)):
        second_looks.send_second_looks(clock.now())
        outbox.drain()
        look = Message.objects.get(kind="address_check")
        bounces.process_report(report_on(delivery_report_samples.FULL["mailbox full"], look))
        assert second_looks.forget_proofs(clock.now()) == 1
        assert not has_bounced_member()
        assert send(2).state == MessageState.SENT


def test_address_that_never_worked_is_a_task_for_the_council_and_not_public(message):
    User.objects.update(last_login=None)
    with clock.fixed_at(MONDAY - timedelta(days=10)):
        factories.lose_mailbox("asha@brookfield.example")
    assert has_bounced_member()
    assert Record.objects.get(kind="signatory").item.get("unreachable_since") is None


def test_address_worked_if_an_email_sent_days_before_did_not_come_back(message):
    User.objects.update(last_login=None)
    with clock.fixed_at(MONDAY + timedelta(days=3)):
        factories.lose_mailbox("asha@brookfield.example")
    assert Record.objects.get(kind="signatory").item["unreachable_since"] == "2027-03-04"


def test_second_look_announces_unreachable_where_another_address_is_gone_or_in_doubt(message):
    ben = factories.ben()
    User.objects.filter(pk=ben.pk).update(last_login=None)
    Message.objects.filter(recipient=ben.email).delete()
    refused = delivery_report_samples.GONE["postfix, unknown user"]
    both = [message, send(2, recipient=ben.email)]
    for email in both:
        bounces.process_report(report_on(refused, email))
    with clock.fixed_at(MONDAY + timedelta(days=1)):
        assert second_looks.send_second_looks(clock.now()) == 2
        outbox.drain()
        looks = Message.objects.filter(kind="address_check")
        assert [look.announcements.count() for look in looks] == [1, 1]
        assert "Unless we can reach someone else there, the public page of" in looks[0].text
        # Asha's address is gone. Ben's never worked, and is the last.
        RefusedAddress.objects.filter(email=ben.email).delete()
        looks.get(recipient=ben.email).delete()
        bounces.process_report(report_on(refused, looks.get()))
        bounces.process_report(report_on(refused, send(3, recipient=ben.email)))
    with clock.fixed_at(MONDAY + timedelta(days=2)):
        assert second_looks.send_second_looks(clock.now()) == 1
        outbox.drain()
        look = looks.get(recipient=ben.email)
        assert look.announcements.count() == 1
        bounces.process_report(report_on(refused, look))
        assert Record.objects.get(kind="signatory").item["unreachable_since"] == "2027-03-03"


def test_no_number_of_full_mailboxes_and_policies_is_proof(message):
    passing = delivery_report_samples.FULL | delivery_report_samples.UNCLEAR
    for number, report in enumerate(list(passing.values())[:6], start=2):
        assert bounces.process_report(report_on(report, send(number)))
    assert not RefusedAddress.objects.exists()
    assert not has_bounced_member()


def test_second_report_on_an_email_is_ignored(message):
    full = report_on(delivery_report_samples.FULL["mailbox full"], message)
    assert [bounces.process_report(full) for _ in range(4)] == [True, False, False, False]
    assert not has_bounced_member()


def test_forged_reports_and_other_emails_change_nothing(message):
    entries = Entry.objects.count()
    for name, email in delivery_report_samples.NO_FAILURE.items():
        assert not bounces.process_report(report_on(email, message)), name
    signature = return_addresses.return_path(message).partition("-")[2].partition("@")[0]
    for name, address in delivery_report_samples.FORGED.items():
        forged = address.format(
            number=message.pk,
            other=message.pk + 1,
            signature=signature,
            signature_cut=signature[:-1],
        )
        report = delivery_report_samples.GONE["postfix, unknown user"].replace("{to}", forged)
        assert not bounces.process_report(report.encode()), name
    assert not RefusedAddress.objects.exists()
    assert not Refusal.objects.exists()
    assert Entry.objects.count() == entries


def test_maildir_reports_are_read_once_and_other_emails_stay(message, register_home):
    maildir = mailbox.Maildir(register_home / "bounces")
    for report in (
        delivery_report_samples.GONE["postfix, unknown user"],
        *delivery_report_samples.NO_FAILURE.values(),
    ):
        maildir.add(report_on(report, message))
    assert bounces.read_reports() == 1
    assert RefusedAddress.objects.exists()
    assert bounces.read_reports() == 0
    assert len(maildir) == 1 + len(delivery_report_samples.NO_FAILURE)


# Python's email package can read these but fails when it writes them again.
MALFORMED = [
    b"Content-Type: multipart/report; boundary=\xe9\r\nSubject: =?utf-8?b?\xff?=\n\n--\xe9\n",
    b"Content-Transfer-Encoding: 8bit\nContent-Type: text/plain; charset=utf-8\xe9\n\n\xe9\xff\n",
    b"Content-Type: multipart/mixed; boundary=B\nContent-Transfer-Encoding: base64\n\nno parts\n",
]


def test_malformed_email_is_set_aside_and_the_next_one_read(message, register_home):
    maildir = mailbox.Maildir(register_home / "bounces")
    new, set_aside = (register_home / "bounces" / name for name in ("new", "cur"))
    for number, email in enumerate(MALFORMED):
        (new / f"{number}").write_bytes(email)
    maildir.add(report_on(delivery_report_samples.GONE["postfix, unknown user"], message))
    assert bounces.read_reports() == 1
    assert RefusedAddress.objects.exists()
    assert list(new.iterdir()) == []
    assert [(set_aside / f"{n}:2,S").read_bytes() for n in range(len(MALFORMED))] == MALFORMED


def test_failing_report_does_not_block_the_others(message, register_home, monkeypatch):
    maildir = mailbox.Maildir(register_home / "bounces")
    maildir.add(b"An email")
    monkeypatch.setattr(delivery_reports, "parse_report", lambda raw: 1 / 0)
    assert bounces.read_reports() == 0
    assert list((register_home / "bounces" / "new").iterdir()) == []


def test_report_stays_unread_while_the_database_is_down(message, register_home, monkeypatch):
    maildir = mailbox.Maildir(register_home / "bounces")
    maildir.add(report_on(delivery_report_samples.GONE["postfix, unknown user"], message))

    def fail(addresses):
        raise OperationalError("the connection was closed")

    monkeypatch.setattr(return_addresses, "find_message", fail)
    with pytest.raises(OperationalError):
        bounces.read_reports()
    monkeypatch.undo()
    assert bounces.read_reports() == 1


def test_missing_maildir_means_no_reports():
    assert bounces.read_reports() == 0
