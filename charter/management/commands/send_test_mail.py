"""Check that the register can send email."""

from time import sleep
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from charter.errors import AddressError
from charter.mail import identities, outbox, sending_places
from charter.models import Message
from charter.workflow import MessageState

PATIENCE = 60  # seconds


class Command(BaseCommand):
    help = (
        "Send one email to an address, through the outbox, and say what the mail server answered."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address")

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        key = identities.new_key("test")
        try:
            message = outbox.queue_from_template("test", key=key, recipient=address, context={})
        except AddressError as error:
            raise CommandError(str(error)) from None
        outbox.drain()
        message = _find_outcome(message)
        if message.state != MessageState.SENT:
            reason = message.last_code or " ".join(sending_places.find_problems())
            raise CommandError(f"Not sent: {message.get_state_display()}. {reason}")
        self.stdout.write(f"The mail server took the email for {address}: {message.last_code}")


def _find_outcome(message: Message) -> Message:
    """Return the message once it is sent or not: the worker may just be handing it over."""
    for _ in range(PATIENCE):
        message = Message.objects.get(pk=message.pk)
        if message.state != MessageState.SENDING:
            break
        sleep(1)
    return message
