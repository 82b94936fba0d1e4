"""Email that comes back after the server had taken it."""

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
def now():
    with clock.fixed_at(MONDAY):
        yield


@pytest.fixture
def sent(sink):
    """An email to Asha that the server took."""
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


def addressed(report, message):
    to = return_addresses.return_path(message)
    filled = report.replace("{to}", to).replace("{to_in_capitals}", to.upper())
    return filled.encode("latin-1")


def bounced():
    return Membership.objects.exclude(bounced_at=None).exists()


def test_the_return_path_names_the_email_and_fits_into_an_address(sent, sink):
    [email] = sink.emails()
    path = email["X-Envelope-From"]
    assert path == return_addresses.return_path(sent)
    assert len(path.partition("@")[0]) <= 64
    assert return_addresses.find_message(path) == sent


def test_without_a_mailbox_for_reports_they_go_to_the_sender(sent, settings):
    settings.BOUNCE_ADDRESS = ""
    assert return_addresses.return_path(sent) == "register@council.example"


def test_each_report_says_what_its_server_meant(sent):
    for name, report in delivery_report_samples.PERMANENT.items():
        found = delivery_reports.parse_report(addressed(report, sent))
        assert found, name
        assert found.is_permanent, name
        assert return_addresses.find_message(found.addresses) == sent, name
    for name, report in (
        delivery_report_samples.PASSING | delivery_report_samples.ABOUT_US
    ).items():
        found = delivery_reports.parse_report(addressed(report, sent))
        assert found, name
        assert not found.is_permanent, name


def test_a_mailbox_that_is_gone_gets_no_more_email(sent):
    assert bounces.process_report(
        addressed(delivery_report_samples.PERMANENT["postfix, unknown user"], sent)
    )
    assert bounced()
    sent.refresh_from_db()
    assert sent.state == MessageState.BOUNCED
    assert Record.objects.get(kind="signatory").item["unreachable_since"] == "2027-03-01"


def test_trouble_that_passes_counts_the_third_time_within_14_days(sent):
    first, second, third = list(delivery_report_samples.PASSING.values())[:3]
    assert bounces.process_report(addressed(first, sent))
    assert bounces.process_report(addressed(second, send(2)))
    assert not bounced()
    assert bounces.process_report(addressed(third, send(3)))
    assert bounced()


def test_trouble_of_long_ago_does_not_count(sent):
    full = delivery_report_samples.PASSING["mailbox full"]
    bounces.process_report(addressed(full, sent))
    bounces.process_report(addressed(full, send(2)))
    with clock.fixed_at(MONDAY + timedelta(days=14)):
        bounces.process_report(addressed(full, send(3)))
    assert not bounced()


def test_a_policy_against_us_is_noted_and_does_not_make_the_mailbox_bad(sent):
    for number, report in enumerate(delivery_report_samples.ABOUT_US.values(), start=2):
        bounces.process_report(addressed(report, send(number)))
    assert Bounce.objects.count() == len(delivery_report_samples.ABOUT_US)
    assert not bounced()


def test_a_second_report_on_a_email_changes_nothing(sent):
    full = addressed(delivery_report_samples.PASSING["mailbox full"], sent)
    assert [bounces.process_report(full) for _ in range(4)] == [True, False, False, False]
    assert not bounced()


def test_what_reports_no_failure_or_is_forged_changes_nothing(sent):
    entries = Entry.objects.count()
    for name, email in delivery_report_samples.NOTHING.items():
        assert not bounces.process_report(addressed(email, sent)), name
    signature = return_addresses.return_path(sent).partition("-")[2].partition("@")[0]
    for name, address in delivery_report_samples.FORGED.items():
        forged = address.format(
            number=sent.pk, other=sent.pk + 1, signature=signature, signature_cut=signature[:-1]
        )
        report = delivery_report_samples.PERMANENT["postfix, unknown user"].replace("{to}", forged)
        assert not bounces.process_report(report.encode()), name
    assert not bounced()
    assert not Bounce.objects.exists()
    assert Entry.objects.count() == entries


def test_reports_are_read_from_the_maildir_once_and_stay_for_a_person(sent, home_of_its_own):
    maildir = mailbox.Maildir(home_of_its_own / "bounces")
    for report in (
        delivery_report_samples.PERMANENT["postfix, unknown user"],
        *delivery_report_samples.NOTHING.values(),
    ):
        maildir.add(addressed(report, sent))
    assert bounces.read_reports() == 1
    assert bounced()
    assert bounces.read_reports() == 0
    assert len(maildir) == 1 + len(delivery_report_samples.NOTHING)


# Python's own email package reads these, and stumbles when it writes them again.
MALFORMED = [
    b"Content-Type: multipart/report; boundary=\xe9\r\nSubject: =?utf-8?b?\xff?=\n\n--\xe9\n",
    b"Content-Transfer-Encoding: 8bit\nContent-Type: text/plain; charset=utf-8\xe9\n\n\xe9\xff\n",
    b"Content-Type: multipart/mixed; boundary=B\nContent-Transfer-Encoding: base64\n\nno parts\n",
]


def test_a_malformed_email_is_put_aside_as_it_came_and_the_next_one_is_read(sent, home_of_its_own):
    maildir = mailbox.Maildir(home_of_its_own / "bounces")
    new, read = (home_of_its_own / "bounces" / name for name in ("new", "cur"))
    for number, email in enumerate(MALFORMED):
        (new / f"{number}").write_bytes(email)
    maildir.add(addressed(delivery_report_samples.PERMANENT["postfix, unknown user"], sent))
    assert bounces.read_reports() == 1
    assert bounced()
    assert list(new.iterdir()) == []
    assert [(read / f"{n}:2,S").read_bytes() for n in range(len(MALFORMED))] == MALFORMED


def test_a_report_that_cannot_be_acted_on_keeps_no_other_from_being_read(
    sent, home_of_its_own, monkeypatch
):
    maildir = mailbox.Maildir(home_of_its_own / "bounces")
    maildir.add(b"A mail")
    monkeypatch.setattr(delivery_reports, "parse_report", lambda raw: 1 / 0)
    assert bounces.read_reports() == 0
    assert list((home_of_its_own / "bounces" / "new").iterdir()) == []


def test_without_its_database_a_report_stays_new(sent, home_of_its_own, monkeypatch):
    maildir = mailbox.Maildir(home_of_its_own / "bounces")
    maildir.add(addressed(delivery_report_samples.PERMANENT["postfix, unknown user"], sent))

    def is_away(addresses):
        raise OperationalError("the connection was closed")

    monkeypatch.setattr(return_addresses, "find_message", is_away)
    with pytest.raises(OperationalError):
        bounces.read_reports()
    monkeypatch.undo()
    assert bounces.read_reports() == 1


def test_without_a_maildir_nothing_is_read():
    assert bounces.read_reports() == 0
