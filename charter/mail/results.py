"""What came of a hand-over: the state of each message afterwards, and what follows from it."""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F

from charter.mail import bounces, erasing, sending_stops
from charter.mail.kinds import kind_of
from charter.mail.smtp import Phase, ServerReply
from charter.models import Message, MessageAttempt
from charter.workflow import MessageState
from registry import clock
from registry.log import ledger

log = logging.getLogger(__name__)

BACK_OFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240)]

# Django's bulk_update takes longer to build than a batch takes to send.
ACCEPTED = """
    unnest(%(ids)s::bigint[], %(numbers)s::integer[], %(codes)s::text[])
    AS accepted (id, number, code)
"""
ATTEMPTS_ACCEPTED = f"""
    UPDATE charter_messageattempt AS attempt
    SET ended_at = %(now)s, phase = %(phase)s, outcome = 'sent', code = accepted.code
    FROM {ACCEPTED}
    WHERE attempt.message_id = accepted.id AND attempt.number = accepted.number
"""  # noqa: S608 - no part of it is user input
MESSAGES_ACCEPTED = f"""
    UPDATE charter_message AS message
    SET state = 'sent', lease_until = NULL, finished_at = %(now)s, last_code = accepted.code,
        text = CASE WHEN %(is_secret)s THEN '' ELSE text END,
        html = CASE WHEN %(is_secret)s THEN '' ELSE html END
    FROM {ACCEPTED} WHERE message.id = accepted.id
"""  # noqa: S608 - no part of it is user input

FollowUp = Callable[[Sequence[Message]], object]


def record_result(message: Message, reply: ServerReply) -> None:
    """Record the result of a hand-over, in a second transaction after the claim's.

    A reply that arrives after the lease ran out still counts, unless the next attempt has started.
    """
    if reply.was_accepted:
        note_in_ledger(message)
        record_accepted([(message, reply)])
        return
    with transaction.atomic(durable=True):
        if not (rows := _lock_tried([message])):
            return
        [row] = rows
        state = _state_after(row, reply)
        MessageAttempt.objects.filter(message=row, number=row.attempt).update(
            ended_at=clock.now(), phase=reply.phase, outcome=state, code=str(reply)
        )
        if state == MessageState.IN_DOUBT:
            leave_in_doubt(row, str(reply))
        elif state == MessageState.DEFERRED:
            move_to_state(row, state, str(reply), not_before=clock.now() + _back_off(row))
        else:
            move_to_state(row, state, str(reply))
        if verdict := reply.verdict:
            sending_stops.record_refusal(row, verdict, str(reply))
        # A follow-up may publish, so it runs last: the log's lock is always taken last.
        if state == MessageState.BOUNCED:
            run_follow_up(_record_proof, [row])


def record_accepted(accepted: Sequence[tuple[Message, ServerReply]]) -> None:
    """Record in one transaction that a server accepted messages of one kind.

    `note_in_ledger` has noted each. If killed before the commit: once the lease of a message has
    run out, it is claimed again, and the ledger tells that it was sent.
    """
    if not accepted:
        return
    try:
        ledger.wait_for_disk()
    except OSError:
        log.exception("The ledger may not know of messages that were sent")
    replies = {message.pk: reply for message, reply in accepted}
    with transaction.atomic(durable=True):
        rows = _lock_tried([message for message, _ in accepted])
        for row in rows:
            _set_state(row, MessageState.SENT, str(replies[row.pk]))
        if rows:
            _save_accepted(rows)
        # A follow-up may publish, so it runs last: the log's lock is always taken last.
        is_followed = not rows or run_follow_up(kind_of(rows[0]).after_hand_over, rows)
    if not is_followed and len(rows) > 1:
        for row in rows:  # One of them broke it, and must not keep the others.
            run_follow_up(kind_of(row).after_hand_over, [row])


def release(messages: Collection[Message]) -> None:
    """Give claimed messages back that were not tried, as if they had not been claimed."""
    if not messages:
        return
    with transaction.atomic(durable=True):
        rows = [row for row in _lock_tried(messages) if row.state == MessageState.SENDING]
        for row in rows:
            MessageAttempt.objects.filter(message=row, number=row.attempt).delete()
        Message.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=MessageState.QUEUED, attempt=F("attempt") - 1, lease_until=None
        )


def note_in_ledger(message: Message) -> None:
    """Write a hand-over to the ledger, which may still be on its way to the disk.

    If that fails, continue: the database records the hand-over as well, and an error here would
    send the email again.
    """
    now = clock.now().isoformat(timespec="seconds")
    line = {"what": "sent", "key": message.key, "message_id": message.message_id, "at": now}
    try:
        ledger.append_line(line, wait=False)
    except OSError:
        log.exception("The ledger does not know of message %s", message.key)


def leave_in_doubt(message: Message, code: str) -> None:
    """Record a doubt; if the kind may arrive twice and this is the first, queue it again."""
    move_to_state(message, MessageState.IN_DOUBT, code, doubts=message.doubts + 1)
    if kind_of(message).resend and message.doubts == 1:
        move_to_state(message, MessageState.QUEUED, code)


def move_to_state(message: Message, state: MessageState, code: str, **fields: object) -> None:
    """Move a message to its next state and release the lease.

    What follows from a message that was sent is in its kind.
    """
    message.save(update_fields=_set_state(message, state, code, **fields))
    if message.finished_at and state != MessageState.SENT:
        erasing.erase_stopped([message])


def run_follow_up(follow_up: FollowUp, messages: Sequence[Message]) -> bool:
    """Run what follows from the results of messages; return whether it worked.

    If it fails, the hand-over stays on record: otherwise the email would be sent again.
    """
    try:
        with transaction.atomic():
            follow_up(messages)
    except Exception:
        log.exception("What follows from these messages broke: %s", ", ".join(map(str, messages)))
        return False
    return True


def _record_proof(messages: Sequence[Message]) -> None:
    for message in messages:
        bounces.record_proof(message, message.last_code, handed_over_on=clock.today())


def _lock_tried(messages: Iterable[Message]) -> list[Message]:
    """Lock and return those messages whose attempt is still the one that was made."""
    numbers = {message.pk: message.attempt for message in messages}
    rows = Message.objects.select_for_update().filter(
        pk__in=numbers, state__in=[MessageState.SENDING, MessageState.IN_DOUBT]
    )
    return [row for row in rows.order_by("pk") if row.attempt == numbers[row.pk]]


def _save_accepted(rows: Sequence[Message]) -> None:
    """Save messages of one kind that a server accepted, with their attempts."""
    values = {
        "now": rows[0].finished_at,
        "phase": Phase.AFTER_DOT,
        "is_secret": kind_of(rows[0]).secret,
        "ids": [row.pk for row in rows],
        "numbers": [row.attempt for row in rows],
        "codes": [row.last_code for row in rows],
    }
    with connection.cursor() as cursor:
        cursor.execute(ATTEMPTS_ACCEPTED, values)
        cursor.execute(MESSAGES_ACCEPTED, values)


def _state_after(message: Message, reply: ServerReply) -> MessageState:
    """Return the state after a reply that did not accept a message."""
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


def _set_state(message: Message, state: MessageState, code: str, **fields: object) -> list[str]:
    """Set what a move to a state changes; return the names of the fields."""
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
    return list(fields)
