"""Invite staff of an authority, and end their roles."""

from charter import acts, permissions
from charter.actions import people, second_person
from charter.errors import AlreadyExistsError, WrongStateError
from charter.mail.administrators import email_administrators
from charter.models import (
    Authority,
    Invitation,
    Membership,
    Proposal,
    StaffMembership,
    User,
)
from charter.roles import StaffRole
from registry import clock


@acts.act()
def invite(*, by: User, email: str, authority: Authority, role: str) -> Invitation:
    """Email a one-time link, which gives a person a role at an authority.

    Earlier links to the same person are withdrawn: only the newest works.
    """
    email = email.lower()
    name = _invitation_act(role)
    permissions.check(by, name, authority)
    second_person.check(by, name, authority)
    if authority.staff.current().filter(user__email=email, role=role).exists():
        raise AlreadyExistsError(f"{email} has this role already.")
    if present := authority.staff.current().filter(user__email=email).first():
        _check_keeps_administrator(present)
    elsewhere = Membership.objects.current().filter(user__email=email)
    if elsewhere.exclude(organisation=authority.organisation_id or 0).exists():
        raise AlreadyExistsError(
            f"{email} acts for a signatory, so they cannot work for {authority}."
        )
    return people.send_invitation(email=email, authority=authority, staff_role=role, invited_by=by)


@acts.act()
def invite_or_propose(
    *, by: User, email: str, authority: Authority, role: str
) -> Invitation | Proposal:
    """Invite staff; propose it where that needs a second person."""
    done: Invitation | Proposal = second_person.do_or_propose(
        _invitation_act(role),
        by=by,
        authority=authority,
        arguments={"email": email.lower(), "role": role},
    )
    return done


@acts.act("staff.invite_administrator")
def invite_administrator(*, email: str, authority: Authority | None) -> str:
    """Return a one-time link for an administrator, for the operator to pass on.

    Without an authority the administrator sets a new one up.
    """
    people.withdraw_invitations(email.lower(), None, authority)
    _, link = people.create_invitation(
        email=email.lower(), authority=authority, staff_role=StaffRole.ADMINISTRATOR
    )
    return link


@acts.act("staff.remove")
def end_role(membership: StaffMembership, *, by: User) -> None:
    """End a person's role at an authority. Idempotent.

    Raise WrongStateError for the last administrator.
    """
    # When two administrators remove each other at once, the lock makes the second see the first.
    list(Authority.objects.select_for_update(no_key=True).filter(staff=membership))
    permissions.check(by, "staff.remove", membership.authority)
    membership.refresh_from_db()
    if membership.ended_on:
        return
    _check_keeps_administrator(membership)
    # First, so that an administrator who is removed gets the email too.
    email_administrators(
        membership.authority,
        sentence=f"{by} removed {membership.user} from the staff",
        details=f"{membership.user.email} was {membership.get_role_display().lower()}.",
    )
    membership.ended_on = clock.today()
    membership.save(update_fields=["ended_on"])
    people.withdraw_invitations(membership.user.email, None, membership.authority)


def _invitation_act(role: str) -> str:
    is_administrator = role == StaffRole.ADMINISTRATOR
    return "staff.invite_administrator" if is_administrator else "staff.invite"


def _check_keeps_administrator(membership: StaffMembership) -> None:
    """Raise WrongStateError if the authority would have no administrator without this one."""
    administrators = StaffMembership.objects.administrators().filter(
        authority=membership.authority_id
    )
    if list(administrators) == [membership]:
        raise WrongStateError(
            f"{membership.user} is the only administrator. Invite a second one first: without one "
            "nobody can look after the register."
        )


def _invite_as_proposed(proposal: Proposal, by: User) -> Invitation:
    return invite(by=by, authority=proposal.authority, **proposal.arguments)


for _name, _title in [
    ("staff.invite_administrator", "Make a person an administrator"),
    ("staff.invite", "Invite other staff"),
]:
    second_person.register(
        _name, second_person.TwoPersonAct(_title, _invite_as_proposed, people.invitation_facts)
    )
