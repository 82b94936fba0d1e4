"""How the council sets up the register, and how signatories and their people join."""

from datetime import date, timedelta
from typing import Any

from django.db.models import prefetch_related_objects

from charter import identifiers, permissions, pledge
from charter.actions import acceptances, charters, people, signatories, staff, standing
from charter.forms.acceptances import AcceptanceForm
from charter.forms.council import SetUpForm, SignatoryForm
from charter.forms.invitations import InvitationForm
from charter.forms.people import ColleagueForm, StaffForm
from charter.forms.standing import AccreditForm
from charter.models import Charter, Invitation, Membership, Organisation, Signatory, User
from charter.roles import StaffRole
from registry import clock
from registry.local import accounts
from registry.schema.code_lists import Standing
from reporting.demonstration import browser, script
from reporting.demonstration.passwords import SUPPORT_BODY_EMAIL, password_of
from reporting.demonstration.script import SignatorySeed
from reporting.demonstration.seeded import SeededSignatory

SUPPORT_BODY = "Lintel Support for Social Enterprise"
ACCREDITED_BECAUSE = "We have agreed its action plan."
RENEWED_BECAUSE = "It has reported on its action plan, and we have agreed the next one."
RENEWED_BEFORE = timedelta(days=14)  # the end of an accreditation


def open_register() -> tuple[Charter, User]:
    """Set up the charter and the council's two accounts; return it and the officer."""
    staff.invite_administrator(email=accounts.ADMINISTRATOR, authority=None)
    administrator = accept_invitation(accounts.ADMINISTRATOR, "Ada Admin")
    set_up_form = browser.submit_form(
        SetUpForm, {}, seed="Charter", initial=SetUpForm.initial_for_new()
    )
    charter = charters.set_up(by=administrator, **set_up_form.new_register())
    # Every form for a commitment shows all measures.
    prefetch_related_objects([charter], "themes__measures")
    staff_form = browser.submit_form(
        StaffForm,
        {"email": accounts.OFFICER, "role": StaffRole.PUBLISHER},
        seed="Officer",
        authorities=permissions.authorities_with(administrator, "staff.invite"),
    )
    staff.invite(by=administrator, **staff_form.values())
    return charter, accept_invitation(accounts.OFFICER, "Olu Officer")


def join_charter(seed: SignatorySeed, *, charter: Charter, officer: User) -> SeededSignatory:
    """Invite a signatory, whose owner signs; then its sponsor, editor and support body join."""
    form = browser.submit_form(SignatoryForm, _signatory_fields(seed), seed=seed.name)
    signatory = signatories.admit(by=officer, charter=charter, **form.values())
    owner = accept_invitation(seed.owner, f"Owner at {seed.name}")
    signatory = sign_charter(signatory, owner)
    signatory.charter = charter  # with its measures read once
    for email, role, name in [
        (seed.sponsor, Membership.Role.SPONSOR, f"Sponsor at {seed.name}"),
        (seed.editor, Membership.Role.EDITOR, f"Editor at {seed.name}"),
    ]:
        if email:
            _invite_colleague(signatory.organisation, owner, email=email, role=role)
            accept_invitation(email, name)
    sender = owner
    if seed.helper:
        _invite_colleague(
            signatory.organisation,
            owner,
            email=SUPPORT_BODY_EMAIL,
            role=Membership.Role.INTERMEDIARY,
            body=SUPPORT_BODY,
        )
        sender = accept_invitation(SUPPORT_BODY_EMAIL, f"Owner at {SUPPORT_BODY}")
    return SeededSignatory(seed, signatory, owner, sender)


def sign_charter(signatory: Signatory, owner: User) -> Signatory:
    """Sign the charter as an owner does, with all three ticks."""
    organisation = signatory.organisation.legal_name
    form = browser.submit_form(
        AcceptanceForm,
        dict.fromkeys(pledge.STATEMENTS, True),
        seed=organisation,
        charter=signatory.charter,
        organisation=organisation,
    )
    return acceptances.accept(signatory, by=owner, **form.values())


def accept_invitation(email: str, name: str) -> User:
    """Accept the latest invitation of an address, with a new account unless there is one."""
    invitation = Invitation.objects.filter(email=email).latest("pk")
    has_account = User.objects.filter(email=email).exists()
    form = browser.submit_form(
        InvitationForm,
        {"password": password_of(email)} | ({} if has_account else {"name": name}),
        seed=email,
        email=email,
        has_account=has_account,
    )
    return people.accept_invitation(invitation, **form.values())


def accredit_signatory(seeded: SeededSignatory, officer: User) -> date:
    """Accredit a signatory or renew its accreditation; return the day of the next renewal."""
    signatory = Signatory.objects.select_related("charter").get(pk=seeded.signatory.pk)
    is_renewal = signatory.standing == Standing.ACCREDITED
    form = browser.submit_form(
        AccreditForm,
        {"reason": RENEWED_BECAUSE if is_renewal else ACCREDITED_BECAUSE},
        seed=seeded.seed.name,
        signatory=signatory,
        initial=AccreditForm.initial_for(signatory),
    )
    standing.accredit(signatory, by=officer, **form.cleaned_data)
    return signatory.charter.accredited_until(clock.today()) - RENEWED_BEFORE


def _signatory_fields(seed: SignatorySeed) -> dict[str, Any]:
    scheme, number = seed.number or ("", "")
    return {
        "legal_name": seed.name,
        "kind": seed.kind,
        "social_enterprise": seed.social_enterprise,
        "size": seed.size,
        "sector": seed.sector,
        "scheme": scheme,
        "number": number,
        "number_is_right": bool(identifiers.number_warning(scheme, number)),
        "route": seed.route,
        "website": seed.website,
        "covers": seed.covers,
        "area_codes": script.area_codes(seed.wards),
        "contact_email": seed.owner,
    }


def _invite_colleague(organisation: Organisation, owner: User, **typed: str) -> None:
    form = browser.submit_form(ColleagueForm, typed, seed=str(organisation), is_owner=True)
    people.invite(by=owner, organisation=organisation, **form.cleaned_data)
