"""The alarm about a stop of sending: it is tried by email, although email is what has failed."""

from django.urls import reverse

from charter.mail import sending_stops
from charter.mail.administrators import email_administrators
from charter.models import SendingStop


def email_stop(stop: SendingStop) -> None:
    """Email all administrators that sending has stopped."""
    email_administrators(
        None,
        sentence="The register has stopped sending email",
        details="\n".join(sending_stops.find_problems()),
        address=f"{reverse('council:messages')}#stopped",
        advice="Ask the person who runs the register to look at the mail server. "
        "Then start sending again on the page below.",
    )
