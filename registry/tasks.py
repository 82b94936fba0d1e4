"""Scheduled tasks of the log."""

import logging

from registry.log import heads, ledger, verifying
from registry.operations.ticks import HOUR, MINUTE, tick

logger = logging.getLogger(__name__)


@tick(every=MINUTE, says="Copy new entries of the log to the ledger")
def write_ledger() -> None:
    """Append missing entries to the ledger. Idempotent and safe in parallel: see catch_up."""
    ledger.catch_up()


@tick(every=HOUR, says="Publish the key that signs the head of the log")
def record_signing_key() -> None:
    """Keep the public key in use. Idempotent: each key is kept once (heads.record_key)."""
    heads.record_key()


# Asked often, since beat counts a day from its own start: one that is restarted daily never ends.
@tick(every=MINUTE / 4, says="Verify the log once a day")
def verify_register() -> None:
    """Verify the log if nobody has for a day, and keep the outcome. Safe in parallel."""
    for fault in verifying.verify_daily():
        logger.error("%s", fault)
