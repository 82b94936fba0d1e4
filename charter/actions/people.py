"""Invite people and let them in. There is no other way to an account."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction

from charter import permissions
from charter.errors import AlreadyExistsError, InvitationError, WrongStateError
from charter.mail import bounces, outbox
from charter.models import Invitation, Membership, Message, Organisation, User
from registry import clock
from registry.log import publishing

VALID_FOR = timedelta(hours=72)
OPERATOR = "operator@register.invalid"


@transaction.atomic
def invite(
    *,
    by: User,
    email: str,
    organisation: Organisation | None = None,
    role: str = "",
    body: str = "",
    council_role: str = "",
) -> Invitation:
    """Send a one-time link to a person, who may then act for an organisation or for the council.

    An owner who invites somebody of a support body (`body`) consents to its acting for them. Links
    sent to the same person before end: only the newest works.
    """
    email = email.lower()
    if organisation:
        permissions.check_may_invite(by, organisation)
        if role == Membership.Role.INTERMEDIARY:
            permissions.check_may_consent(by, organisation)
        if organisation.memberships.current().filter(user__email=email).exists():
            raise AlreadyExistsError(f"{email} can already act for {organisation}.")
    else:
        permissions.check_may_administer(by)
        if User.objects.filter(email=email, council_role=council_role).exists():
            raise AlreadyExistsError(f"{email} has this role already.")
    _withdraw_open(email, organisation)
    invitation, link = _create_invitation(
        email=email,
        organisation=organisation,
        role=role,
        body=body,
        invited_by=by,
        council_role=council_role,
    )
    outbox.queue_from_template(
        "invitation",
        key=f"invitation:{invitation.pk}",
        recipient=email,
        context={"invitation": invitation, "link": link},
        expires_at=invitation.expires_at,
    )
    return invitation


@transaction.atomic
def invite_administrator(*, email: str) -> str:
    """Return a one-time link for an administrator; whoever runs the register hands it over."""
    _withdraw_open(email.lower(), None)
    _, link = _create_invitation(
        email=email.lower(),
        council_role=User.CouncilRole.ADMINISTRATOR,
    )
    return link


def find_invitation(token: str) -> Invitation:
    """Return the open invitation that a link names; raise InvitationError if there is none."""
    invitation = Invitation.objects.filter(token_hash=_hash_token(token)).first()
    if invitation is None:
        raise InvitationError("This link is not one of ours. Check that you copied all of it.")
    _check_open(invitation)
    return invitation


@transaction.atomic
def revoke_invitation(invitation: Invitation, *, by: User) -> None:
    """End an invitation before it is used, and its email if that still waits. A second click
    changes nothing.
    """
    permissions.check_may_revoke(by, invitation)
    open_ones = Invitation.objects.open(clock.now()).filter(pk=invitation.pk)
    open_ones.update(withdrawn_at=clock.now())


def cancellation_reason(message: Message) -> str:
    """Say why the email of an invitation need not go out any more; its key is invitation:17."""
    open_ones = Invitation.objects.open(clock.now()).filter(pk=message.key.split(":")[1])
    return "" if open_ones.exists() else "The invitation was taken back"


@transaction.atomic
def accept_invitation(invitation: Invitation, *, name: str, password: str | None) -> User:
    """Let the invited person in: with a new account, or with the one they have and its password.

    Nobody can sign in with a new account that was given no password.

    The row is locked, so a link that is opened twice at once lets in once.
    """
    invitation = Invitation.objects.select_for_update(of=["self"]).get(pk=invitation.pk)
    _check_open(invitation)
    user = User.objects.filter(email=invitation.email).first()
    if user is None:
        user = User.objects.create_user(invitation.email, password, name=name)
        # The link has proved the address; sign-in and password reset look here.
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    elif not (user.is_active and user.check_password(password or "")):
        raise InvitationError("This is not the password of your account.")
    if invitation.council_role:
        user.council_role = invitation.council_role
        user.save(update_fields=["council_role"])
    elif invitation.organisation:
        membership, joined = Membership.objects.get_or_create(
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
        if joined:
            _notify_members(membership, "joined", by=user)
    invitation.accepted_at = clock.now()
    invitation.save(update_fields=["accepted_at"])
    _withdraw_open(invitation.email, invitation.organisation)
    mark_mailbox_working(user)
    return user


@transaction.atomic
def end_membership(membership: Membership, *, by: User) -> Membership:
    """Take a person off an organisation; of an intermediary, withdraw the consent. A link that
    this person has not used yet ends too. A second click changes nothing.
    """
    permissions.check_may_end_membership(by, membership)
    membership = Membership.objects.select_for_update(of=["self"]).get(pk=membership.pk)
    if membership.ended_on:
        return membership
    membership.ended_on = clock.today()
    membership.ended_by = by
    membership.save()
    _withdraw_open(membership.user.email, membership.organisation)
    _notify_members(membership, "left", by=by)
    bounces.publish_reachability(membership.organisation)
    return membership


@transaction.atomic
def remove_council_role(user: User, *, by: User) -> None:
    """End what somebody may do for the council. The last administrator stays one."""
    permissions.check_may_administer(by)
    # Of two administrators who end each other at once the second is the last one.
    administrators = User.objects.filter(
        council_role=User.CouncilRole.ADMINISTRATOR, is_active=True
    ).select_for_update()
    if list(administrators) == [user]:
        raise WrongStateError(
            f"{user} is the only administrator. Invite a second one first: without one nobody can "
            "look after the register."
        )
    user.council_role = ""
    user.save(update_fields=["council_role"])
    _withdraw_open(user.email, None)


@transaction.atomic
def change_role(membership: Membership, *, by: User, role: str) -> Membership:
    """Let a person do more or less for an organisation, and tell the others. The role that it has
    already changes nothing.
    """
    # Of two owners who lower each other at once the second is the last one.
    Organisation.objects.select_for_update(no_key=True).get(pk=membership.organisation_id)
    membership = Membership.objects.select_for_update(of=["self"]).get(pk=membership.pk)
    permissions.check_may_change_role(by, membership, role)
    if membership.ended_on or membership.role == role:
        return membership
    membership.role = role
    membership.save(update_fields=["role"])
    _notify_members(membership, "changed", by=by)
    return membership


@transaction.atomic
def mark_mailbox_working(user: User) -> None:
    """Take the mailbox of a person who has just used a link from it as working, last in an act;
    the public reads who can be reached.
    """
    publishing.publish(bounces.clear_user_bounces(user))


def get_operator() -> User:
    """Return the person at the command line: an account that nobody can sign in with."""
    user, _ = User.objects.get_or_create(
        email=OPERATOR,
        defaults={
            "name": "Command line",
            "council_role": User.CouncilRole.ADMINISTRATOR,
            "is_active": False,
            "password": "!",
        },
    )
    return user


def _create_invitation(*, email: str, **fields: Any) -> tuple[Invitation, str]:
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        email=email, token_hash=_hash_token(token), expires_at=clock.now() + VALID_FOR, **fields
    )
    return invitation, f"{settings.PUBLIC_URL}/invitations/{token}"


def _withdraw_open(email: str, organisation: Organisation | None) -> None:
    """End the links to an organisation, or to the council, that an address could still use."""
    now = clock.now()
    links = Invitation.objects.open(now).filter(email=email, organisation=organisation)
    links.update(withdrawn_at=now)


def _notify_members(membership: Membership, what: str, *, by: User) -> None:
    """Tell the organisation's people that one of them joined, left or changed; and this one, unless
    it was their own act.
    """
    people = membership.organisation.memberships.current().exclude(user=membership.user)
    to = [member.user for member in people.select_related("user")]
    if membership.user != by:
        to.append(membership.user)
    about = Membership.ROLE_SUMMARIES[Membership.Role(membership.role)]
    for user in to:
        context = {"membership": membership, "user": user, "what": what, "about": about}
        outbox.queue_from_template(
            "people",
            key=f"people:{membership.pk}:{what}:{clock.now():%Y%m%dT%H%M%S.%f}:{user.pk}",
            recipient=user.email,
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
        raise InvitationError("This link has run out. Ask whoever invited you for a new one.")


def _hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
