"""Updates that the council returned and nobody sends again do not count as received for ever."""

from datetime import datetime, timedelta

from django.db.models import F
from django.urls import reverse

from charter import acts
from charter.mail.owners import email_owner
from charter.models import Commitment, Message
from charter.workflow import ReviewStatus
from registry import clock
from registry.log import publishing
from reporting.actions import updates
from reporting.models import ProgressUpdate, ReportingPeriod
from reporting.models.updates import SEND_AGAIN_WITHIN, ProgressUpdateQuerySet

WARNED_BEFORE = timedelta(days=4)


def warn_authors(now: datetime) -> int:
    """Email the authors of returned updates that stop counting soon; return their number.

    Idempotent: the key of an email names the update and its return.
    """
    today = clock.local_date(now)
    soon = _returned_updates().filter(
        returned_on__lte=today + WARNED_BEFORE - SEND_AGAIN_WITHIN,
        returned_on__gte=today - SEND_AGAIN_WITHIN,
    )
    count = 0
    for update in soon:
        key = f"send_again:{update.key}:{update.returned_on}"
        if not Message.objects.filter(key=key).exists():
            email_owner(
                update.commitment,
                template="send_again",
                key=key,
                submission=update,
                link=reverse("reporting:update", args=[update.commitment.key]),
            )
            count += 1
    return count


def cancellation_reason(message: Message) -> str:
    """Return why a warning is no longer needed, or ""."""
    _, key, returned_on = message.key.split(":")
    returned = _returned_updates().filter(key=key, returned_on=returned_on)
    return "" if returned.exists() else "The update was sent again"


@acts.act("update.lapse")
def lapse_returned(now: datetime) -> int:
    """Publish that returned updates were not received, if nobody sent them again in time.

    Return their number. What their authors wrote is kept. Idempotent. Safe in parallel: the rows
    are locked.
    """
    today = clock.local_date(now)
    open_periods = ReportingPeriod.objects.of_open_commitments().not_paused(today)
    late_updates = _returned_updates().filter(
        period__in=open_periods, returned_on__lt=today - SEND_AGAIN_WITHIN
    )
    entries = []
    for update in late_updates.order_by("commitment", "pk"):
        update = updates.lock_update(update)
        is_returned = update.status == ReviewStatus.RETURNED
        if is_returned and update.period.received_on:
            entries += updates.retract_arrival(update)
    if entries:
        publishing.publish(entries)
    return len(entries)


def _returned_updates() -> ProgressUpdateQuerySet:
    """Return the updates that still count as received although they were returned."""
    returned = ProgressUpdate.objects.filter(
        status=ReviewStatus.RETURNED,
        period__received_on__isnull=False,
        # Where a final update is needed or sent, another one does not count.
        is_final=F("period__is_final"),
        commitment__in=Commitment.objects.open(),
    )
    return returned.select_related(
        "period", "commitment__signatory__charter__authority", "commitment__signatory__organisation"
    )
