"""States, their transitions and whose turn each is. Tables only, read by code and triggers."""

from django.db import models

from registry.schema.code_lists import Standing


class ReviewStatus(models.TextChoices):
    """Of updates and successes. Commitments and changes have these and their own."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "With the council"
    RETURNED = "returned", "Returned with comments"
    PUBLISHED = "published", "Published"


class CommitmentStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "With the council"
    RETURNED = "returned", "Returned with comments"
    PUBLISHED = "published", "Published"
    CLOSED = "closed", "Closed"
    WITHDRAWN = "withdrawn", "Withdrawn"


class ChangeStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "With the council"
    RETURNED = "returned", "Returned with comments"
    PUBLISHED = "published", "Published"
    DROPPED = "dropped", "Dropped"


class ApplicationStatus(models.TextChoices):
    WAITING = "waiting", "Waiting for the council"
    ADMITTED = "admitted", "Admitted"
    DECLINED = "declined", "Declined with reasons"


class MessageState(models.TextChoices):
    QUEUED = "queued", "Queued"
    SENDING = "sending", "Sending"
    SENT = "sent", "Sent"
    DEFERRED = "deferred", "Deferred"
    BOUNCED = "bounced", "Returned"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Expired"
    IN_DOUBT = "in_doubt", "Delivery uncertain"


class Turn(models.TextChoices):
    SIGNATORY = "signatory", "The signatory's"
    COUNCIL = "council", "The council's"
    MACHINE = "machine", "The machine's"
    NOBODY = "nobody", "Nobody's"


# What is submitted is taken back by its sender, or returned or published by the council.
REVIEW_MOVES: dict[str, list[str]] = {
    ReviewStatus.DRAFT: [ReviewStatus.SUBMITTED],
    ReviewStatus.SUBMITTED: [ReviewStatus.DRAFT, ReviewStatus.RETURNED, ReviewStatus.PUBLISHED],
    ReviewStatus.RETURNED: [ReviewStatus.SUBMITTED],
    ReviewStatus.PUBLISHED: [],
}
REVIEW_TURNS: dict[str, Turn] = {
    ReviewStatus.DRAFT: Turn.SIGNATORY,
    ReviewStatus.SUBMITTED: Turn.COUNCIL,
    ReviewStatus.RETURNED: Turn.SIGNATORY,
    ReviewStatus.PUBLISHED: Turn.NOBODY,
}
COMMITMENT_MOVES: dict[str, list[str]] = REVIEW_MOVES | {
    CommitmentStatus.PUBLISHED: [CommitmentStatus.CLOSED, CommitmentStatus.WITHDRAWN],
    CommitmentStatus.CLOSED: [],
    CommitmentStatus.WITHDRAWN: [],
}
COMMITMENT_TURNS: dict[str, Turn] = REVIEW_TURNS | {
    CommitmentStatus.PUBLISHED: Turn.SIGNATORY,
    CommitmentStatus.CLOSED: Turn.NOBODY,
    CommitmentStatus.WITHDRAWN: Turn.NOBODY,
}
CHANGE_MOVES: dict[str, list[str]] = {
    # A change is dropped at any time before it is public.
    **{status: [*afters, ChangeStatus.DROPPED] for status, afters in REVIEW_MOVES.items()},
    ChangeStatus.PUBLISHED: [],
    ChangeStatus.DROPPED: [],
}
CHANGE_TURNS: dict[str, Turn] = REVIEW_TURNS | {ChangeStatus.DROPPED: Turn.NOBODY}
APPLICATION_MOVES: dict[str, list[str]] = {
    ApplicationStatus.WAITING: [ApplicationStatus.ADMITTED, ApplicationStatus.DECLINED],
    ApplicationStatus.ADMITTED: [],
    ApplicationStatus.DECLINED: [],
}
APPLICATION_TURNS: dict[str, Turn] = {
    ApplicationStatus.WAITING: Turn.COUNCIL,
    ApplicationStatus.ADMITTED: Turn.NOBODY,
    ApplicationStatus.DECLINED: Turn.NOBODY,
}
LEFT_STANDINGS = Standing.left_standings()
STANDING_MOVES: dict[str, list[str]] = {
    Standing.PLAN_IN_PROGRESS: [Standing.ACCREDITED, Standing.SUSPENDED, *LEFT_STANDINGS],
    Standing.ACCREDITED: [Standing.SUSPENDED, Standing.LAPSED, *LEFT_STANDINGS],
    Standing.SUSPENDED: [Standing.PLAN_IN_PROGRESS, Standing.ACCREDITED, *LEFT_STANDINGS],
    Standing.LAPSED: [Standing.ACCREDITED, Standing.SUSPENDED, *LEFT_STANDINGS],
    Standing.WITHDRAWN: [],
    Standing.REMOVED: [],
    Standing.CEASED: [],
}
STANDING_TURNS: dict[str, Turn] = {
    Standing.PLAN_IN_PROGRESS: Turn.SIGNATORY,
    Standing.ACCREDITED: Turn.MACHINE,
    Standing.SUSPENDED: Turn.SIGNATORY,
    Standing.LAPSED: Turn.SIGNATORY,
    Standing.WITHDRAWN: Turn.NOBODY,
    Standing.REMOVED: Turn.NOBODY,
    Standing.CEASED: Turn.NOBODY,
}
MESSAGE_MOVES: dict[str, list[str]] = {
    MessageState.QUEUED: [MessageState.SENDING, MessageState.CANCELLED, MessageState.EXPIRED],
    MessageState.SENDING: [
        MessageState.QUEUED,  # claimed with others, and not tried
        MessageState.SENT,
        MessageState.DEFERRED,
        MessageState.BOUNCED,
        MessageState.FAILED,
        MessageState.CANCELLED,
        MessageState.EXPIRED,
        MessageState.IN_DOUBT,
    ],
    MessageState.DEFERRED: [MessageState.SENDING, MessageState.CANCELLED, MessageState.EXPIRED],
    MessageState.IN_DOUBT: [MessageState.QUEUED, MessageState.SENT, MessageState.CANCELLED],
    # A delivery report may arrive after the server accepted the email.
    MessageState.SENT: [MessageState.BOUNCED],
    MessageState.BOUNCED: [],
    MessageState.FAILED: [],
    MessageState.CANCELLED: [],
    MessageState.EXPIRED: [],
}


def trigger_moves(moves: dict[str, list[str]]) -> list[tuple[str, str]]:
    """Return a table of moves as (before, after) pairs for a database trigger."""
    return [(str(before), str(after)) for before, afters in moves.items() for after in afters]
