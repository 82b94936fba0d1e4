"""Read reports of undelivered email (RFC 3464): pure, and never raises."""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message as ParsedEmail

# Servers write the address that received the report into one of these headers.
RECIPIENT_HEADERS = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
STATUS_CODE = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
MAX_BYTES = 1_000_000


@dataclass(frozen=True)
class DeliveryReport:
    """A failed delivery: the addresses that received the report, and the enhanced status code."""

    addresses: str
    status: str

    @property
    def is_permanent(self) -> bool:
        """Return True if the mailbox is gone.

        A full mailbox (5.2.2) may be emptied, and a policy (5.7) is about us, not the mailbox.
        """
        return self.status.startswith("5.") and not self.status.startswith(("5.2.2", "5.7."))


def parse_report(raw: bytes) -> DeliveryReport | None:
    """Return the failure that an email reports, or None if it reports none."""
    try:
        return _parse_message(message_from_bytes(raw[:MAX_BYTES]))
    except Exception:  # the parser has been seen to fail on email that other programs wrote
        return None


def _parse_message(message: ParsedEmail) -> DeliveryReport | None:
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        return None
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        groups = part.get_payload() if part.is_multipart() else []
        for group in (group for group in groups if isinstance(group, ParsedEmail)):
            action = str(group.get("Action", "")).strip().lower()
            status = STATUS_CODE.search(str(group.get("Status", "")))
            if action == "failed" and status and not status[0].startswith("2"):
                addresses = [
                    str(value) for name in RECIPIENT_HEADERS for value in message.get_all(name, [])
                ]
                return DeliveryReport(" ".join(addresses), status[0])
    return None
