"""Scheduled tasks of the log."""

import logging
from contextlib import suppress
from datetime import timedelta

from kombu.exceptions import OperationalError
from redis import RedisError

from registry.log import day_changes, heads, ledger, refolding, verifying
from registry.operations.broker import VERIFICATION, broker_client
from registry.operations.ticks import HOUR, MINUTE, tick

logger = logging.getLogger(__name__)


@tick(every=MINUTE, says="Copy new entries of the log to the ledger")
def write_ledger() -> None:
    """Append missing entries to the ledger, and note its new lines.

    Idempotent and safe in parallel: see `catch_up` and `note_new_lines`.
    """
    ledger.catch_up()
    ledger.note_new_lines()


@tick(every=MINUTE / 4, says="Bring commitments up to date after an edit")
def refold_commitments() -> None:
    """Fold stale commitments. Idempotent and safe in parallel: see refolding.refold_all."""
    refolding.refold_all()


@tick(every=MINUTE, says="Move the states in lists to today")
def follow_today() -> None:
    """Move what changed at midnight. Idempotent and safe in parallel: see follow_today."""
    day_changes.follow_today()


@tick(every=HOUR, says="Publish the key that signs the head of the log")
def record_signing_key() -> None:
    """Keep the public key in use. Idempotent: each key is kept once (heads.record_key)."""
    heads.record_key()


# Asked often, since beat counts a day from its own start: one that is restarted daily never ends.
# It takes minutes for a million entries, and nothing waits for it.
@tick(
    every=MINUTE / 4,
    says="Verify the log once a day",
    soft_time_limit=4 * HOUR.total_seconds(),
    time_limit=4 * HOUR.total_seconds() + 60,
)
def verify_register() -> None:
    """Verify the log if nobody has for a day, and keep the outcome. Safe in parallel."""
    for fault in verifying.verify_daily(report_verification):
        logger.error("%s", fault)


def report_verification(words: str) -> None:
    """Let the page of health say how far the verification is. The words go with the next report."""
    with suppress(OperationalError, RedisError), broker_client() as redis:
        redis.set(VERIFICATION, words, ex=timedelta(minutes=1))
