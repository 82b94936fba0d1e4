"""Delivery of the demonstration's email to the folder of the local mail sink."""

from datetime import date

from django.conf import settings

from charter.mail import rendering
from charter.mail.smtp import MailServer, Phase, ServerReply, serialise_message
from charter.models import Message
from registry import clock
from registry.local.mail_sink import MailSinkHandler


class MailSinkServer(MailServer):
    """A mail server that writes to the mail sink's folder and drops email of earlier days."""

    def __init__(self, from_day: date) -> None:
        self.sink = MailSinkHandler(settings.REGISTER_HOME / "mail")
        self.from_day = from_day

    def hand_over(self, message: Message) -> ServerReply:
        if clock.today() >= self.from_day:
            content = serialise_message(message, rendering.sender_details(message.authority))
            self.sink.save_message(content, "", [message.recipient], clock.now())
        return ServerReply(Phase.AFTER_DOT, 250, "Kept")

    def close(self) -> None:
        """Do nothing, because no connection is open."""
