"""Scheduled tasks of the log."""

import logging

from registry.log import ledger, verifying
from registry.operations.ticks import DAY, MINUTE, tick

logger = logging.getLogger(__name__)


@tick(every=MINUTE, says="Copy new entries of the log to the ledger")
def write_ledger() -> None:
    """Append missing entries to the ledger. Idempotent and safe in parallel: see catch_up."""
    ledger.catch_up()


@tick(every=DAY, says="Verify the log")
def verify_register() -> None:
    """Verify the log and keep the outcome. Changes nothing else, so it may run at any time."""
    for fault in verifying.verify_and_record():
        logger.error("%s", fault)
