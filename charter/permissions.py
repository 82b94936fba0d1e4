"""Permissions: `can_…` returns a bool, `check_…` raises an error with a message for users."""

from charter.errors import NotAllowedError, WrongStateError
from charter.models import Invitation, Membership, Organisation, Signatory, User
from charter.models.organisations import SignatoryQuerySet

WRITERS = [Membership.Role.OWNER, Membership.Role.EDITOR, Membership.Role.INTERMEDIARY]


def can_write(user: User, signatory: Signatory) -> bool:
    """Return True if the user may write for a signatory.

    Staff may write only while nobody at the signatory has an account.
    """
    memberships = Membership.objects.current().filter(organisation=signatory.organisation_id)
    if memberships.filter(user=user, role__in=WRITERS).exists():
        return True
    return user.is_council and not memberships.exists()


def signatories_writable_by(user: User) -> SignatoryQuerySet:
    """Return the signatories that the user may write for as one of their own people."""
    members = Membership.objects.current().filter(user=user, role__in=WRITERS)
    return Signatory.objects.filter(organisation__memberships__in=members).distinct()


def check_may_write(user: User, signatory: Signatory) -> None:
    if not can_write(user, signatory):
        raise NotAllowedError(f"Only an owner or editor of {signatory} can write for it.")


def can_invite(user: User, organisation: Organisation) -> bool:
    owners = organisation.memberships.current().filter(role=Membership.Role.OWNER)
    return user.is_council or owners.filter(user=user).exists()


def check_may_invite(user: User, organisation: Organisation) -> None:
    if not can_invite(user, organisation):
        raise NotAllowedError(
            f"Only the council or an owner of {organisation} can invite people to it."
        )


def check_may_revoke(user: User, invitation: Invitation) -> None:
    if invitation.organisation:
        check_may_invite(user, invitation.organisation)
    else:
        check_may_administer(user)


def check_may_consent(user: User, organisation: Organisation) -> None:
    """Raise unless the user is an owner: only owners let outsiders act for an organisation."""
    owners = organisation.memberships.current().filter(role=Membership.Role.OWNER)
    if not owners.filter(user=user).exists():
        raise NotAllowedError(f"Only an owner of {organisation} can let others act for it.")


def can_end_membership(user: User, membership: Membership) -> bool:
    return membership.user_id == user.pk or can_invite(user, membership.organisation)


def check_may_end_membership(user: User, membership: Membership) -> None:
    if not can_end_membership(user, membership):
        raise NotAllowedError(
            f"Only the council or an owner of {membership.organisation} can take people off it."
        )


def check_may_change_role(user: User, membership: Membership, role: str) -> None:
    """Raise unless the user is an owner or staff and the organisation keeps an owner.

    Only staff may change the role of the last owner: an organisation without owners depends on
    the council.
    """
    organisation = membership.organisation
    if not can_invite(user, organisation):
        raise NotAllowedError(
            f"Only the council or an owner of {organisation} can say what its people may do."
        )
    if membership.role == Membership.Role.INTERMEDIARY:
        raise WrongStateError("Who acts from outside has no other role. End it, and invite again.")
    owners = organisation.memberships.current().filter(role=Membership.Role.OWNER)
    loses_ownership = role != Membership.Role.OWNER
    if loses_ownership and list(owners) == [membership] and not user.is_council:
        raise WrongStateError(
            f"{membership.user} is the only owner of {organisation}. Make someone else an owner "
            "first, or ask the council."
        )


def check_is_council(user: User) -> None:
    if not user.is_council:
        raise NotAllowedError("Only people of the council can do this.")


def can_administer(user: User) -> bool:
    return user.council_role == User.CouncilRole.ADMINISTRATOR


def check_may_administer(user: User) -> None:
    if not can_administer(user):
        raise NotAllowedError("Only an administrator of the council can do this.")


def check_transition(moves: dict[str, list[str]], before: str, after: str, message: str) -> None:
    """Raise WrongStateError with `message` unless `moves` allows `before` -> `after`."""
    if after not in moves[before]:
        raise WrongStateError(message)
