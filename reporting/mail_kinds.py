"""The kinds of email that reporting sends."""

from charter.mail.kinds import MessageKind
from reporting.actions import first_update_invitations, returned_updates
from reporting.reminders import sending

MESSAGE_KINDS = [
    MessageKind(
        "reminder",
        "Reminders",
        resend=True,
        cancellation_reasons=sending.cancellation_reasons,
        after_hand_over=sending.publish_requests,
    ),
    MessageKind(
        "first_update_invitation",
        "Invitations to send a first update",
        cancellation_reason=first_update_invitations.cancellation_reason,
    ),
    MessageKind(
        "send_again",
        "Returned updates to send again",
        resend=True,
        cancellation_reason=returned_updates.cancellation_reason,
    ),
    MessageKind("delegation", "Requests to a colleague of a signatory", secret=True),
    MessageKind("delegated", "Drafts by a colleague of a signatory", resend=True),
    MessageKind("confirmation", "Requests to confirm a result", secret=True),
    MessageKind("check", "Checks by the council", resend=True),
    MessageKind("help_answer", "Answers to requests for help", resend=True),
    MessageKind("letter", "Letters from the council", resend=True),
    MessageKind("link", "Broken evidence links", resend=True),
    MessageKind("second_look", "Questions to a colleague at the council", resend=True),
]
