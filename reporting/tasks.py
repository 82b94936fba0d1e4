"""Scheduled tasks of reporting. PostgreSQL knows what is due: a tick may run twice or never."""

from registry import clock
from registry.operations.ticks import DAY, HOUR, MINUTE, tick
from reporting.actions import (
    checks,
    figures,
    help_requests,
    link_checks,
    periods,
    returned_updates,
)
from reporting.evidence import erasing
from reporting.redaction import confirming, traces
from reporting.reminders import sending


@tick(every=MINUTE, says="Start reporting periods")
def follow_periods() -> None:
    """Start and waive periods. Idempotent (see `periods.sync_periods`)."""
    periods.sync_periods(clock.now())


# Only the worker of this queue opens addresses that people entered. A laptop or a demonstration,
# with its invented addresses, opens none.
@tick(every=HOUR, says="Check evidence links once a week", queue="links", only_in_production=True)
def check_links() -> None:
    """Check the evidence links that are due. If it runs twice: see `check_due_links`."""
    link_checks.check_due_links(clock.now())


@tick(every=HOUR, says="Publish checks whose reply deadline has passed")
def publish_checks() -> None:
    """Publish checks whose reply deadline has passed. Idempotent."""
    checks.publish_due_checks(clock.now())


@tick(every=HOUR, says="Publish that returned updates were not sent again", queue="mail")
def lapse_returned() -> None:
    """Warn of returned updates, and stop counting them as received. Idempotent."""
    returned_updates.warn_authors(clock.now())
    returned_updates.lapse_returned(clock.now())


@tick(every=DAY, says="Publish the council’s figures for last month")
def publish_figures() -> None:
    """Publish the council's own figures for last month. Idempotent."""
    figures.publish_due_figures(clock.now())


@tick(every=DAY, says="Delete requests for help answered over a year ago")
def delete_help_requests() -> None:
    """Delete requests for help that were answered over a year ago. Idempotent."""
    help_requests.delete_old_requests(clock.now())


@tick(every=DAY, says="Remind administrators of redactions to confirm")
def remind_of_redactions() -> None:
    """Email administrators about redactions that nobody confirmed in time. Idempotent."""
    confirming.remind_of_unconfirmed()


@tick(every=MINUTE, says="Send reminders")
def send_reminders() -> None:
    """Queue reminder emails. Idempotent: each step is claimed once."""
    sending.send_due_reminders(clock.now())


@tick(every=MINUTE, says="Copy redactions to the ledger")
def write_redactions() -> None:
    """Copy to the ledger the redactions that it does not have yet. Idempotent."""
    traces.write_traces()


@tick(every=HOUR, says="Erase removed evidence files")
def erase_files() -> None:
    """Erase the files whose evidence was removed, and files of no evidence. Idempotent."""
    erasing.erase_waiting()
    erasing.sweep_next_folder(clock.now())
