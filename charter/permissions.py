"""May this person do this? `check_…` raises with a sentence for people, `can_…` answers."""

from charter.errors import NotAllowedError, WrongStateError
from charter.models import Invitation, Membership, Organisation, Signatory, User
from charter.models.organisations import SignatoryQuerySet

WRITERS = [Membership.Role.OWNER, Membership.Role.EDITOR, Membership.Role.INTERMEDIARY]


def can_write(user: User, signatory: Signatory) -> bool:
    """Say whether a person may write for a signatory.

    The council writes for one only while nobody there has an account.
    """
    people = Membership.objects.current().filter(organisation=signatory.organisation_id)
    if people.filter(user=user, role__in=WRITERS).exists():
        return True
    return user.is_council and not people.exists()


def signatories_writable_by(user: User) -> SignatoryQuerySet:
    """Keep the signatories for which a person of theirs may write."""
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
    """Let only an owner say who outside the organisation may act for it."""
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
    """Let an owner or the council say what somebody may do.

    The last owner stays one until there is another: without one, only the council can help.
    """
    organisation = membership.organisation
    if not can_invite(user, organisation):
        raise NotAllowedError(
            f"Only the council or an owner of {organisation} can say what its people may do."
        )
    if membership.role == Membership.Role.INTERMEDIARY:
        raise WrongStateError("Who acts from outside has no other role. End it, and invite anew.")
    owners = organisation.memberships.current().filter(role=Membership.Role.OWNER)
    lowered = role != Membership.Role.OWNER
    if lowered and list(owners) == [membership] and not user.is_council:
        raise WrongStateError(
            f"{membership.user} is the only owner of {organisation}. Make somebody else an owner "
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
    """Refuse, with words for people, a state that does not follow from the one before."""
    if after not in moves[before]:
        raise WrongStateError(message)
