"""Email that comes back: what it proves, and when an address gets no more."""

import logging
from datetime import date

from django.conf import settings
from django.db import OperationalError

from charter import acts, permissions
from charter.mail import delivery_reports, erasing, reachability, return_addresses, sending_stops
from charter.mail.refusals import Verdict
from charter.models import Follower, Membership, Message, Organisation, RefusedAddress, User
from charter.workflow import MessageState
from registry import clock
from registry.log import publishing
from registry.working_days import next_working_day

logger = logging.getLogger(__name__)


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
    """Record that an email came back if this is a delivery report about one of ours.

    Idempotent: a second report about the same email is ignored.
    """
    report = delivery_reports.parse_report(raw)
    message = return_addresses.find_message(report.addresses) if report else None
    if report is None or message is None:
        return False
    message = Message.objects.select_for_update().get(pk=message.pk)
    if message.state != MessageState.SENT:
        return False
    # Of an erased email nobody keeps the address, which the words may contain.
    words = f"{report.status} {report.words}".strip() if message.recipient else report.status
    message.state = MessageState.BOUNCED
    message.last_code = f"It came back after the server had taken it: {words}"[:300]
    message.save(update_fields=["state", "last_code"])
    sending_stops.record_refusal(message, report.verdict, words)
    if report.verdict == Verdict.GONE and message.recipient:
        handed_over_at = message.finished_at or clock.now()
        record_proof(message, words, handed_over_on=clock.local_date(handed_over_at))
    return True


@acts.act("mailbox.mark_unreachable")
def record_proof(message: Message, words: str, *, handed_over_on: date) -> None:
    """Record proof that an address is gone. The second one, on a later working day, counts.

    After the first proof its email waits for a second look (mail/second_looks.py). Idempotent.
    """
    address, is_first = RefusedAddress.objects.select_for_update().get_or_create(
        email=message.recipient.lower(),
        defaults={
            "refused_at": clock.now(),
            "words": words[:300],
            "look_again_on": next_working_day(clock.today()),
        },
    )
    if is_first or address.gone_at or handed_over_on < address.look_again_on:
        return
    address.words = words[:300]
    give_up(address)


@acts.act("mailbox.mark_unreachable")
def give_up(address: RefusedAddress) -> None:
    """Record that an address is gone, and end its followings. Idempotent."""
    address.gone_at = address.gone_at or clock.now()
    address.save()
    Follower.objects.filter(email=address.email).delete()
    erasing.erase_emails_to_followers([address.email])
    memberships = Membership.objects.current().filter(user__email=address.email, bounced_at=None)
    organisation_ids = list(memberships.values_list("organisation", flat=True))
    acts.update(memberships, bounced_at=clock.now())
    organisations = Organisation.objects.filter(pk__in=organisation_ids)
    reachability.publish_reachability(*organisations)


@acts.act("mailbox.mark_working")
def clear_bounce(membership: Membership, *, by: User) -> None:
    """Mark the address of a member as working."""
    permissions.check(by, "mailbox.mark_working", membership.organisation)
    publishing.publish(reachability.clear_user_bounces(membership.user))
