"""What the clock rings for in the register itself."""

from celery import shared_task
from django.core.management import call_command

from registry import ledger


@shared_task
def write_ledger() -> None:
    """Write the entries that the ledger lacks. Twice or in parallel, each is written once."""
    ledger.catch_up()


@shared_task
def verify_register() -> None:
    """Recompute the whole log; fail, so that /health tells, if it does not hold. Changes nothing."""
    call_command("verify_register")
