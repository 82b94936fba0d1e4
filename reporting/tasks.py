"""Celery tasks of reporting. PostgreSQL knows what is due: a tick may run twice or never."""

from celery import shared_task

from registry import clock
from reporting.actions import checks, figures, link_checks, periods
from reporting.reminders import sending


@shared_task
def follow_periods() -> None:
    """Start and waive periods. Idempotent (see `periods.sync_periods`)."""
    periods.sync_periods(clock.now())


@shared_task
def check_links() -> None:
    """Check evidence links, in the queue `links` only.

    If it runs twice: see `link_checks.check_due_links`.
    """
    link_checks.check_due_links(clock.now())


@shared_task
def publish_checks() -> None:
    """Publish checks whose reply deadline has passed. Idempotent."""
    checks.publish_due_checks(clock.now())


@shared_task
def publish_figures() -> None:
    """Publish the council's own figures for last month. Idempotent."""
    figures.publish_due_figures(clock.now())


@shared_task
def tick_reminders() -> None:
    """Queue reminder emails. Idempotent: each step is claimed once."""
    sending.send_due_reminders(clock.now())
