"""The outbox: email is a row, written in the transaction of its cause, and handed over from there.

Exactly once cannot be had from mail: between the final dot and our commit nobody can know. So a
sending cut off in flight is left in doubt. Kinds that may come twice are sent again once, with the
same Message-ID; every other doubt waits for a person. The times of messages are the register's
clock, the leases alone the database's.
"""

import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from charter import permissions
from charter.errors import AddressError
from charter.mail import bounces, budgets, rendering
from charter.mail.smtp import MailServer, ServerReply
from charter.models import Message, MessageAttempt, User
from charter.workflow import MessageState
from registry import clock
from registry.log import ledger

log = logging.getLogger(__name__)

BACK_OFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240)]
EXPIRES_AFTER = timedelta(days=7)
# A run ends before the next bell of the clock: a long queue keeps no worker that is told to end.
RUN_SECONDS = 10

# Longer than a client waits after the final dot (smtp.AFTER_DOT_SECONDS).
CLAIM_SQL = """
    UPDATE charter_message
    SET state = 'sending', attempt = attempt + 1, lease_until = now() + interval '15 minutes'
    WHERE id = (
        SELECT id FROM charter_message
        WHERE state IN ('queued', 'deferred') AND not_before <= %s
        ORDER BY not_before, id LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING *
"""


@dataclass(frozen=True)
class MessageRule:
    """What holds for a kind of message. Dotted paths lead to where it is decided."""

    # (message) -> why it is no longer wanted, or ""; may complete the text with what is known now.
    check: str = ""
    # (message) -> None; called in the transaction that records the hand-over.
    after_hand_over: str = ""
    # Sent again once when a sending was cut off in flight.
    resend: bool = False
    # Holds a one-time link or code: the text is forgotten once it is over.
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


def queue(
    *,
    kind: str,
    key: str,
    recipient: str,
    subject: str,
    text: str,
    html: str = "",
    unsubscribe_address: str = "",
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
) -> Message:
    """Write a message in the caller's transaction; a key used before gives the message of then."""
    try:
        validate_email(recipient)
    except ValidationError:
        raise AddressError(f"{recipient} is not an email address.") from None
    if not recipient.isascii():
        raise AddressError(f"We cannot write to {recipient}: it has letters outside a to z.")
    if not subject.isprintable():
        raise AddressError("A subject is one line of letters that can be seen.")
    not_before = not_before or clock.now()
    message = Message(
        key=key,
        kind=kind,
        recipient=recipient,
        subject=subject,
        text=text,
        html=html,
        unsubscribe_address=unsubscribe_address,
        not_before=not_before,
        expires_at=expires_at or not_before + EXPIRES_AFTER,
        message_id=message_id(key),
        created_at=clock.now(),
    )
    Message.objects.bulk_create([message], ignore_conflicts=True)
    return Message.objects.get(key=key)


def queue_from_template(
    kind: str,
    *,
    key: str,
    recipient: str,
    context: dict[str, Any],
    expires_at: datetime | None = None,
) -> Message:
    """Queue the email of a kind, whose words stand under its name in templates/emails."""
    subject, text, html = rendering.render(kind, context)
    return queue(
        kind=kind,
        key=key,
        recipient=recipient,
        subject=subject,
        text=text,
        html=html,
        expires_at=expires_at,
    )


def message_id(key: str) -> str:
    """Return the Message-ID of a key: the same for every attempt, so that a copy can be told."""
    domain = rendering.sender_details()["sender_address"].partition("@")[2]
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"


def drain(limit: int = 200) -> int:
    """Hand over what is due, one claim at a time; return how many emails the server took.

    A server that is down ends the run after one message; the others wait untouched for the next.
    While the ledger's disk is full nothing is claimed: raise OSError.
    """
    ledger.check_disk_space()
    server = MailServer(settings.EMAIL_URL)
    accepted_count = 0
    ends_at = time.monotonic() + RUN_SECONDS
    try:
        for _ in range(limit):
            if time.monotonic() > ends_at or budgets.is_brake_on():
                break
            reply = hand_over_next(server)
            if reply is None:
                break
            accepted_count += reply.was_accepted
            if reply.server_unavailable:
                break
    finally:
        server.close()
    return accepted_count


def hand_over_next(server: MailServer) -> ServerReply | None:
    """Claim the next message that is due and hand it over; return the reply, None if none is due.

    Idempotent and safe in parallel: a claim takes each row once, under a lock that others skip. If
    killed before, in or after the hand-over, the row stays in `sending` until its lease runs out
    (sweep_leases).
    """
    while message := claim():
        if message.state == MessageState.SENDING:
            reply = server.hand_over(message)
            record_result(message, reply)
            return reply
    return None


@transaction.atomic(durable=True)
def claim() -> Message | None:
    """Take the next due message for one attempt, unless it is no longer wanted.

    None when nothing is due.
    """
    now = clock.now()
    message = next(iter(Message.objects.raw(CLAIM_SQL, [now])), None)
    if message is None:
        return None
    if message.expires_at <= now:
        _move_to_state(message, MessageState.EXPIRED, "Its time had passed")
    elif ledger.was_sent(message.key):
        _move_to_state(message, MessageState.SENT, "It was handed over before: the ledger tells")
        _run_follow_up(_load_hook(MESSAGE_RULES[message.kind].after_hand_over), message)
    elif reason := _reason_not_to_send(message):
        _move_to_state(message, *reason)
    else:
        MessageAttempt.objects.create(message=message, number=message.attempt, started_at=now)
    return message


def record_result(message: Message, reply: ServerReply) -> None:
    """Record what became of a hand-over, in a second transaction after the claim's.

    An answer that comes after the lease ran out still counts, unless the next attempt has begun.
    """
    if reply.was_accepted:
        _write_to_ledger(message)
    with transaction.atomic(durable=True):
        claimed = Message.objects.select_for_update().filter(
            pk=message.pk,
            attempt=message.attempt,
            state__in=[MessageState.SENDING, MessageState.IN_DOUBT],
        )
        if not (found := claimed.first()):
            return
        state = _state_after(found, reply)
        MessageAttempt.objects.filter(message=found, number=found.attempt).update(
            ended_at=clock.now(), phase=reply.phase, outcome=state, code=str(reply)
        )
        if state == MessageState.IN_DOUBT:
            _leave_in_doubt(found, str(reply))
        elif state == MessageState.DEFERRED:
            _move_to_state(found, state, str(reply), not_before=clock.now() + _back_off(found))
        else:
            _move_to_state(found, state, str(reply))
        # What follows may publish: the register's lock comes last.
        if state == MessageState.SENT:
            _run_follow_up(_load_hook(MESSAGE_RULES[found.kind].after_hand_over), found)
        elif state == MessageState.BOUNCED:
            _run_follow_up(bounces.record_bounce, found)


@transaction.atomic
def sweep_leases() -> int:
    """Leave in doubt what was in flight when its lease ran out; return how many.

    Twice or in parallel: the rows are locked, and no longer in `sending` for the second.
    """
    cut_off = Message.objects.select_for_update(skip_locked=True).filter(
        state=MessageState.SENDING, lease_until__lt=Now()
    )
    for message in cut_off:
        MessageAttempt.objects.filter(message=message, number=message.attempt).update(
            ended_at=clock.now(), outcome=MessageState.IN_DOUBT, code="The sending was cut off"
        )
        _leave_in_doubt(message, "The sending was cut off")
    return len(cut_off)


@transaction.atomic
def send_again(message: Message, *, by: User) -> None:
    """Queue a message in doubt once more, by a person's decision."""
    permissions.check_is_council(by)
    message = Message.objects.select_for_update().get(pk=message.pk, state=MessageState.IN_DOUBT)
    _move_to_state(
        message,
        MessageState.QUEUED,
        "Sent again by a person",
        expires_at=clock.now() + EXPIRES_AFTER,
    )


@transaction.atomic
def mark_as_sent(message: Message, *, by: User) -> None:
    """Take a message in doubt as handed over, by a person's decision."""
    permissions.check_is_council(by)
    message = Message.objects.select_for_update().get(pk=message.pk, state=MessageState.IN_DOUBT)
    _move_to_state(message, MessageState.SENT, "Taken as sent by a person")
    _run_follow_up(_load_hook(MESSAGE_RULES[message.kind].after_hand_over), message)


def erase_content(messages: QuerySet[Message]) -> None:
    """Empty address and words of emails that are over; that there was one stays on record."""
    over = messages.exclude(finished_at=None).exclude(recipient="")
    MessageAttempt.objects.filter(message__in=over).update(code="")
    over.update(recipient="", subject="", text="", html="", unsubscribe_address="", last_code="")


def _reason_not_to_send(message: Message) -> tuple[MessageState, str] | None:
    """Return the end of a message that is not to be sent, and its reason.

    A check that breaks ends its message, not the queue.
    """
    try:
        with transaction.atomic():
            reason = _load_hook(MESSAGE_RULES[message.kind].check)(message)
    except Exception as error:
        log.exception("The check of message %s broke", message.key)
        return MessageState.FAILED, f"Its check broke: {type(error).__name__}"
    return (MessageState.CANCELLED, reason) if reason else None


def _run_follow_up(hook: Callable[[Message], object], message: Message) -> None:
    """Do what follows from a hand-over.

    If that breaks, the hand-over stays on record: otherwise it would be repeated.
    """
    try:
        with transaction.atomic():
            hook(message)
    except Exception:
        log.exception("What follows from message %s broke", message.key)


def _write_to_ledger(message: Message) -> None:
    """Write a hand-over into the ledger. If that breaks, the database remembers it: otherwise the
    email would be repeated.
    """
    now = clock.now().isoformat(timespec="seconds")
    line = {"what": "sent", "key": message.key, "message_id": message.message_id, "at": now}
    try:
        ledger.append_line(line)
    except OSError:
        log.exception("The ledger does not know of message %s", message.key)


def _state_after(message: Message, reply: ServerReply) -> MessageState:
    if reply.was_accepted:
        return MessageState.SENT
    if reply.outcome_unknown:
        return MessageState.IN_DOUBT
    if reply.mailbox_refused:
        return MessageState.BOUNCED
    if reply.refused_for_good:
        return MessageState.FAILED
    if clock.now() + _back_off(message) >= message.expires_at:
        return MessageState.EXPIRED
    return MessageState.DEFERRED


def _back_off(message: Message) -> timedelta:
    return BACK_OFF[min(message.attempt, len(BACK_OFF)) - 1]


def _leave_in_doubt(message: Message, code: str) -> None:
    """Record a doubt; the first one of a kind that may come twice is queued again at once."""
    _move_to_state(message, MessageState.IN_DOUBT, code, doubts=message.doubts + 1)
    if MESSAGE_RULES[message.kind].resend and message.doubts == 1:
        _move_to_state(message, MessageState.QUEUED, code)


def _move_to_state(message: Message, state: MessageState, code: str, **fields: object) -> None:
    """Move a message to its next state and give up the lease."""
    waiting = state in (MessageState.QUEUED, MessageState.DEFERRED, MessageState.IN_DOUBT)
    fields |= {
        "state": state,
        "last_code": code[:300],
        "lease_until": None,
        "finished_at": None if waiting else clock.now(),
    }
    if MESSAGE_RULES[message.kind].secret and not waiting:
        fields |= {"text": "", "html": ""}
    for name, value in fields.items():
        setattr(message, name, value)
    message.save(update_fields=list(fields))


@cache
def _load_hook(path: str) -> Callable[[Message], str | None]:
    return import_string(path) if path else lambda message: None
