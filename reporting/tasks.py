"""The clock's way to reporting. PostgreSQL knows what is due: a bell may ring twice or never."""

from celery import shared_task

from registry import clock
from reporting.actions import checks, figures, link_checks, periods
from reporting.reminders import sending


@shared_task
def follow_periods() -> None:
    """Begin and waive periods. Twice: the second finds nothing to do (see periods.follow)."""
    periods.sync_periods(clock.now())


@shared_task
def check_links() -> None:
    """Look at links of evidence, in the queue `links` alone. Twice: see links.look."""
    link_checks.check_due_links(clock.now())


@shared_task
def publish_checks() -> None:
    """Publish checks whose time to reply is over. Twice: each once (see checks.publish_due)."""
    checks.publish_due_checks(clock.now())


@shared_task
def publish_figures() -> None:
    """Publish the council's own figures of last month. Twice: once (see figures.publish_due)."""
    figures.publish_due_figures(clock.now())


@shared_task
def tick_reminders() -> None:
    """Queue the emails that ask for updates. Twice: each step is claimed once (see
    reminders.sweep).
    """
    sending.send_due_reminders(clock.now())
