"""The public facts that a signatory is unreachable, or that nobody is there to be asked."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from charter import acts, items
from charter.models import Membership, Message, Organisation, RefusedAddress, Signatory, User
from charter.workflow import MessageState
from registry import clock
from registry.log import publishing

# An email that has not come back after so long has arrived.
ARRIVED_AFTER = timedelta(days=3)


def publish_reachability(*organisations: Organisation) -> None:
    """Publish whether organisations can be reached. Call this last in an action."""
    publishing.publish(update_reachability(*organisations))


def clear_user_bounces(user: User) -> list[publishing.NewEntry]:
    """Mark the address of a person we heard from as working; return the entries to publish.

    It counts as working until the next proof that it is gone.
    """
    RefusedAddress.objects.filter(email=user.email).delete()
    memberships = user.memberships.current()
    acts.update(memberships, bounced_at=None)
    return update_reachability(*Organisation.objects.filter(memberships__in=memberships))


def update_reachability(*organisations: Organisation) -> list[publishing.NewEntry]:
    """Record whether organisations can be reached; return the entries to publish.

    Only public signatories where something changed have an entry.
    """
    changed_signatories = []
    for organisation in organisations:
        # When two people leave at once, the lock makes the second act see the first.
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        is_unreachable = would_be_unreachable(organisation, lost=())
        has_no_contact = _has_lost_its_people(organisation)
        signatories = organisation.signatories.public().filter(left_on=None)
        for signatory in signatories.select_for_update():
            before = signatory.unreachable_since, signatory.no_contact_since
            since = signatory.unreachable_since or signatory.no_contact_since or clock.today()
            signatory.unreachable_since = since if is_unreachable else None
            signatory.no_contact_since = since if has_no_contact else None
            if before != (signatory.unreachable_since, signatory.no_contact_since):
                signatory.save()
                changed_signatories.append(signatory)
    return [_publication(signatory) for signatory in changed_signatories]


@acts.act("signatory.lose_contact")
def mark_without_contact() -> int:
    """Publish of public signatories that never had people that nobody is there to be asked.

    Return their number. Left out are those restated from another source, who never signed up to
    be asked here. Idempotent.
    """
    without_people = Signatory.objects.public().filter(
        ~Exists(Membership.objects.filter(organisation=OuterRef("organisation"))),
        has_had_people=False,
    )
    took_part = Q(source__isnull=True) | Q(stated_signature__isnull=False)
    signatories = without_people.filter(took_part, left_on=None, no_contact_since=None)
    marked = list(signatories.select_for_update(of=["self"]))
    for signatory in marked:
        signatory.no_contact_since = clock.today()
        signatory.save()
    if marked:
        publishing.publish([_publication(signatory) for signatory in marked])
    return len(marked)


def has_worked(user: User, *, before: datetime) -> bool:
    """Return True if the person signed in, or an email sent well before a moment did not return."""
    arrived = Message.objects.filter(
        recipient=user.email,
        state=MessageState.SENT,
        finished_at__lte=before - ARRIVED_AFTER,
    )
    return user.last_login is not None or arrived.exists()


def would_be_unreachable(organisation: Organisation, *, lost: Collection[str]) -> bool:
    """Return True if the public page would say “unreachable” without these addresses.

    None of its people then has a working address, and one of these once worked: an address that
    never did may be our own mistake, and is a task for the council.
    """
    members = list(organisation.memberships.current().select_related("user"))
    if any(member.bounced_at is None and member.user.email not in lost for member in members):
        return False
    emails = [member.user.email for member in members]
    refused_at = dict(
        RefusedAddress.objects.filter(email__in=emails).values_list("email", "refused_at")
    )
    return any(
        has_worked(member.user, before=refused_at.get(member.user.email, clock.now()))
        for member in members
    )


def _has_lost_its_people(organisation: Organisation) -> bool:
    """Return True if an organisation had people, so that nobody is there to be asked."""
    memberships = organisation.memberships
    return not memberships.current().exists() and memberships.exists()


def _publication(signatory: Signatory) -> publishing.NewEntry:
    return publishing.NewEntry("signatory", signatory.key, "publish", items.signatory(signatory))
