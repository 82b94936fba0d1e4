"""Emails returned after the server accepted them."""

import mailbox
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError

from charter.mail import bounces, delivery_reports, outbox, return_addresses
from charter.models import Bounce, Membership, Message
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


def send(number):
    message = outbox.queue(
        kind="returned",
        key=f"returned:C-7F3K2:{number}",
        recipient="asha@brookfield.example",
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


def test_reports_from_many_servers_are_understood(message):
    for name, report in delivery_report_samples.PERMANENT.items():
        parsed_report = delivery_reports.parse_report(report_on(report, message))
        assert parsed_report, name
        assert parsed_report.is_permanent, name
        assert return_addresses.find_message(parsed_report.addresses) == message, name
    for name, report in (
        delivery_report_samples.TEMPORARY | delivery_report_samples.POLICY
    ).items():
        parsed_report = delivery_reports.parse_report(report_on(report, message))
        assert parsed_report, name
        assert not parsed_report.is_permanent, name


def test_missing_mailbox_gets_no_more_email(message):
    assert bounces.process_report(
        report_on(delivery_report_samples.PERMANENT["postfix, unknown user"], message)
    )
    assert has_bounced_member()
    message.refresh_from_db()
    assert message.state == MessageState.BOUNCED
    assert Record.objects.get(kind="signatory").item["unreachable_since"] == "2027-03-01"


def test_third_temporary_failure_within_14_days_is_a_bounce(message):
    first, second, third = list(delivery_report_samples.TEMPORARY.values())[:3]
    assert bounces.process_report(report_on(first, message))
    assert bounces.process_report(report_on(second, send(2)))
    assert not has_bounced_member()
    assert bounces.process_report(report_on(third, send(3)))
    assert has_bounced_member()


def test_temporary_failures_older_than_14_days_do_not_count(message):
    full = delivery_report_samples.TEMPORARY["mailbox full"]
    bounces.process_report(report_on(full, message))
    bounces.process_report(report_on(full, send(2)))
    with clock.fixed_at(MONDAY + timedelta(days=14)):
        bounces.process_report(report_on(full, send(3)))
    assert not has_bounced_member()


def test_policy_refusal_is_recorded_without_a_bounce(message):
    for number, report in enumerate(delivery_report_samples.POLICY.values(), start=2):
        bounces.process_report(report_on(report, send(number)))
    assert Bounce.objects.count() == len(delivery_report_samples.POLICY)
    assert not has_bounced_member()


def test_second_report_on_an_email_is_ignored(message):
    full = report_on(delivery_report_samples.TEMPORARY["mailbox full"], message)
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
        report = delivery_report_samples.PERMANENT["postfix, unknown user"].replace("{to}", forged)
        assert not bounces.process_report(report.encode()), name
    assert not has_bounced_member()
    assert not Bounce.objects.exists()
    assert Entry.objects.count() == entries


def test_maildir_reports_are_read_once_and_other_emails_stay(message, register_home):
    maildir = mailbox.Maildir(register_home / "bounces")
    for report in (
        delivery_report_samples.PERMANENT["postfix, unknown user"],
        *delivery_report_samples.NO_FAILURE.values(),
    ):
        maildir.add(report_on(report, message))
    assert bounces.read_reports() == 1
    assert has_bounced_member()
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
    maildir.add(report_on(delivery_report_samples.PERMANENT["postfix, unknown user"], message))
    assert bounces.read_reports() == 1
    assert has_bounced_member()
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
    maildir.add(report_on(delivery_report_samples.PERMANENT["postfix, unknown user"], message))

    def fail(addresses):
        raise OperationalError("the connection was closed")

    monkeypatch.setattr(return_addresses, "find_message", fail)
    with pytest.raises(OperationalError):
        bounces.read_reports()
    monkeypatch.undo()
    assert bounces.read_reports() == 1


def test_missing_maildir_means_no_reports():
    assert bounces.read_reports() == 0
