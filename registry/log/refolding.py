"""Folds commitments again after an edit of what they belong to, when these are too many at once.

The publication notes them as stale. Here they are folded some at a time, each time under the log's
lock, so that other publications go on in between. Until then their records are as before the edit.
"""

from django.db import transaction

from registry.log.publishing import announce_head, lock_log
from registry.log.records import refold_commitments
from registry.models import StaleCommitment

CHUNK = 50  # commitments: the log is locked for a fraction of a second


def refold_all() -> int:
    """Fold all stale commitments; return their number.

    Idempotent. Safe in parallel: the log is locked for each chunk. If killed: what is not folded
    yet is still noted.
    """
    count = 0
    while StaleCommitment.objects.exists():
        count += _refold_some()
    return count


@transaction.atomic
def _refold_some() -> int:
    lock_log()
    stale = StaleCommitment.objects.order_by("key")
    found = set(stale.values_list("key", flat=True)[:CHUNK])
    refold_commitments(found)
    StaleCommitment.objects.filter(key__in=found).delete()
    announce_head()
    return len(found)
