"""Text typed into names, titles and addresses never becomes an email header."""

from contextlib import closing
from datetime import UTC, datetime

import pytest

from charter.errors import AddressError
from charter.mail import outbox, smtp
from charter.models import Message
from charter.workflow import MessageState
from registry import clock

pytestmark = pytest.mark.django_db

BREAKS = ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\0"]
BCC = "Bcc: victim@example.org"
SUBJECTS = [f"Your update{end}{BCC}" for end in BREAKS] + [
    f"Your update\r\n\r\n{BCC}",
    f"Your update\r\n {BCC}",
    f"\r\n{BCC}",
    "Your update\x1b[31m",
    "Your update\u202egnp.exe",
    "Your update\u200b",
]
ADDRESSES = [f"asha@brookfield.example{end}{BCC}" for end in BREAKS] + [
    *(f"asha{end}@brookfield.example" for end in BREAKS),
    "asha@brookfield.example, victim@example.org",
    "asha@brookfield.example victim@example.org",
    "Asha <asha@brookfield.example>",
    "<asha@brookfield.example>",
    "asha@brookfield.example> RCPT TO:<victim@example.org",
    "asha@brookfield.example;victim@example.org",
    '"asha\r\nBcc: victim@example.org"@brookfield.example',
    "äsha@brookfield.example",
    "asha@bröokfield.example",
    "asha",
    "@brookfield.example",
    "asha@",
    "asha@@brookfield.example",
    "asha@" + "b" * 320 + ".example",
    "",
]


# Every control character, and those that end a line or change its direction.
CONTROLS = [chr(n) for n in (*range(0x20), *range(0x7F, 0xA0), *range(0x2028, 0x202F))]
CONTROLS += [chr(n) for n in range(0x2066, 0x206A)]


@pytest.fixture(autouse=True)
def fixed_clock():
    with clock.fixed_at(datetime(2027, 3, 1, 10, tzinfo=UTC)):
        yield


def queue(number=1, **fields):
    defaults = {"recipient": "asha@brookfield.example", "subject": "Your update", "text": "Hello."}
    return outbox.queue(kind="returned", key=f"returned:{number}", **defaults | fields)


def test_address_or_subject_that_could_end_a_header_is_refused():
    for subject in SUBJECTS:
        with pytest.raises(AddressError):
            queue(subject=subject)
    for address in ADDRESSES:
        with pytest.raises(AddressError):
            queue(recipient=address)
    assert not Message.objects.exists()


def test_control_characters_are_refused_in_addresses_and_subjects():
    for control in CONTROLS:
        for text in ("{}asha@example.org", "as{}ha@example.org", "asha@exam{}ple.org"):
            with pytest.raises(AddressError):
                queue(recipient=text.format(control))
        for text in ("{}Your update", "Your{}update"):
            with pytest.raises(AddressError):
                queue(subject=text.format(control))


def test_injection_in_the_table_harms_no_other_email(sink, settings):
    """Rows edited by hand reach nobody else and do not block the next email."""
    injections = [text for text in SUBJECTS + ADDRESSES if "\0" not in text]
    for number, text in enumerate(injections):
        queue(number)
        field = "subject" if text in SUBJECTS else "recipient"
        Message.objects.filter(key=f"returned:{number}").update(**{field: text[:250]})
    queue("last")
    # Not drain(): so many emails in one day would be stopped by the daily limit.
    with closing(smtp.MailServer(settings.EMAIL_URL)) as server:
        while outbox.hand_over_next(server):
            pass
    assert Message.objects.get(key="returned:last").state == MessageState.SENT
    for email in sink.emails():
        assert email["Bcc"] is None
        assert "victim@example.org" not in email["X-Envelope-To"].split(", ")
    unsettled = Message.objects.filter(state__in=["sending", "in_doubt"])
    assert not unsettled.exists()


def test_body_is_never_read_as_a_command_or_header(sink):
    text = f"Line one\n.\nMAIL FROM:<x@example.org>\n\n{BCC}\n..\nQUIT\n" + "x" * 2000
    queue(text=text)
    outbox.drain()
    [email] = sink.emails()
    assert email["Bcc"] is None
    assert email.get_body(("plain",)).get_content().replace("\r\n", "\n").startswith(text[:60])
