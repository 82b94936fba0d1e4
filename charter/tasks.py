"""The clock's way to the outbox. PostgreSQL knows what is due: a bell may ring twice or never."""

from allauth.usersessions.models import UserSession
from celery import shared_task
from django.contrib.sessions.models import Session
from django.core.management import call_command

from charter.actions import applications, error_reports, following, standing, uploads
from charter.mail import bounces, outbox
from registry import clock


# A server may take ten minutes to answer the final dot; the lease lasts fifteen.
@shared_task(soft_time_limit=13 * 60, time_limit=14 * 60)
def drain_outbox() -> None:
    """Hand over the email that is due. In parallel: each message is claimed once (outbox.drain)."""
    outbox.drain()


@shared_task
def sweep_leases() -> None:
    """Leave in doubt what was cut off in flight. Twice: the second finds nothing to do."""
    outbox.sweep_leases()


@shared_task
def read_bounces() -> None:
    """Read reports of email that came back. Twice: each is taken once (bounces.read_reports)."""
    bounces.read_reports()


@shared_task
def delete_old_uploads() -> None:
    """Delete spreadsheets that were not saved within a day. Twice: the second finds none."""
    uploads.delete_old_uploads()


@shared_task
def delete_expired_sessions() -> None:
    """Delete sessions that have run out, and where they were. Twice: the second finds none."""
    call_command("clearsessions")
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()


@shared_task
def email_followers() -> None:
    """Queue the emails about what changed. Twice: each day is told once (see following.sweep)."""
    following.queue_daily_emails(clock.now())


@shared_task
def delete_unconfirmed_followers() -> None:
    """Delete addresses that follow nothing. Twice: the second finds none (following.forget)."""
    following.delete_unconfirmed(clock.now())


@shared_task
def lapse_accreditations() -> None:
    """Publish that accreditations have run out. Twice: each lapses once (standing.lapse)."""
    standing.lapse()


@shared_task
def delete_decided_requests() -> None:
    """Delete applications and error reports decided a year ago. Twice: the second finds none."""
    applications.delete_old_applications()
    error_reports.delete_old_reports(clock.now())
