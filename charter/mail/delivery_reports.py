"""Read reports of undelivered email: pure, and never raises.

Most are in the format of RFC 3464, also with the parts of RFC 6533 or in base64. Old versions of
qmail and Exim write plain text, which is read only if it opens as theirs does.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message as ParsedEmail

from charter.mail.refusals import Verdict, judge_refusal

# Servers write the address that received the report into one of these headers.
RECIPIENT_HEADERS = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
STATUS_CODE = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
REPLY_CODE = re.compile(r"(?<![\w.])([245])\d\d(?![\w.])")
MAX_BYTES = 1_000_000

QMAIL_OPENING = "Hi. This is the qmail-send program"
EXIM_OPENING = "This message was created automatically by mail delivery software"
EXIM_FAILURE = "could not be delivered to one or more of its"
# Below these lines a report quotes the email that was returned, with words of our own.
RETURNED_EMAIL = re.compile(
    r"^--- Below this line is a copy|^-+ ?This is a copy of (?:the|your) message", re.MULTILINE
)


@dataclass(frozen=True)
class DeliveryReport:
    """A failed delivery: the addresses that received the report, its status and the diagnosis."""

    addresses: str
    status: str  # The enhanced code, "" in plain text without one.
    words: str  # Of the server, with its codes.

    @property
    def verdict(self) -> Verdict:
        """Return what the report says about the mailbox."""
        is_permanent = not self.status.startswith("4.") and not self._was_temporary
        return judge_refusal(f"{self.status} {self.words}", is_permanent=is_permanent)

    @property
    def _was_temporary(self) -> bool:
        """Return True if the server's last reply was a temporary one: our side then gave up."""
        reply = REPLY_CODE.search(self.words)
        return reply is not None and reply[1] == "4"


def parse_report(raw: bytes) -> DeliveryReport | None:
    """Return the failure that an email reports, or None if it reports none."""
    try:
        message = message_from_bytes(raw[:MAX_BYTES])
        return _parse_parts(message) or _parse_plain_text(message)
    except Exception:  # the parser has been seen to fail on email that other programs wrote
        return None


def _parse_parts(message: ParsedEmail) -> DeliveryReport | None:
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        return None
    for part in message.walk():
        if part.get_content_type() not in STATUS_TYPES:
            continue
        for group in _status_groups(part):
            action = str(group.get("Action", "")).strip().lower()
            status = STATUS_CODE.search(str(group.get("Status", "")))
            if action == "failed" and status and not status[0].startswith("2"):
                words = " ".join(str(group.get("Diagnostic-Code", "")).split())
                return DeliveryReport(_addresses(message), status[0], words)
    return None


def _status_groups(part: ParsedEmail) -> Iterator[ParsedEmail]:
    """Yield the groups of fields in a status part, which some servers encode."""
    payload = part.get_payload()
    parts = payload if isinstance(payload, list) else []
    groups = [group for group in parts if isinstance(group, ParsedEmail)]
    if any("Action" in group or "Status" in group for group in groups):
        yield from groups
        return
    for text in _decoded_texts(part, groups):
        for paragraph in re.split(rb"\r?\n[ \t]*\r?\n", text.strip()):
            yield message_from_bytes(paragraph)


def _decoded_texts(part: ParsedEmail, groups: list[ParsedEmail]) -> Iterator[bytes]:
    """Yield the content of a status part without its encoding, and as it is.

    Python reads the part as headers before it looks at the encoding, so the encoded lines are the
    payload of the group that it made of them.
    """
    encoding = str(part.get("Content-Transfer-Encoding", ""))
    for carrier in groups or [part]:
        if encoding and "Content-Transfer-Encoding" not in carrier:
            carrier["Content-Transfer-Encoding"] = encoding
        for content in (carrier.get_payload(decode=True), carrier.get_payload()):
            yield content if isinstance(content, bytes) else str(content).encode()


def _parse_plain_text(message: ParsedEmail) -> DeliveryReport | None:
    """Read a report of qmail or old Exim: its words up to the copy of the returned email."""
    if message.get_content_type() != "text/plain":
        return None
    content = message.get_payload(decode=True)
    text = content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
    is_exim = text.lstrip().startswith(EXIM_OPENING) and EXIM_FAILURE in " ".join(text.split())
    if not (is_exim or text.lstrip().startswith(QMAIL_OPENING)):
        return None
    words = " ".join(RETURNED_EMAIL.split(text)[0].split())
    status = STATUS_CODE.search(words)
    return DeliveryReport(_addresses(message), status[0] if status else "", words)


def _addresses(message: ParsedEmail) -> str:
    return " ".join(str(value) for name in RECIPIENT_HEADERS for value in message.get_all(name, []))
