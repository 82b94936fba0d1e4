"""The alarm about a faulty log: an email to every administrator, as soon as it is found."""

from django.urls import reverse

from charter.mail.administrators import email_administrators
from registry.log.verifying import Fault


def email_faults(faults: list[Fault]) -> None:
    """Email all administrators of all authorities what a verification of the log found."""
    email_administrators(
        None,
        sentence="The verification of the log found a fault",
        details="\n".join(f"{fault}." for fault in faults),
        address=reverse("council:health"),
        advice="Change nothing, and forward this to the person who runs the register. "
        "The guide for operators says what to do, under Monitoring.",
    )
