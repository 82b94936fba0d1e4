"""The outbox: an email is a row, written in the transaction of its cause and sent from there.

SMTP cannot deliver exactly once: between the final dot and our commit the outcome is unknown. A
sending that is cut off in flight is therefore left in doubt. Kinds that may arrive twice are sent
again once, with the same Message-ID; every other doubt waits for a person. Messages use the
register's clock; only leases use the database's.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models.functions import Now

from charter import acts, permissions
from charter.errors import AddressError
from charter.mail import (
    bounces,
    budgets,
    claims,
    identities,
    kinds,
    rendering,
    sending_places,
    sending_stops,
)
from charter.mail.kinds import kind_of
from charter.mail.smtp import MailServer, ServerReply
from charter.models import Authority, Message, MessageAttempt, User
from charter.workflow import MessageState
from registry import clock
from registry.log import freezing, ledger

log = logging.getLogger(__name__)

BACK_OFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240)]
# A run ends before the next one starts, so a long queue never delays a worker's shutdown.
RUN_SECONDS = 10


def queue(
    *,
    kind: str,
    key: str,
    recipient: str,
    subject: str,
    text: str,
    html: str = "",
    authority: Authority | None = None,
    unsubscribe_address: str = "",
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
) -> Message:
    """Queue a message in the caller's transaction.

    Idempotent: a key that is already in use returns the existing message. A key contains no row
    numbers (see mail/identities.py). Raise AddressError if the recipient or the subject cannot be
    written into a header, ImproperlyConfigured if the kind is not registered.
    """
    kinds.check_registered(kind)
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
        authority=authority,
        unsubscribe_address=unsubscribe_address,
        not_before=not_before,
        message_id=identities.new_message_id(authority),
        created_at=clock.now(),
    )
    message.expires_at = expires_at or not_before + kind_of(message).expires_after
    Message.objects.bulk_create([message], ignore_conflicts=True)
    return Message.objects.get(key=key)


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
    """Hand over due messages, one claim at a time; return the number the server accepted.

    If the server is down, stop after one message and leave the others for the next run. Nothing is
    claimed while the register has stopped, or has moved and nobody agreed. Raise OSError, before
    any claim, while the ledger's disk is full. One query if nothing is due.
    """
    if not Message.objects.due(clock.now()).exists():
        return 0
    if freezing.find_obstacle() or not sending_places.may_send_here():
        return 0
    ledger.check_disk_space()
    server = MailServer(settings.EMAIL_URL)
    accepted_count = 0
    ends_at = time.monotonic() + RUN_SECONDS
    try:
        for _ in range(limit):
            if time.monotonic() > ends_at or budgets.is_brake_on():
                break
            alarms_only = sending_stops.current_stop() is not None
            reply = hand_over_next(server, alarms_only=alarms_only)
            if reply is None:
                break
            accepted_count += reply.was_accepted
            if reply.server_unavailable:
                break
    finally:
        server.close()
    return accepted_count


def hand_over_next(server: MailServer, *, alarms_only: bool = False) -> ServerReply | None:
    """Claim the next due message and hand it over; return the reply, or None if none is due.

    Idempotent. Safe in parallel: a claim takes each row once, under a lock that others skip. If
    killed before, during or after the hand-over: the row stays in `sending` until its lease runs
    out (sweep_leases).
    """
    while message := claim(alarms_only=alarms_only):
        if message.state == MessageState.SENDING:
            reply = server.hand_over(message)
            record_result(message, reply)
            return reply
    return None


@transaction.atomic(durable=True)
def claim(*, alarms_only: bool = False) -> Message | None:
    """Claim the next due message for one attempt, or finish it if it is no longer wanted.

    Return None if no message is due. Email to an address in doubt waits.
    """
    now = clock.now()
    message = claims.claim_next(now, alarms_only=alarms_only)
    if message is None:
        return None
    if message.expires_at <= now:
        _move_to_state(message, MessageState.EXPIRED, "Its time had passed")
    elif ledger.was_sent(message.key):
        _move_to_state(message, MessageState.SENT, "It was handed over before: the ledger tells")
        _run_follow_up(kind_of(message).after_hand_over, message)
    elif reason := claims.reason_not_to_send(message):
        _move_to_state(message, *reason)
    else:
        MessageAttempt.objects.create(message=message, number=message.attempt, started_at=now)
    return message


def record_result(message: Message, reply: ServerReply) -> None:
    """Record the result of a hand-over, in a second transaction after the claim's.

    A reply that arrives after the lease ran out still counts, unless the next attempt has started.
    """
    if reply.was_accepted:
        _write_to_ledger(message)
    with transaction.atomic(durable=True):
        rows = Message.objects.select_for_update().filter(
            pk=message.pk,
            attempt=message.attempt,
            state__in=[MessageState.SENDING, MessageState.IN_DOUBT],
        )
        if not (row := rows.first()):
            return
        state = _state_after(row, reply)
        MessageAttempt.objects.filter(message=row, number=row.attempt).update(
            ended_at=clock.now(), phase=reply.phase, outcome=state, code=str(reply)
        )
        if state == MessageState.IN_DOUBT:
            _leave_in_doubt(row, str(reply))
        elif state == MessageState.DEFERRED:
            _move_to_state(row, state, str(reply), not_before=clock.now() + _back_off(row))
        else:
            _move_to_state(row, state, str(reply))
        if verdict := reply.verdict:
            sending_stops.record_refusal(row, verdict, str(reply))
        # A follow-up may publish, so it runs last: the log's lock is always taken last.
        if state == MessageState.SENT:
            _run_follow_up(kind_of(row).after_hand_over, row)
        elif state == MessageState.BOUNCED:
            _run_follow_up(_record_proof, row)


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
        _leave_in_doubt(message, "The sending was cut off")
    return len(interrupted_messages)


@acts.act("message.resend")
def send_again(message: Message, *, by: User) -> None:
    """Queue a message in doubt again, because a person decided so."""
    permissions.check_message(by, "message.resend", message)
    message = Message.objects.select_for_update().get(pk=message.pk, state=MessageState.IN_DOUBT)
    _move_to_state(
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
    _move_to_state(message, MessageState.SENT, "Taken as sent by a person")
    acts.concerns(message)
    _run_follow_up(kind_of(message).after_hand_over, message)


def _record_proof(message: Message) -> None:
    bounces.record_proof(message, message.last_code, handed_over_on=clock.today())


def _run_follow_up(hook: Callable[[Message], object], message: Message) -> None:
    """Run the follow-up of a hand-over.

    If it fails, the hand-over stays on record: otherwise the email would be sent again.
    """
    try:
        with transaction.atomic():
            hook(message)
    except Exception:
        log.exception("What follows from message %s broke", message.key)


def _write_to_ledger(message: Message) -> None:
    """Write a hand-over to the ledger.

    If that fails, continue: the database records the hand-over as well, and an error here would
    send the email again.
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
    if reply.proves_gone:
        return MessageState.BOUNCED
    if reply.refused_for_good:
        return MessageState.FAILED
    if clock.now() + _back_off(message) >= message.expires_at:
        return MessageState.EXPIRED
    return MessageState.DEFERRED


def _back_off(message: Message) -> timedelta:
    return BACK_OFF[min(message.attempt, len(BACK_OFF)) - 1]


def _leave_in_doubt(message: Message, code: str) -> None:
    """Record a doubt; if the kind may arrive twice and this is the first, queue it again."""
    _move_to_state(message, MessageState.IN_DOUBT, code, doubts=message.doubts + 1)
    if kind_of(message).resend and message.doubts == 1:
        _move_to_state(message, MessageState.QUEUED, code)


def _move_to_state(message: Message, state: MessageState, code: str, **fields: object) -> None:
    """Move a message to its next state and release the lease."""
    is_waiting = state in (MessageState.QUEUED, MessageState.DEFERRED, MessageState.IN_DOUBT)
    fields |= {
        "state": state,
        "last_code": code[:300],
        "lease_until": None,
        "finished_at": None if is_waiting else clock.now(),
    }
    if kind_of(message).secret and not is_waiting:
        fields |= {"text": "", "html": ""}
    for name, value in fields.items():
        setattr(message, name, value)
    message.save(update_fields=list(fields))
