"""Reads reports that an email did not arrive (RFC 3464). Bytes in, facts out, never an error."""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message as Mail

# Where servers put the address to which a report was delivered.
RECIPIENT_HEADERS = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
STATUS_CODE = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
MAX_BYTES = 1_000_000


@dataclass(frozen=True)
class DeliveryReport:
    """An email that was given up: to which address the report came, and why."""

    addresses: str
    status: str

    @property
    def is_permanent(self) -> bool:
        """Say whether the mailbox is gone. A full one may be emptied, a policy is about us."""
        return self.status.startswith("5.") and not self.status.startswith(("5.2.2", "5.7."))


def parse_report(raw: bytes) -> DeliveryReport | None:
    """Return what an email reports, None for anything that is no report of a failure."""
    try:
        return _parse_message(message_from_bytes(raw[:MAX_BYTES]))
    except Exception:  # the parser meets what others wrote, and has been seen to stumble
        return None


def _parse_message(message: Mail) -> DeliveryReport | None:
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        return None
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        groups = part.get_payload() if part.is_multipart() else []
        for group in (group for group in groups if isinstance(group, Mail)):
            action = str(group.get("Action", "")).strip().lower()
            status = STATUS_CODE.search(str(group.get("Status", "")))
            if action == "failed" and status and not status[0].startswith("2"):
                to = [
                    str(value) for name in RECIPIENT_HEADERS for value in message.get_all(name, [])
                ]
                return DeliveryReport(" ".join(to), status[0])
    return None
