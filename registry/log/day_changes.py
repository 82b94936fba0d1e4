"""Moves the states in lists on to today: no entry says that a day has passed."""

from django.db import transaction

from registry import clock
from registry.log.listing import update_listed
from registry.log.publishing import lock_log
from registry.models import ListedCommitment

BATCH = 500  # Publications wait for one of them.


def follow_today() -> int:
    """Give the rows whose states are of another day those of today; return their number.

    Idempotent. Until then lists work these states out from the records.
    """
    today = clock.today()
    # Some are of a day to come, if the clock was set back.
    due = list(ListedCommitment.objects.of_another_day(today).values_list("key", flat=True))
    # Each once: a row whose record is gone stays as it is.
    for start in range(0, len(due), BATCH):
        with transaction.atomic():
            lock_log()
            update_listed(due[start : start + BATCH], today)
    return len(due)
