"""The kinds of email, each with its check before sending, its follow-up and its rule for doubts.

Checks and follow-ups are dotted paths, resolved when a message is sent: some of them lead into
`reporting`, which this package may not import.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from django.utils.module_loading import import_string

from charter.models import Message


@dataclass(frozen=True)
class MessageRule:
    """The rule for one kind of message."""

    # Dotted path of (message) -> the reason to cancel it, or ""; it may complete the text with
    # facts that became known after queueing.
    check: str = ""
    # Dotted path of (message) -> None; called in the transaction that records the hand-over.
    after_hand_over: str = ""
    # Queued again once after a sending was cut off in flight.
    resend: bool = False
    # Contains a one-time link or code: the text is deleted once the message has finished.
    secret: bool = False


MESSAGE_RULES = {
    "account": MessageRule(secret=True),
    "invitation": MessageRule(secret=True, check="charter.actions.people.cancellation_reason"),
    "returned": MessageRule(resend=True),
    "people": MessageRule(resend=True),
    "declined": MessageRule(resend=True),
    "details": MessageRule(resend=True),
    "error_report_response": MessageRule(resend=True),
    "receipt": MessageRule(resend=True, check="charter.mail.rendering.complete_receipt"),
    "digest": MessageRule(
        resend=True,
        check="reporting.reminders.sending.cancellation_reason",
        after_hand_over="reporting.reminders.sending.publish_requests",
    ),
    "check": MessageRule(resend=True),
    "confirmation": MessageRule(secret=True),
    "delegation": MessageRule(secret=True),
    "delegated": MessageRule(resend=True),
    "link": MessageRule(resend=True),
    "second_look": MessageRule(resend=True),
    "standing": MessageRule(resend=True),
    "letter": MessageRule(resend=True),
    "first_update_invitation": MessageRule(
        check="reporting.actions.first_update_invitations.cancellation_reason"
    ),
    "follow": MessageRule(secret=True, check="charter.actions.following.cancellation_reason"),
    "changes": MessageRule(
        resend=True, secret=True, check="charter.actions.following.cancellation_reason"
    ),
    "test": MessageRule(),
}


@cache
def load_hook(path: str) -> Callable[[Message], str | None]:
    """Import the function at a dotted path; "" is a function that does nothing."""
    return import_string(path) if path else lambda message: None
