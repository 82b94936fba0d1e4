"""Mailboxes that refuse our email, and the public fact that a signatory is unreachable."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import OperationalError

from charter import acts, items, permissions
from charter.mail import delivery_reports, return_addresses
from charter.models import Bounce, Follower, Membership, Message, Organisation, User
from charter.workflow import MessageState
from registry import clock
from registry.log import publishing

logger = logging.getLogger(__name__)

# A full mailbox or a server that is down for days counts as gone after this many bounces in this
# time.
TRANSIENT_LIMIT, TRANSIENT_WINDOW = 3, timedelta(days=14)


def read_reports() -> int:
    """Process the delivery reports in the maildir; return the number that counted.

    If killed, or if the database fails: a report stays in `new` until it has been processed, and
    processing it again has no effect. Any other email is moved to `cur` unchanged for a person to
    read, and does not stop the run.
    """
    new_folder, read_folder = (settings.REGISTER_HOME / "bounces" / name for name in ("new", "cur"))
    count = 0
    for path in sorted(new_folder.glob("[!.]*")):
        try:
            count += process_report(path.read_bytes())
        except OperationalError:
            raise
        except Exception:
            logger.exception("The report %s could not be acted on", path.name)
        path.rename(read_folder / f"{path.name}:2,S")
    return count


@acts.act("mailbox.mark_unreachable")
def process_report(raw: bytes) -> bool:
    """Record a bounce if this is a delivery report about one of our emails.

    Email to a mailbox that is gone stops at once; email to one that fails temporarily stops after
    three bounces within 14 days. Idempotent: a second report about the same email is ignored.
    """
    report = delivery_reports.parse_report(raw)
    message = return_addresses.find_message(report.addresses) if report else None
    if report is None or message is None:
        return False
    message = Message.objects.select_for_update().get(pk=message.pk)
    if message.state != MessageState.SENT:
        return False
    Bounce.objects.create(
        message=message,
        reported_at=clock.now(),
        permanent=report.is_permanent,
        status=report.status,
    )
    message.state = MessageState.BOUNCED
    message.last_code = f"{report.status} It came back after the server had taken it"
    message.save(update_fields=["state", "last_code"])
    recent_bounces = Bounce.objects.filter(
        message__recipient=message.recipient, reported_at__gt=clock.now() - TRANSIENT_WINDOW
    )
    transient_bounces = [
        bounce for bounce in recent_bounces if not bounce.status.startswith(("4.7.", "5.7."))
    ]
    if report.is_permanent or len(transient_bounces) >= TRANSIENT_LIMIT:
        record_bounce(message)
    return True


@acts.act("mailbox.mark_unreachable")
def record_bounce(message: Message) -> None:
    """Record that a mailbox refused an email, and end its followings. Idempotent."""
    Follower.objects.filter(email=message.recipient).delete()
    memberships = Membership.objects.current().filter(
        user__email=message.recipient, bounced_at=None
    )
    organisation_ids = list(memberships.values_list("organisation", flat=True))
    acts.update(memberships, bounced_at=clock.now())
    publish_reachability(*Organisation.objects.filter(pk__in=organisation_ids))


@acts.act("mailbox.mark_working")
def clear_bounce(membership: Membership, *, by: User) -> None:
    """Mark a mailbox as working."""
    permissions.check(by, "mailbox.mark_working", membership.organisation)
    membership.bounced_at = None
    membership.save()
    publish_reachability(membership.organisation)


def publish_reachability(*organisations: Organisation) -> None:
    """Publish whether organisations can be reached. Call this last in an action."""
    publishing.publish(update_reachability(*organisations))


def clear_user_bounces(user: User) -> list[publishing.NewEntry]:
    """Mark the mailbox of a person we heard from as working; return the entries to publish.

    It counts as working until the next email bounces.
    """
    memberships = user.memberships.current()
    acts.update(memberships, bounced_at=None)
    return update_reachability(*Organisation.objects.filter(memberships__in=memberships))


def update_reachability(*organisations: Organisation) -> list[publishing.NewEntry]:
    """Record whether organisations can be reached; return the entries to publish.

    An organisation that has ever had people is unreachable while none of its current people has a
    working mailbox. Only signatories whose reachability changed have an entry.
    """
    changed_signatories = []
    for organisation in organisations:
        # When two people leave at once, the lock makes the second act see the first.
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        memberships = organisation.memberships
        working_memberships = memberships.current().filter(bounced_at=None)
        is_reachable = working_memberships.exists() or not memberships.exists()
        signatories = organisation.signatories.public().filter(
            left_on=None, unreachable_since__isnull=not is_reachable
        )
        for signatory in signatories.select_for_update():
            signatory.unreachable_since = None if is_reachable else clock.today()
            signatory.save()
            changed_signatories.append(signatory)
    return [
        publishing.NewEntry("signatory", s.key, "publish", items.signatory(s))
        for s in changed_signatories
    ]
