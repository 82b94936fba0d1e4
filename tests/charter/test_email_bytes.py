"""Emails as read by another library than the one that wrote them."""

import re
from datetime import UTC, datetime

import fast_mail_parser
import pytest

from charter.mail import outbox, rendering, smtp
from charter.models import Authority
from registry import clock
from tests import factories

pytestmark = pytest.mark.django_db

STOP = "https://register.birmingham.example/stop/eyJ1c2VyIjo0MiwicHVycG9zZSI6InN0b3AifQ:1vPq7c:Zb9"
SUBJECTS = [
    "Update due 2 December: Two apprentices in repairs",
    "Update due 2 December: " + "Two apprentices in repairs and four in the office, " * 3 + "ends",
    "Update due 2 December: Zwölf “Lehrstellen” für Jugendliche in der Werkstatt, und mehr dazu",
    "“Łódź” · £30,000 for “Brücken” · 学徒 – and a long English part without any accents at all",
    "=?utf-8?q?Not_an_encoded_word?=",
    "£" * 200,
]


@pytest.fixture(autouse=True)
def monday():
    factories.charter()
    with clock.fixed_at(datetime(2027, 3, 1, 10, tzinfo=UTC)):
        yield


def email_bytes(**fields) -> bytes:
    defaults = {"recipient": "asha@brookfield.example", "subject": "Your update", "text": "Hello."}
    outbox.queue(kind="returned", key="returned:1", **defaults | fields)
    message = outbox.Message.objects.get()
    return smtp.serialise_message(message, rendering.sender_details(message.authority))


def header_lines(content: bytes) -> list[bytes]:
    return content.partition(b"\r\n\r\n")[0].split(b"\r\n")


def test_unsubscribe_header_is_one_plain_line():
    content = email_bytes(unsubscribe_address=STOP)
    assert f"List-Unsubscribe: <{STOP}>".encode() in header_lines(content)
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in header_lines(content)
    headers = fast_mail_parser.parse_email(content).headers
    assert headers["List-Unsubscribe"] == [f"<{STOP}>"]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_subject_arrives_unchanged(subject):
    content = email_bytes(subject=subject)
    assert fast_mail_parser.parse_email(content).subject == subject


def test_long_headers_arrive_unchanged():
    sender = "charter-register@" + "business-charter." * 5 + "example"
    Authority.objects.update(sender_address=sender, reply_address=f"reply-{sender}")
    recipient = "a" * 60 + "@" + "b" * 60 + ".example"
    content = email_bytes(recipient=recipient, unsubscribe_address=STOP)
    headers = fast_mail_parser.parse_email(content).headers
    assert headers["From"] == [f"Charter Register <{sender}>"]
    assert headers["Reply-To"] == [f"reply-{sender}"]
    assert headers["To"] == [recipient]
    assert headers["Message-ID"] == [outbox.Message.objects.get().message_id]
    assert headers["Date"] == ["Mon, 01 Mar 2027 10:00:00 +0000"]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_header_lines_respect_length_and_encoding_limits(subject):
    for line in header_lines(email_bytes(subject=subject, unsubscribe_address=STOP)):
        assert line.isascii()
        assert len(line) <= 998
        if not line.startswith(b"Subject:") and not line.startswith(b" "):
            assert b"=?" not in line
        for word in re.findall(rb"=\?utf-8\?[^ ]*\?=", line):
            assert len(word) <= 75
