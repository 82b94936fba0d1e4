"""Mailboxes that refuse our mail, and what the public may know of it."""

from django.db import transaction

from charter import items, permissions
from charter.models import Membership, Message, Signatory, User
from registry import clock, log


@transaction.atomic
def record(message: Message) -> None:
    """Note that the mailbox refused a mail.

    When that leaves a signatory without a contact whose mailbox works, the public reads that we
    could not reach it. Twice: the second time finds nothing to note.
    """
    memberships = Membership.objects.current().filter(
        user__email=message.recipient, bounced_at=None
    )
    organisations = list(memberships.values_list("organisation", flat=True))
    memberships.update(bounced_at=clock.now())
    reachable = Membership.objects.current().filter(bounced_at=None).values("organisation")
    unreachable = list(
        Signatory.objects.filter(
            organisation__in=organisations, left_on=None, unreachable_since=None
        )
        .exclude(organisation__in=reachable)
        .select_for_update()
    )
    for signatory in unreachable:
        signatory.unreachable_since = clock.today()
        signatory.save()
    log.publish(
        [
            log.Item("signatory", signatory.key, "publish", items.signatory(signatory))
            for signatory in unreachable
        ]
    )


@transaction.atomic
def clear(membership: Membership, *, by: User) -> None:
    """Take a mailbox as working again; the public reads that the signatory can be reached."""
    permissions.check_is_council(by)
    membership.bounced_at = None
    membership.save()
    reached = list(
        Signatory.objects.filter(organisation=membership.organisation)
        .exclude(unreachable_since=None)
        .select_for_update()
    )
    for signatory in reached:
        signatory.unreachable_since = None
        signatory.save()
    log.publish(
        [
            log.Item("signatory", signatory.key, "publish", items.signatory(signatory))
            for signatory in reached
        ]
    )
