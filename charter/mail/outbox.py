"""The outbox: an email is a row, written in the transaction of its cause and sent from there.

SMTP cannot deliver exactly once: between the final dot and our commit the outcome is unknown. A
sending that is cut off in flight is therefore left in doubt. Kinds that may arrive twice are sent
again once, with the same Message-ID; every other doubt waits for a person. Messages use the
register's clock; only leases use the database's.
"""

import time
from collections import deque
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from typing import Any, NotRequired, TypedDict, Unpack

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models.functions import Now

from charter import acts, permissions
from charter.errors import AddressError
from charter.mail import (
    budgets,
    claims,
    identities,
    kinds,
    rendering,
    results,
    sending_places,
    sending_stops,
)
from charter.mail.kinds import kind_of
from charter.mail.results import move_to_state, record_result
from charter.mail.smtp import MailServer, ServerReply
from charter.models import Authority, Message, MessageAttempt, User
from charter.workflow import MessageState
from registry import clock
from registry.log import freezing, ledger

# Of a batch that is cut off, every message is left in doubt.
BATCH = 20
# Whether an email is wanted is asked in its claim, and its text is of that moment.
BATCH_SECONDS = 2
# A run ends before the next one starts, so a long queue never delays a worker's shutdown.
RUN_SECONDS = 10


class MessageFields(TypedDict):
    """What a message is built from."""

    kind: str
    key: str
    recipient: str
    subject: str
    text: str
    html: NotRequired[str]
    authority: NotRequired[Authority | None]
    unsubscribe_address: NotRequired[str]
    not_before: NotRequired[datetime | None]
    expires_at: NotRequired[datetime | None]


def build_message(**fields: Unpack[MessageFields]) -> Message:
    """Return an unsaved message; its key contains no row numbers (see mail/identities.py).

    Raise AddressError if the recipient or the subject cannot be written into a header,
    ImproperlyConfigured if the kind is not registered.
    """
    kinds.check_registered(fields["kind"])
    recipient = fields["recipient"]
    try:
        validate_email(recipient)
    except ValidationError:
        raise AddressError(f"{recipient} is not an email address.") from None
    if not recipient.isascii():
        raise AddressError(f"We cannot write to {recipient}: it has letters outside a to z.")
    if not fields["subject"].isprintable():
        raise AddressError("A subject is one line of letters that can be seen.")
    message = Message(**fields, created_at=clock.now())
    message.message_id = identities.new_message_id(message.authority)
    message.not_before = message.not_before or message.created_at
    message.expires_at = message.expires_at or message.not_before + kind_of(message).expires_after
    return message


def queue(**fields: Unpack[MessageFields]) -> Message:
    """Queue a message of these fields of `build_message`, in the caller's transaction.

    Idempotent: a key that is already in use returns the existing message.
    """
    [message] = queue_all([build_message(**fields)])
    return message


def queue_all(messages: Sequence[Message]) -> list[Message]:
    """Queue messages as `queue` does; return them in the same order, as they are stored."""
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    stored = Message.objects.in_bulk([message.key for message in messages], field_name="key")
    return [stored[message.key] for message in messages]


def queue_from_template(
    kind: str,
    *,
    key: str,
    recipient: str,
    context: dict[str, Any],
    authority: Authority | None = None,
    expires_at: datetime | None = None,
) -> Message:
    """Queue an email rendered from the template of its kind in templates/emails."""
    subject, text, html = rendering.render(kind, context, authority)
    return queue(
        kind=kind,
        key=key,
        recipient=recipient,
        subject=subject,
        text=text,
        html=html,
        authority=authority,
        expires_at=expires_at,
    )


def drain(limit: int = 200) -> int:
    """Hand over due messages in batches; return the number the server accepted.

    If the server is down, stop after one message and leave the others for the next run. Nothing is
    claimed while the register has stopped, or has moved and nobody agreed. Raise OSError, before
    any claim, while the ledger's disk is full. One query if nothing is due.
    """
    if not Message.objects.due(clock.now()).exists():
        return 0
    if freezing.find_obstacle() or not sending_places.may_send_here():
        return 0
    ledger.check_disk_space()
    accepted_count = 0
    ends_at = time.monotonic() + RUN_SECONDS
    with closing(MailServer(settings.EMAIL_URL)) as server:
        while limit > 0 and time.monotonic() <= ends_at:
            alarms_only = sending_stops.current_stop() is not None
            size = budgets.batch_size(min(limit, BATCH))
            batch = claim_batch(size, alarms_only=alarms_only) if size else []
            if not batch:
                break
            sending = [message for message in batch if message.state == MessageState.SENDING]
            limit -= len(sending)
            count, is_available = _hand_over(server, sending, ends_at)
            accepted_count += count
            if not is_available:
                break
    return accepted_count


def _hand_over(server: MailServer, batch: list[Message], ends_at: float) -> tuple[int, bool]:
    """Hand over a batch; return how many the server accepted, and whether it is still there.

    What is accepted is recorded in one transaction: at the end, or before something that is not,
    since a refusal is judged by what else was sent. The rest is released if the server fails,
    sending stops or the time is over: the lease covers no more, and what was claimed some seconds
    ago may be wanted no longer.
    """
    ends_at = min(ends_at, time.monotonic() + BATCH_SECONDS)
    accepted: list[tuple[Message, ServerReply]] = []
    untried, accepted_count, is_available = deque(batch), 0, True
    while untried:
        message = untried.popleft()
        reply = server.hand_over(message)
        if reply.was_accepted:
            results.note_in_ledger(message)
            accepted.append((message, reply))
            accepted_count += 1
        else:
            results.record_accepted(accepted)
            accepted = []
            record_result(message, reply)
            is_available = not reply.server_unavailable
            if not is_available or sending_stops.current_stop():
                break
        if time.monotonic() > ends_at:
            break
    results.record_accepted(accepted)
    results.release(untried)
    return accepted_count, is_available


def hand_over_next(server: MailServer) -> ServerReply | None:
    """Claim the next due message and hand it over; return the reply, or None if none is due.

    Idempotent. Safe in parallel: a claim takes each row once, under a lock that others skip. If
    killed before, during or after the hand-over: the row stays in `sending` until its lease runs
    out (sweep_leases).
    """
    while message := claim():
        if message.state == MessageState.SENDING:
            reply = server.hand_over(message)
            record_result(message, reply)
            return reply
    return None


def claim() -> Message | None:
    """Claim the next due message; return None if none is due."""
    return next(iter(claim_batch(1)), None)


@transaction.atomic(durable=True)
def claim_batch(size: int, *, alarms_only: bool = False) -> list[Message]:
    """Claim due messages of one kind for one attempt, and finish those no longer wanted.

    Email to an address in doubt waits. If killed after the commit: as in `hand_over_next`.
    """
    now = clock.now()
    batch = claims.claim_next(now, size, alarms_only=alarms_only)
    handed_over = ledger.find_sent([message.key for message in batch])
    known, to_check = [], []
    for message in batch:
        if message.expires_at <= now:
            move_to_state(message, MessageState.EXPIRED, "Its time had passed")
        elif message.key in handed_over:
            move_to_state(message, MessageState.SENT, "It was handed over before: the ledger tells")
            known.append(message)
        else:
            to_check.append(message)
    reasons = claims.reasons_not_to_send(to_check) if to_check else {}
    for message in to_check:
        if reason := reasons.get(message.pk):
            move_to_state(message, *reason)
    MessageAttempt.objects.bulk_create(
        MessageAttempt(message=message, number=message.attempt, started_at=now)
        for message in batch
        if message.state == MessageState.SENDING
    )
    if known:
        results.run_follow_up(kind_of(known[0]).after_hand_over, known)
    return batch


@transaction.atomic
def sweep_leases() -> int:
    """Leave in doubt the messages whose lease ran out in flight; return the number.

    Idempotent. Safe in parallel: rows are locked, and a second run skips them.
    """
    interrupted_messages = Message.objects.select_for_update(skip_locked=True).filter(
        state=MessageState.SENDING, lease_until__lt=Now()
    )
    for message in interrupted_messages:
        MessageAttempt.objects.filter(message=message, number=message.attempt).update(
            ended_at=clock.now(), outcome=MessageState.IN_DOUBT, code="The sending was cut off"
        )
        results.leave_in_doubt(message, "The sending was cut off")
    return len(interrupted_messages)


@acts.act("message.resend")
def send_again(message: Message, *, by: User) -> None:
    """Queue a message in doubt again, because a person decided so."""
    permissions.check_message(by, "message.resend", message)
    message = Message.objects.select_for_update().get(pk=message.pk, state=MessageState.IN_DOUBT)
    move_to_state(
        message,
        MessageState.QUEUED,
        "Sent again by a person",
        expires_at=clock.now() + kind_of(message).expires_after,
    )
    acts.concerns(message)


@acts.act("message.mark_sent")
def mark_as_sent(message: Message, *, by: User) -> None:
    """Mark a message in doubt as handed over, because a person decided so."""
    permissions.check_message(by, "message.mark_sent", message)
    message = Message.objects.select_for_update().get(pk=message.pk, state=MessageState.IN_DOUBT)
    move_to_state(message, MessageState.SENT, "Taken as sent by a person")
    acts.concerns(message)
    results.run_follow_up(kind_of(message).after_hand_over, [message])
