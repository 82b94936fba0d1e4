"""The kinds of email that charter sends."""

from datetime import timedelta

from charter.actions import applications, following, keepers, people, stated_signatures
from charter.mail import erasing, rendering, second_looks
from charter.mail.kinds import MessageKind

MESSAGE_KINDS = [
    MessageKind("account", "Sign-in", secret=True, has_template=False, ignores_refusals=True),
    MessageKind(
        "invitation", "Invitations", secret=True, cancellation_reason=people.cancellation_reason
    ),
    MessageKind("people", "People who joined or left, or have a new role", resend=True),
    MessageKind("signing", "Invitations to sign, to people with an account"),
    MessageKind("signed", "Charters signed", resend=True),
    MessageKind(
        "application",
        "Applications: link to sign",
        secret=True,
        cancellation_reason=applications.cancellation_reason,
    ),
    MessageKind(
        "stated_signature",
        "Signatures from the council’s files",
        secret=True,
        cancellation_reason=stated_signatures.cancellation_reason,
        after_hand_over=stated_signatures.record_notifications,
    ),
    MessageKind("declined", "Applications declined", resend=True),
    MessageKind("details", "Public details of signatories", resend=True),
    MessageKind("standing", "Charter status", resend=True),
    MessageKind("returned", "Returned with comments", resend=True),
    MessageKind("receipt", "Receipts", resend=True, cancellation_reason=rendering.complete_receipt),
    MessageKind("correction", "Corrections by the council", resend=True),
    MessageKind("error_report_response", "Answers to error reports", resend=True),
    MessageKind(
        "follow",
        "Following: confirmation",
        secret=True,
        cancellation_reason=following.cancellation_reason,
        after_hand_over=erasing.erase_stopped,
        expires_after=timedelta(days=1),
    ),
    MessageKind(
        "changes",
        "Following: changes",
        resend=True,
        secret=True,
        cancellation_reason=following.cancellation_reason,
        after_hand_over=erasing.erase_stopped,
        expires_after=timedelta(days=3),
    ),
    MessageKind(
        "head",
        "Following: head of the log",
        resend=True,
        secret=True,
        cancellation_reason=keepers.cancellation_reason,
        after_hand_over=erasing.erase_stopped,
    ),
    MessageKind("proposal", "Second person needed", resend=True),
    MessageKind("administrators", "Notices to administrators", resend=True, is_alarm=True),
    MessageKind(
        "address_check",
        "Second looks at addresses",
        resend=True,
        cancellation_reason=second_looks.cancellation_reason,
        after_hand_over=second_looks.note_looks,
        ignores_refusals=True,
    ),
    MessageKind("test", "Tests"),
]
