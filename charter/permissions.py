"""Permissions: `can` answers, `check` raises an error with a message for users.

charter/roles.py has the table. A person has a role in an organisation through a membership, and at
an authority through a staff membership; it counts for the charters of that authority only.
"""

from collections.abc import Iterable

from django.db.models import Exists, QuerySet

from charter import acts
from charter.errors import NotAllowedError, WrongStateError
from charter.models import (
    Authority,
    Charter,
    Membership,
    Message,
    Organisation,
    Signatory,
    StaffMembership,
    User,
)
from charter.models.charters import CharterQuerySet
from charter.models.organisations import SignatoryQuerySet
from charter.models.people import MembershipQuerySet, StaffMembershipQuerySet
from charter.roles import PERMISSIONS, STAFF, MemberRole, Permission, StaffRole
from registry.wording.formatting import join_list

# What an act is about. None is the register as a whole, in which every authority has a part.
Subject = Signatory | Organisation | Charter | Authority | None
COMMAND_LINE = "command line"


def can(user: User, name: str, subject: Subject) -> bool:
    return bool(role_for(user, name, subject))


def check(user: User, name: str, subject: Subject) -> None:
    """Raise NotAllowedError unless the user has a permission for a subject."""
    role = role_for(user, name, subject)
    if not role:
        raise NotAllowedError(_refusal(PERMISSIONS[name], subject))
    acts.record_permission(name, role)


def check_each(user: User, name: str, subjects: Iterable[Subject]) -> None:
    """Raise NotAllowedError unless the user has a permission for every subject."""
    for subject in set(subjects):
        check(user, name, subject)


def check_message(user: User, name: str, message: Message) -> None:
    """Raise NotAllowedError unless the user has a permission for an email by their authority."""
    check(user, name, message.authority)
    if not Message.objects.for_staff(user).filter(pk=message.pk).exists():
        raise NotAllowedError("This email belongs to another council.")


def role_for(user: User, name: str, subject: Subject) -> str:
    """Return the role by which the user has a permission for a subject, or ""."""
    permission = PERMISSIONS[name]
    organisation_id = _organisation_id(subject)
    if permission.members and organisation_id:
        memberships = Membership.objects.current().filter(
            user=user, organisation=organisation_id, role__in=permission.members
        )
        if role := memberships.values_list("role", flat=True).first():
            return role
    if not permission.staff:
        return ""
    people = Membership.objects.current().filter(organisation=organisation_id)
    if not permission.for_organisations_without_people:
        people = people.filter(user=user)  # nobody decides on their own organisation
    if user.is_operator:
        return "" if people.exists() else COMMAND_LINE
    staff = _staff_of(subject).filter(~Exists(people), user=user, role__in=permission.staff)
    return staff.values_list("role", flat=True).first() or ""


def is_staff_with(user: User, name: str) -> bool:
    """Return True if the user has a permission at any authority, as staff."""
    staff = StaffMembership.objects.current().filter(user=user)
    return staff.filter(role__in=PERMISSIONS[name].staff).exists()


def check_is_staff_with(user: User, name: str) -> None:
    if not is_staff_with(user, name):
        raise NotAllowedError(_staff_refusal(PERMISSIONS[name]))


def check_anywhere(user: User, name: str) -> None:
    """Raise NotAllowedError unless the user has a permission in any organisation or authority."""
    as_staff = StaffMembership.objects.current().filter(user=user, role__in=PERMISSIONS[name].staff)
    roles = [*memberships_with(user, name).values_list("role", flat=True)[:1]]
    roles += as_staff.values_list("role", flat=True)[:1]
    if not roles:
        raise NotAllowedError(_refusal(PERMISSIONS[name], None))
    acts.record_permission(name, roles[0])


def memberships_with(user: User, name: str) -> MembershipQuerySet:
    """Return the memberships by which the user has a permission."""
    return Membership.objects.current().filter(user=user, role__in=PERMISSIONS[name].members)


def signatories_with(user: User, name: str) -> SignatoryQuerySet:
    """Return the signatories for which the user has a permission as one of their own people."""
    organisations = memberships_with(user, name).values("organisation")
    return Signatory.objects.filter(organisation__in=organisations)


def authorities_with(user: User, name: str) -> QuerySet[Authority]:
    """Return the authorities at which the user has a permission; for the operator all."""
    if user.is_operator:
        return Authority.objects.all()
    staff = StaffMembership.objects.current().filter(user=user, role__in=PERMISSIONS[name].staff)
    return Authority.objects.filter(pk__in=staff.values("authority"))


def charters_with(user: User, name: str) -> CharterQuerySet:
    """Return the newest edition of each charter for which the user has a permission as staff."""
    charters = Charter.objects.filter(authority__in=authorities_with(user, name))
    return charters.newest_editions()


def check_may_end_membership(user: User, membership: Membership) -> None:
    """Raise unless a person leaves, or someone may remove people from the organisation."""
    name = "person.leave" if membership.user_id == user.pk else "person.remove"
    check(user, name, membership.organisation)


def check_may_change_role(user: User, membership: Membership, role: str) -> None:
    """Raise unless the user may change roles and the organisation keeps an owner.

    Only staff may change the role of the last owner: an organisation without owners depends on
    the council.
    """
    organisation = membership.organisation
    check(user, "person.change_role", organisation)
    if membership.role == MemberRole.INTERMEDIARY:
        raise WrongStateError(
            "An intermediary has no other role. Remove this person, and invite them again."
        )
    owners = organisation.memberships.current().filter(role=MemberRole.OWNER)
    loses_ownership = role != MemberRole.OWNER
    if loses_ownership and list(owners) == [membership] and owners.filter(user=user).exists():
        raise WrongStateError(
            f"{membership.user} is the only owner of {organisation}. Make someone else an owner "
            "first, or ask the council."
        )


def _organisation_id(subject: Subject) -> int | None:
    if isinstance(subject, Signatory):
        return subject.organisation_id
    return subject.pk if isinstance(subject, Organisation) else None


def _staff_of(subject: Subject) -> StaffMembershipQuerySet:
    """Return the staff of the authorities that a subject belongs to."""
    staff = StaffMembership.objects.current()
    match subject:
        case Signatory():
            return staff.filter(authority__charters__signatories=subject)
        case Organisation():
            return staff.filter(authority__charters__signatories__organisation=subject)
        case Charter():
            return staff.filter(authority=subject.authority_id)
        case Authority():
            return staff.filter(authority=subject)
    return staff


def _refusal(permission: Permission, subject: Subject) -> str:
    """Return the sentence for a person who lacks a permission."""
    if permission.members:
        # An intermediary acts as an editor, and is not one to ask.
        asked = set(permission.members) - {MemberRole.INTERMEDIARY}
        roles = _in_words(role for role in MemberRole if role in asked)
        whose = f" of {subject}" if subject else ""
        return f"Only {roles}{whose} can do this. Ask one of them, or contact the charter team."
    return _staff_refusal(permission)


def _staff_refusal(permission: Permission) -> str:
    if permission.staff == STAFF:
        return "Only council staff can do this."
    return f"Only {_in_words(permission.staff_in_order)} at the council can do this."


def _in_words(roles: Iterable[MemberRole | StaffRole]) -> str:
    """Return "owners and editors"."""
    return join_list([f"{role.label.lower()}s" for role in roles])
