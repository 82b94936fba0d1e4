"""Return paths that identify a message, so that a delivery report can be matched to it.

An address is bounce+17-1f0c…@register.example: the message's number and a signature. The signature
covers the Message-ID too, because a restored database gives numbers out again. Reports without a
valid signature are ignored. Only lower-case letters and digits appear, because some servers fold
case.
"""

import hmac
import re

from django.conf import settings

from charter.mail import rendering
from charter.models import Message

TOKEN = re.compile(r"\+(\d{1,18})-([0-9a-f]{20})@", re.IGNORECASE)


def return_path(message: Message) -> str:
    """Return the address to which servers send delivery reports for a message."""
    mailbox, _, domain = settings.BOUNCE_ADDRESS.partition("@")
    if not domain:
        return rendering.sender_details(message.authority)["sender_address"]
    return f"{mailbox}+{message.pk}-{_sign(message)}@{domain}"


def find_message(addresses: str) -> Message | None:
    """Return the message named by an address in a text, or None if none is ours."""
    for number, signature in TOKEN.findall(addresses):
        message = Message.objects.filter(pk=int(number)).first()
        if message and hmac.compare_digest(_sign(message), signature.lower()):
            return message
    return None


def _sign(message: Message) -> str:
    text = f"bounce:{message.pk}:{message.message_id}"
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), "sha256").hexdigest()[:20]
