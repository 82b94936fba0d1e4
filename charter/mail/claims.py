"""Which messages go out next, and whether they are still to be sent."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Lower, Now

from charter.mail.kinds import MessageKind, kind_of, registered_kinds
from charter.models import Message, RefusedAddress
from charter.workflow import MessageState

log = logging.getLogger(__name__)

# Longer than a run, and the wait after the final dot (smtp.AFTER_DOT_SECONDS).
LEASE = timedelta(minutes=15)


def claim_next(now: datetime, size: int, *, alarms_only: bool) -> list[Message]:
    """Claim the next due message and others like it, at most `size`, in the caller's transaction.

    What is cut off leaves a doubt about every message of a batch. So one that must not arrive twice
    is claimed by itself, and one in doubt before as well. Email to an address in doubt waits, and
    while sending has stopped all but alarms does.
    """
    due = Message.objects.due(now).order_by("not_before", "pk").select_related("authority")
    due = due.select_for_update(of=("self",), skip_locked=True)
    registered = registered_kinds()
    if on_hold := list(RefusedAddress.objects.on_hold(now).values_list("email", flat=True)):
        ignoring = [kind.code for kind in registered if kind.ignores_refusals]
        may_go = Q(kind__in=ignoring) | ~Q(address__in=on_hold)
        due = due.alias(address=Lower("recipient")).filter(may_go)
    if alarms_only:
        due = due.filter(kind__in=[kind.code for kind in registered if kind.is_alarm])
    batch = list(due[:1])
    if batch and size > 1 and kind_of(batch[0]).resend and not batch[0].doubts:
        alike = due.filter(kind=batch[0].kind, doubts=0).exclude(pk=batch[0].pk)
        batch += alike[: size - 1]
    for message in batch:
        message.state = MessageState.SENDING
        message.attempt += 1
    Message.objects.filter(pk__in=[message.pk for message in batch]).update(
        state=MessageState.SENDING, attempt=F("attempt") + 1, lease_until=Now() + LEASE
    )
    return batch


def reasons_not_to_send(messages: Sequence[Message]) -> dict[int, tuple[MessageState, str]]:
    """Return the final state and the reason of those messages of one kind that must not be sent.

    By primary key.
    """
    kind = kind_of(messages[0])
    reasons = {}
    if not kind.ignores_refusals:
        gone = RefusedAddress.objects.gone().filter(
            email__in={message.recipient.lower() for message in messages}
        )
        emails = set(gone.values_list("email", flat=True))
        why = (MessageState.CANCELLED, "The mailbox is gone: two emails came back")
        reasons = {m.pk: why for m in messages if m.recipient.lower() in emails}
    return reasons | _check(kind, [m for m in messages if m.pk not in reasons])


def _check(kind: MessageKind, messages: Sequence[Message]) -> dict[int, tuple[MessageState, str]]:
    """Ask a kind about its messages. A check that fails ends its own message, not the queue."""
    try:
        with transaction.atomic():
            found = kind.find_cancellation_reasons(messages)
    except Exception as error:
        if len(messages) > 1:
            for message in messages:  # What the check completed was not saved.
                message.refresh_from_db(fields=["subject", "text", "html"])
            return {pk: why for m in messages for pk, why in _check(kind, [m]).items()}
        log.exception("The check of message %s broke", messages[0].key)
        why = f"Its check broke: {type(error).__name__}"
        return {messages[0].pk: (MessageState.FAILED, why)}
    return {pk: (MessageState.CANCELLED, reason) for pk, reason in found.items() if reason}
