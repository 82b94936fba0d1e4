"""Invite organisations to sign a charter, and pause their reporting."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from charter import acts, items, permissions, pledge
from charter.actions import people
from charter.errors import AlreadyExistsError, NotAllowedError
from charter.models import Charter, Identifier, Membership, Organisation, Signatory, User
from registry import clock
from registry.log import publishing

ORGANISATION_FIELDS = ("trading_name", "social_enterprise", "sector", "website", "area_codes")


@acts.act("signatory.admit")
def admit(*, by: User, charter: Charter, legal_name: str, **fields: Any) -> Signatory:
    """Invite an organisation to sign a charter. Nothing about it is public until it accepts."""
    return create_signatory(by=by, charter=charter, legal_name=legal_name, **fields)


@acts.act("signatory.admit")
def restate(
    *, by: User, charter: Charter, legal_name: str, source: dict[str, Any], **fields: Any
) -> Signatory:
    """Publish a signatory as another publication describes it. For the command line only."""
    if not by.is_operator:
        raise NotAllowedError("Only the command line can restate a signatory.")
    signatory = create_signatory(
        by=by, charter=charter, legal_name=legal_name, source=source, invited_at=None, **fields
    )
    publishing.publish(
        [publishing.NewEntry("signatory", signatory.key, "publish", items.signatory(signatory))]
    )
    return signatory


def create_signatory(
    *,
    by: User,
    charter: Charter,
    legal_name: str,
    kind: str = "",
    size: str = "",
    route: str = "",
    identifiers: Sequence[tuple[str, str]] = (),
    contact_email: str = "",
    role: str = Membership.Role.OWNER,
    **fields: Any,
) -> Signatory:
    """Create a private signatory, and invite its contact.

    The first identifier is the primary one. An organisation that already has one of the numbers,
    and is not a current signatory of this charter, is reused.
    """
    permissions.check(by, "signatory.admit", charter)
    # The charter's lock makes a second click at the same time find the signatory of the first.
    charter = Charter.objects.select_for_update(of=["self"]).get(pk=charter.pk)
    namesakes = charter.signatories.filter(organisation__legal_name__iexact=legal_name)
    if not identifiers and namesakes.filter(left_on=None).exists():
        raise AlreadyExistsError(
            f"{legal_name} is in the register already. Is this another? Give its number."
        )
    organisation = _find_by_identifiers(charter, identifiers) or Organisation(legal_name=legal_name)
    organisation.rename(legal_name, today=clock.today())
    organisation.kind, organisation.size = kind, size
    for name in ORGANISATION_FIELDS:
        if name in fields:
            setattr(organisation, name, fields.pop(name))
    organisation.save()
    for scheme, number in identifiers:
        add_identifier(organisation, scheme, number)
    signatory = Signatory.objects.create(
        organisation=organisation,
        charter=charter,
        route=route,
        **{"invited_at": clock.now()} | fields,
    )
    if contact_email:
        invite_contact(organisation, by=by, email=contact_email, role=role)
    return signatory


def invite_contact(
    organisation: Organisation, *, by: User, email: str, role: str = Membership.Role.OWNER
) -> None:
    """Invite the contact of an organisation, unless it has a role there."""
    if not organisation.memberships.current().filter(user__email=email.lower()).exists():
        people.invite(by=by, email=email, organisation=organisation, role=role)


@acts.act("signatory.pause")
def pause(signatory: Signatory, *, by: User, until: date | None, reason: str) -> Signatory:
    """Pause a signatory's reporting until a day, or without an end. The reason is public."""
    permissions.check(by, "signatory.pause", signatory)
    signatory = Signatory.objects.select_for_update().get(pk=signatory.pk)
    pledge.check_public(signatory)
    signatory.pause_from, signatory.pause_to = clock.today(), until
    signatory.pause_reason = reason
    signatory.save()
    return _publish_amendment(signatory, reason)


@acts.act("signatory.resume")
def resume(signatory: Signatory, *, by: User, reason: str) -> Signatory:
    """End a pause today. The reason is public."""
    permissions.check(by, "signatory.resume", signatory)
    signatory = Signatory.objects.select_for_update().get(pk=signatory.pk)
    signatory.pause_from = signatory.pause_to = None
    signatory.pause_reason = ""
    signatory.save()
    return _publish_amendment(signatory, reason)


def _find_by_identifiers(
    charter: Charter, identifiers: Sequence[tuple[str, str]]
) -> Organisation | None:
    """Return the known organisation with these numbers, or None.

    Raise AlreadyExistsError if it is a current signatory, or if there are several.
    """
    organisations = {
        identifier.organisation
        for scheme, number in identifiers
        for identifier in Identifier.objects.filter(scheme=scheme, number=number)
    }
    if len(organisations) > 1:
        raise AlreadyExistsError("Its numbers are of two organisations of the register.")
    for organisation in organisations:
        if organisation.signatories.filter(charter=charter, left_on=None).exists():
            raise AlreadyExistsError(
                f"{organisation} has this number and is in the register already."
            )
    return next(iter(organisations), None)


def _publish_amendment(signatory: Signatory, reason: str) -> Signatory:
    content = items.signatory(signatory) | {"change_reason": reason}
    publishing.publish([publishing.NewEntry("signatory", signatory.key, "amend", content)])
    return signatory


def add_identifier(organisation: Organisation, scheme: str, number: str) -> None:
    """Add a number to an organisation. Idempotent.

    Raise AlreadyExistsError if another organisation has it.
    """
    if organisation.identifiers.filter(scheme=scheme, number=number).exists():
        return
    try:
        with transaction.atomic():
            Identifier.objects.create(
                organisation=organisation,
                scheme=scheme,
                number=number,
                primary=not organisation.identifiers.exists(),
            )
    except IntegrityError:
        holder = Identifier.objects.get(scheme=scheme, number=number).organisation
        raise AlreadyExistsError(
            f"{holder} has this number and is in the register already."
        ) from None
