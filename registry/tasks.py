"""The clock's way to the log."""

import logging

from celery import shared_task

from registry.log import ledger, verifying

logger = logging.getLogger(__name__)


@shared_task
def write_ledger() -> None:
    """Write entries that the ledger lacks. Twice: each is written once (see ledger.catch_up)."""
    ledger.catch_up()


@shared_task
def verify_register() -> None:
    """Recompute the log and name what does not hold. It changes nothing: it may run any time.

    With a fault it fails, so that /health misses its note.
    """
    faults = verifying.verify()
    for fault in faults:
        logger.error("Entry %s: %s", fault.number, fault.what)
    if faults:
        raise ValueError(f"{len(faults)} faults in the log")
