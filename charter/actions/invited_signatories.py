"""Organisations that were invited and have not signed: ask them again, or delete them."""

from datetime import timedelta

from django.db.models import Q
from django.urls import reverse

from charter import acts, permissions
from charter.actions import people
from charter.actions.acceptances import lock_signatory
from charter.errors import WrongStateError
from charter.mail import identities, outbox
from charter.models import HandOver, Invitation, Membership, Organisation, Proposal, Signatory, User
from charter.models.organisations import SignatoryQuerySet
from charter.roles import PERMISSIONS
from registry import clock

# Longer than the time to object to a signature from the council's files.
KEPT_FOR = timedelta(days=90)


@acts.act("signatory.invite_again")
def invite_again(signatory: Signatory, *, by: User) -> Signatory:
    """Email an organisation that has not signed once more: its people, or who was invited last."""
    permissions.check(by, "signatory.invite_again", signatory)
    signatory = _lock_private(signatory)
    signatory.invited_at, signatory.declined_at = clock.now(), None
    signatory.save()
    signers = signatory.organisation.memberships.current().filter(
        role__in=PERMISSIONS["charter.accept"].members
    )
    for member in signers.select_related("user"):
        _email_signer(signatory, member)
    if not signers:
        _invite_last_again(signatory, by=by)
    return signatory


@acts.act("signatory.delete_invited")
def delete_invited(signatory: Signatory, *, by: User) -> None:
    """Delete an organisation that declined, or has not answered, with its drafts and people.

    The organisation itself stays if it has signed, or was invited to sign, another charter.
    """
    permissions.check(by, "signatory.delete_invited", signatory)
    signatory = _lock_private(signatory)
    if not deletable().filter(pk=signatory.pk).exists():
        raise WrongStateError(
            f"An organisation can be deleted {KEPT_FOR.days} days after its invitation or answer."
        )
    organisation = signatory.organisation
    if Proposal.objects.filter(organisation=organisation).exists():
        raise WrongStateError(f"{organisation} is part of a proposal, which stays on record.")
    HandOver.objects.filter(commitment__signatory=signatory).delete()
    signatory.commitments.all().delete()
    signatory.delete()
    if not Signatory.objects.filter(organisation=organisation).exists():
        Organisation.objects.filter(pk=organisation.pk).delete()


def deletable() -> SignatoryQuerySet:
    """Return the private signatories whose invitation or answer is old enough."""
    latest = clock.now() - KEPT_FOR
    is_old = Q(declined_at=None, invited_at__lt=latest) | Q(declined_at__lt=latest)
    return Signatory.objects.private().filter(is_old)


def _lock_private(signatory: Signatory) -> Signatory:
    signatory = lock_signatory(signatory)
    if signatory.is_public:
        raise WrongStateError(f"{signatory} has signed, or is public from the council’s files.")
    return signatory


def _email_signer(signatory: Signatory, member: Membership) -> None:
    outbox.queue_from_template(
        "signing",
        key=identities.new_key("signing"),
        recipient=member.user.email,
        authority=signatory.charter.authority,
        context={
            "signatory": signatory,
            "user": member.user,
            "address": reverse("business:sign", args=[signatory.key]),
        },
    )


def _invite_last_again(signatory: Signatory, *, by: User) -> None:
    organisation = signatory.organisation
    last = Invitation.objects.filter(organisation=organisation, accepted_at=None).order_by("pk")
    if not (invitation := last.last()):
        raise WrongStateError(f"Nobody at {signatory} is known. Invite a person under “people”.")
    people.invite(by=by, email=invitation.email, organisation=organisation, role=invitation.role)
