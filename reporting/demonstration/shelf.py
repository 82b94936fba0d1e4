"""Where the mail of the demonstration goes: into the folder of the local mail sink."""

from datetime import date

from django.conf import settings

from charter.models import Message
from charter.smtp import Answer, MailServer, Phase, written
from registry import clock
from registry.local.mail_sink import KeepMail


class Shelf(MailServer):
    """The folder of the mail sink, without a line between. Of what is long past nothing is kept."""

    def __init__(self, from_day: date) -> None:
        self.sink = KeepMail(settings.REGISTER_HOME / "mail")
        self.from_day = from_day

    def hand_over(self, message: Message) -> Answer:
        if clock.today() >= self.from_day:
            self.sink.keep(written(message), "", [message.recipient], clock.now())
        return Answer(Phase.AFTER_DOT, 250, "Kept")

    def close(self) -> None:
        """Nothing is open."""
