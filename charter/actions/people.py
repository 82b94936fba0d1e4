"""Invite people, and manage their roles. Accounts are created only by invitation."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings

from charter import acts, permissions, sessions
from charter.actions import second_person
from charter.errors import AlreadyExistsError, InvitationError
from charter.mail import identities, outbox, reachability
from charter.mail.administrators import email_administrators
from charter.models import (
    Authority,
    Invitation,
    Membership,
    Message,
    Organisation,
    Proposal,
    RefusedAddress,
    Signatory,
    StaffMembership,
    User,
)
from charter.models.people import OPERATOR
from charter.roles import MemberRole, StaffRole
from registry import clock
from registry.log import publishing

VALID_FOR = timedelta(hours=72)


@acts.act()
def invite(
    *, by: User, email: str, organisation: Organisation, role: str, body: str = ""
) -> Invitation:
    """Email a one-time link, which lets a person act for an organisation.

    By inviting someone from a support body (`body`), an owner consents to its acting for them.
    Earlier links to the same person are withdrawn: only the newest works.
    """
    email = email.lower()
    is_intermediary = role == MemberRole.INTERMEDIARY
    if is_intermediary:
        permissions.check(by, "person.invite_intermediary", organisation)
    elif needs_owners_consent(by, organisation):
        permissions.check(by, "person.invite_beside_owner", organisation)
        _check_second_person(by, organisation)
    else:
        permissions.check(by, "person.invite", organisation)
    if organisation.memberships.current().filter(user__email=email).exists():
        raise AlreadyExistsError(f"{email} can already act for {organisation}.")
    works_elsewhere = StaffMembership.objects.current().filter(user__email=email)
    if works_elsewhere.exclude(authority__organisation=organisation).exists():
        raise AlreadyExistsError(
            f"{email} works for the council, and council staff cannot act for another organisation."
        )
    # A person vouches for the address, so it is tried again even if its emails came back before.
    RefusedAddress.objects.filter(email=email.lower()).delete()
    return send_invitation(
        email=email, organisation=organisation, role=role, body=body, invited_by=by
    )


def needs_owners_consent(user: User, organisation: Organisation) -> bool:
    """Return True if staff choose the people of an organisation that has had an owner.

    Otherwise one officer could remove the owner, and invite another as if there had been none.
    """
    owners = organisation.memberships.filter(role=MemberRole.OWNER)
    is_own = organisation.memberships.current().filter(user=user).exists()
    return owners.exists() and not is_own


def _check_second_person(user: User, organisation: Organisation) -> None:
    for authority in permissions.authorities_with(user, "person.invite_beside_owner"):
        second_person.check(user, "person.invite_beside_owner", authority, organisation)


@acts.act()
def invite_or_propose(
    *, by: User, signatory: Signatory, email: str, role: str, body: str = ""
) -> Invitation | Proposal:
    """Invite a person to an organisation; propose it where staff need a second person."""
    organisation = signatory.organisation
    if role == MemberRole.INTERMEDIARY or not needs_owners_consent(by, organisation):
        return invite(by=by, email=email, organisation=organisation, role=role, body=body)
    done: Invitation | Proposal = second_person.do_or_propose(
        "person.invite_beside_owner",
        by=by,
        authority=signatory.charter.authority,
        organisation=organisation,
        arguments={"email": email.lower(), "role": role},
    )
    return done


def find_invitation(token: str) -> Invitation:
    """Return the open invitation for a link's token. Raise InvitationError if there is none."""
    invitation = Invitation.objects.filter(token_hash=_hash_token(token)).first()
    if invitation is None:
        raise InvitationError("This link is not valid. Check you copied all of it.")
    _check_open(invitation)
    return invitation


@acts.act()
def revoke_invitation(invitation: Invitation, *, by: User) -> None:
    """Withdraw an unused invitation; its email is cancelled if still queued. Idempotent."""
    if invitation.organisation:
        permissions.check(by, "invitation.withdraw", invitation.organisation)
    else:
        permissions.check(by, "staff.withdraw_invitation", invitation.authority)
    open_invitations = Invitation.objects.open(clock.now()).filter(pk=invitation.pk)
    acts.update(open_invitations, withdrawn_at=clock.now())


def cancellation_reason(message: Message) -> str:
    """Return why an invitation's email is no longer needed, or "". Its key names the invitation."""
    identity = message.key.split(":")[1]
    open_invitations = Invitation.objects.open(clock.now()).filter(identity=identity)
    return "" if open_invitations.exists() else "The invitation was taken back"


@acts.act("invitation.accept", cause=acts.Cause.LINK)
def accept_invitation(invitation: Invitation, *, name: str, password: str) -> User:
    """Accept an invitation with a new account, or with an existing one and its password.

    Safe in parallel: the row is locked, so a link works once.
    """
    invitation = Invitation.objects.select_for_update(of=["self"]).get(pk=invitation.pk)
    _check_open(invitation)
    user = User.objects.filter(email=invitation.email).first()
    if user is None:
        user = User.objects.create_user(invitation.email, password, name=name)
        # The link has proved the address; allauth needs this row for sign-in and password reset.
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    elif not (user.is_active and user.check_password(password)):
        raise InvitationError("This is not the password of your account.")
    if invitation.staff_role:
        StaffMembership.objects.update_or_create(
            user=user,
            authority=invitation.authority,
            ended_on=None,
            defaults={"role": invitation.staff_role, "invited_by": invitation.invited_by},
            create_defaults={
                "role": invitation.staff_role,
                "invited_by": invitation.invited_by,
                "started_on": clock.today(),
            },
        )
        sessions.end_sessions(user)
        _email_appointment(user, invitation)
    elif invitation.organisation:
        membership, is_new = Membership.objects.get_or_create(
            user=user,
            organisation=invitation.organisation,
            ended_on=None,
            defaults={
                "role": invitation.role,
                "body": invitation.body,
                "invited_by": invitation.invited_by,
                "started_on": clock.today(),
            },
        )
        if is_new:
            _notify_members(membership, "joined", by=user)
    invitation.accepted_at = clock.now()
    invitation.save(update_fields=["accepted_at"])
    withdraw_invitations(invitation.email, invitation.organisation, invitation.authority)
    mark_mailbox_working(user)
    return user


@acts.act()
def end_membership(membership: Membership, *, by: User) -> Membership:
    """End a membership and with it, for an intermediary, the owner's consent. Idempotent.

    Unused links of this person to the organisation are withdrawn.
    """
    permissions.check_may_end_membership(by, membership)
    membership = Membership.objects.select_for_update(of=["self"]).get(pk=membership.pk)
    if membership.ended_on:
        return membership
    membership.ended_on = clock.today()
    membership.ended_by = by
    membership.save()
    withdraw_invitations(membership.user.email, membership.organisation)
    _notify_members(membership, "left", by=by)
    reachability.publish_reachability(membership.organisation)
    return membership


@acts.act("person.change_role")
def change_role(membership: Membership, *, by: User, role: str) -> Membership:
    """Change a person's role in an organisation and email its members. Idempotent."""
    # When two owners demote each other at once, the lock makes the second see the first.
    Organisation.objects.select_for_update(no_key=True).get(pk=membership.organisation_id)
    membership = Membership.objects.select_for_update(of=["self"]).get(pk=membership.pk)
    permissions.check_may_change_role(by, membership, role)
    if membership.ended_on or membership.role == role:
        return membership
    if role == MemberRole.OWNER and needs_owners_consent(by, membership.organisation):
        _check_second_person(by, membership.organisation)
    membership.role = role
    membership.save(update_fields=["role"])
    _notify_members(membership, "changed", by=by)
    return membership


@acts.act("mailbox.mark_working", cause=acts.Cause.LINK)
def mark_mailbox_working(user: User) -> None:
    """Mark the mailbox of a person who used a link from it as working, and publish the result.

    Call this last in an action.
    """
    publishing.publish(reachability.clear_user_bounces(user))


def get_operator() -> User:
    """Return the user for the command line, an account that nobody can sign in to."""
    user, _ = User.objects.get_or_create(
        email=OPERATOR,
        defaults={
            "name": "Command line",
            "is_active": False,
            "password": "!",
        },
    )
    return user


def _email_appointment(user: User, invitation: Invitation) -> None:
    role = invitation.get_staff_role_display().lower()
    authority = invitation.authority
    email_administrators(
        authority,
        sentence=f"{user} is now {role} at {authority or 'a new authority'}",
        details=f"{user.email}, invited by {invitation.invited_by or 'the command line'}",
    )


def send_invitation(*, email: str, **fields: Any) -> Invitation:
    """Email a one-time link; earlier links to the same person are withdrawn."""
    withdraw_invitations(email, fields.get("organisation"), fields.get("authority"))
    invitation, link = create_invitation(email=email, **fields)
    outbox.queue_from_template(
        "invitation",
        key=f"invitation:{invitation.identity}",
        recipient=email,
        authority=invitation.organisation.only_authority
        if invitation.organisation
        else invitation.authority,
        context={"invitation": invitation, "link": link},
        expires_at=invitation.expires_at,
    )
    return invitation


def create_invitation(*, email: str, **fields: Any) -> tuple[Invitation, str]:
    """Create an invitation; return it and its one-time link."""
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        email=email, token_hash=_hash_token(token), expires_at=clock.now() + VALID_FOR, **fields
    )
    return invitation, f"{settings.PUBLIC_URL}/invitations/{token}"


def withdraw_invitations(
    email: str, organisation: Organisation | None, authority: Authority | None = None
) -> None:
    """Withdraw an address's unused links to an organisation, or to an authority."""
    now = clock.now()
    links = Invitation.objects.open(now).filter(
        email=email, organisation=organisation, authority=authority
    )
    acts.update(links, withdrawn_at=now)


def _notify_members(membership: Membership, event: str, *, by: User) -> None:
    """Email an organisation's members that one of them joined, left or changed role.

    The person concerned is emailed too; of joining, they know. `event` is joined, left or changed.
    """
    others = membership.organisation.memberships.current().exclude(user=membership.user)
    recipients = [member.user for member in others.select_related("user")]
    if membership.user != by or event == "left":
        recipients.append(membership.user)
    about = Membership.ROLE_SUMMARIES[Membership.Role(membership.role)]
    authority = membership.organisation.only_authority
    for user in recipients:
        context = {"membership": membership, "user": user, "what": event, "about": about}
        outbox.queue_from_template(
            "people",
            key=identities.new_key("people"),
            recipient=user.email,
            authority=authority,
            context=context,
        )


def _check_open(invitation: Invitation) -> None:
    if invitation.accepted_at:
        raise InvitationError("This link was used already. Sign in with your password.")
    if invitation.withdrawn_at:
        raise InvitationError(
            "This link was taken back, or a newer one was sent to you. Look for the newest email."
        )
    if invitation.expires_at <= clock.now():
        raise InvitationError(
            "This link has expired. Ask the person who invited you for a new one."
        )


def _hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _invite_as_proposed(proposal: Proposal, by: User) -> Invitation:
    return invite(by=by, organisation=proposal.subject, **proposal.arguments)


def invitation_facts(proposal: Proposal) -> second_person.Facts:
    """Return what a second person has to know about an invitation."""
    roles = dict([*MemberRole.choices, *StaffRole.choices])
    return [
        ("Invited to", str(proposal.subject)),
        ("Email address", proposal.arguments["email"]),
        ("Role", roles[proposal.arguments["role"]]),
    ]


second_person.register(
    "person.invite_beside_owner",
    second_person.TwoPersonAct(
        "Invite a person to an organisation that has had an owner",
        _invite_as_proposed,
        invitation_facts,
    ),
)
