"""Which message goes out next, and whether it is still to be sent."""

import logging
from datetime import datetime

from django.db import transaction

from charter.mail.kinds import kind_of, registered_kinds
from charter.models import Message, RefusedAddress
from charter.workflow import MessageState

log = logging.getLogger(__name__)

# The lease lasts longer than we wait after the final dot (smtp.AFTER_DOT_SECONDS).
CLAIM_SQL = """
    UPDATE charter_message
    SET state = 'sending', attempt = attempt + 1, lease_until = now() + interval '15 minutes'
    WHERE id = (
        SELECT id FROM charter_message
        WHERE state IN ('queued', 'deferred') AND not_before <= %(now)s
            AND (kind = ANY(%(ignoring)s) OR lower(recipient) <> ALL(%(on_hold)s))
            AND (kind = ANY(%(alarms)s) OR NOT %(alarms_only)s)
        ORDER BY not_before, id LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING *
"""


def claim_next(now: datetime, *, alarms_only: bool) -> Message | None:
    """Claim the next due message, in the caller's transaction; return None if there is none.

    Email to an address in doubt waits, and while sending has stopped all but alarms does.
    """
    registered = registered_kinds()
    values = {
        "now": now,
        "on_hold": list(RefusedAddress.objects.on_hold(now).values_list("email", flat=True)),
        "ignoring": [kind.code for kind in registered if kind.ignores_refusals],
        "alarms": [kind.code for kind in registered if kind.is_alarm],
        "alarms_only": alarms_only,
    }
    return next(iter(Message.objects.raw(CLAIM_SQL, values)), None)


def reason_not_to_send(message: Message) -> tuple[MessageState, str] | None:
    """Return the final state and reason of a message that must not be sent, or None.

    A check that fails ends its own message, not the queue.
    """
    kind = kind_of(message)
    gone = RefusedAddress.objects.gone().filter(email=message.recipient.lower())
    if not kind.ignores_refusals and gone.exists():
        return MessageState.CANCELLED, "The mailbox is gone: two emails came back"
    try:
        with transaction.atomic():
            reason = kind.cancellation_reason(message)
    except Exception as error:
        log.exception("The check of message %s broke", message.key)
        return MessageState.FAILED, f"Its check broke: {type(error).__name__}"
    return (MessageState.CANCELLED, reason) if reason else None
