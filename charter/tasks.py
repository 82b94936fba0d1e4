"""Periodic tasks. PostgreSQL knows what is due, so a task may run twice or be missed."""

from django.core.management import call_command

from charter.actions import (
    applications,
    error_reports,
    following,
    keepers,
    standing,
    stated_signatures,
    uploads,
)
from charter.mail import bounces, outbox, reachability, second_looks
from registry import clock
from registry.operations.ticks import DAY, HOUR, MINUTE, tick


# A server may take ten minutes to reply to the final dot; the lease lasts fifteen.
@tick(
    every=MINUTE / 4,
    says="Send emails",
    queue="mail",
    soft_time_limit=13 * 60,
    time_limit=14 * 60,
)
def drain_outbox() -> None:
    """Send due email. Safe in parallel: each message is claimed once (outbox.drain)."""
    outbox.drain()


@tick(every=MINUTE, says="Find emails whose sending was cut off")
def sweep_leases() -> None:
    """Leave in doubt the messages that were cut off in flight. Idempotent."""
    outbox.sweep_leases()


@tick(every=5 * MINUTE, says="Read reports of emails that came back")
def read_bounces() -> None:
    """Read delivery reports. Idempotent: each counts once (bounces.read_reports)."""
    bounces.read_reports()


@tick(every=5 * MINUTE, says="Look again at addresses that came back", queue="mail")
def look_at_addresses() -> None:
    """Queue second looks, and forget proofs they did not confirm. Idempotent."""
    second_looks.send_second_looks(clock.now())
    second_looks.forget_proofs(clock.now())


@tick(every=HOUR, says="Publish signatories with nobody to ask")
def mark_without_contact() -> None:
    """Publish signatories that never had people. Idempotent (mark_without_contact)."""
    reachability.mark_without_contact()


@tick(every=HOUR, says="Delete spreadsheets not saved within a day")
def delete_old_uploads() -> None:
    """Delete spreadsheets that were not saved within a day. Idempotent."""
    uploads.delete_old_uploads()


@tick(every=DAY, says="Delete expired sign-ins")
def delete_expired_sessions() -> None:
    """Delete expired sessions, and with them what is recorded of devices. Idempotent."""
    call_command("clearsessions")


@tick(every=HOUR, says="Email followers about changes")
def email_followers() -> None:
    """Queue emails to followers. Idempotent: each day goes out once (queue_daily_emails)."""
    following.queue_daily_emails(clock.now())


@tick(every=HOUR, says="Email the head of the log to keepers once a week")
def email_keepers() -> None:
    """Queue emails to keepers. Idempotent: each keeper gets one a week (queue_heads)."""
    keepers.queue_heads(clock.now())


@tick(every=HOUR, says="Delete followers who did not confirm, or follow nothing")
def delete_unconfirmed_followers() -> None:
    """Delete unconfirmed followings and followers with none left. Idempotent."""
    following.delete_unconfirmed(clock.now())


@tick(every=HOUR, says="Publish accreditations that have lapsed")
def lapse_accreditations() -> None:
    """Publish lapsed accreditations. Idempotent: each lapses once (standing.lapse)."""
    standing.lapse()


@tick(every=HOUR, says="Publish signatures from files that nobody objected to")
def publish_stated_signatures() -> None:
    """Publish signatures nobody objected to. Idempotent (stated_signatures.publish_unopposed)."""
    stated_signatures.publish_unopposed(clock.now())


@tick(every=DAY, says="Delete applications and error reports decided over a year ago")
def delete_decided_requests() -> None:
    """Delete applications and error reports decided over a year ago. Idempotent."""
    applications.delete_old_applications()
    error_reports.delete_old_reports(clock.now())
