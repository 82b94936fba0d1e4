"""Mailboxes that refuse our email, and what the public may know of it."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import OperationalError, transaction

from charter import items, permissions
from charter.mail import delivery_reports, return_addresses
from charter.models import Bounce, Follower, Membership, Message, Organisation, User
from charter.workflow import MessageState
from registry import clock
from registry.log import publishing

logger = logging.getLogger(__name__)

# A full mailbox or a server that is down for days: so many within so long, and it counts as gone.
TRANSIENT_LIMIT, TRANSIENT_WINDOW = 3, timedelta(days=14)


def read_reports() -> int:
    """Act on the reports that have arrived in the maildir; return how many counted.

    Killed in between, or without its database: a report stays new until it was acted on, and a
    second reading of it finds it on record. Whatever else an email holds, it is put aside
    unchanged, for a person to look at, and the next one is read.
    """
    new, read = (settings.REGISTER_HOME / "bounces" / name for name in ("new", "cur"))
    counted = 0
    for path in sorted(new.glob("[!.]*")):
        try:
            counted += process_report(path.read_bytes())
        except OperationalError:
            raise
        except Exception:
            logger.exception("The report %s could not be acted on", path.name)
        path.rename(read / f"{path.name}:2,S")
    return counted


@transaction.atomic
def process_report(raw: bytes) -> bool:
    """Note that an email came back, if this is a report and names an email of ours.

    A mailbox that is gone gets no more email at once, one that fails for a time after three emails
    within 14 days. A second report on an email changes nothing.
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
    recent = Bounce.objects.filter(
        message__recipient=message.recipient, reported_at__gt=clock.now() - TRANSIENT_WINDOW
    )
    transient = [bounce for bounce in recent if not bounce.status.startswith(("4.7.", "5.7."))]
    if report.is_permanent or len(transient) >= TRANSIENT_LIMIT:
        record_bounce(message)
    return True


@transaction.atomic
def record_bounce(message: Message) -> None:
    """Note that the mailbox refused an email; it follows nothing any more.

    Twice: the second time finds nothing to note.
    """
    Follower.objects.filter(email=message.recipient).delete()
    memberships = Membership.objects.current().filter(
        user__email=message.recipient, bounced_at=None
    )
    known = list(memberships.values_list("organisation", flat=True))
    memberships.update(bounced_at=clock.now())
    publish_reachability(*Organisation.objects.filter(pk__in=known))


@transaction.atomic
def clear_bounce(membership: Membership, *, by: User) -> None:
    """Take a mailbox as working again."""
    permissions.check_is_council(by)
    membership.bounced_at = None
    membership.save()
    publish_reachability(membership.organisation)


def publish_reachability(*organisations: Organisation) -> None:
    """Let the public know whether organisations can be reached, last in an act that changed it."""
    publishing.publish(update_reachability(*organisations))


def clear_user_bounces(user: User) -> list[publishing.NewEntry]:
    """Take the mailbox of a person who was heard from as one that works, until the next email comes
    back; return what the public is to read of it.
    """
    memberships = user.memberships.current()
    memberships.update(bounced_at=None)
    return update_reachability(*Organisation.objects.filter(memberships__in=memberships))


def update_reachability(*organisations: Organisation) -> list[publishing.NewEntry]:
    """Note whether organisations can be reached; return what the public is to read of it.

    One that had people cannot be reached while none of those who speak for it has a mailbox that
    works. Where nothing is different, nothing is returned.
    """
    changed = []
    for organisation in organisations:
        # Of two people who leave at once the second finds the first gone.
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        people = organisation.memberships
        working = people.current().filter(bounced_at=None)
        reachable = working.exists() or not people.exists()
        signatories = organisation.signatories.filter(
            left_on=None, unreachable_since__isnull=not reachable
        )
        for signatory in signatories.select_for_update():
            signatory.unreachable_since = None if reachable else clock.today()
            signatory.save()
            changed.append(signatory)
    return [publishing.NewEntry("signatory", s.key, "publish", items.signatory(s)) for s in changed]
