"""Organisations that were invited to sign and are not public, each with its answer."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from charter.actions import acceptances, organisations, signatories
from charter.forms.council import SignatoryForm
from charter.forms.imports import OrganisationRowForm
from charter.models import Charter, Proposal, User
from charter.spreadsheets.organisations import Admission
from registry import clock
from registry.local import accounts
from reporting.demonstration import browser, council, joining, script


def invitation_actions() -> Iterator[tuple[int, Callable[[], object]]]:
    """Yield the invitations and the answers to them, each with its days ago."""
    for row in script.invitation_rows():
        typed = {name: text for name, text in row.items() if name not in ("invited", "declined")}
        invite = _import_signature if "signed_on" in row else _invite_to_sign
        yield row["invited"], partial(invite, typed)
        if "declined" in row:
            yield row["declined"], partial(_decline_to_sign, row["contact_email"])


def _invite_to_sign(typed: dict[str, Any]) -> None:
    form = browser.submit_form(SignatoryForm, typed, seed=typed["legal_name"])
    charter = Charter.objects.joinable(clock.today()).get()
    signatories.admit(by=_officer(), charter=charter, **form.values())


def _decline_to_sign(email: str) -> None:
    owner = joining.accept_invitation(email, f"Owner at {email.partition('@')[2]}")
    [signatory] = owner.memberships.get().organisation.signatories.all()
    acceptances.decline(signatory, by=owner)


def _import_signature(typed: dict[str, Any]) -> None:
    """Import a row with a signature of earlier times, to which the administrator agrees."""
    form = browser.submit_form(OrganisationRowForm, typed, seed=typed["legal_name"])
    values = form.values() | {
        "identifiers": form.identifier_pairs(),
        "contact_email": form.cleaned_data["contact_email"],
    }
    progress = organisations.import_organisations(
        Charter.objects.joinable(clock.today()).get(),
        by=_officer(),
        admissions=[Admission(2, values, form.signature_values())],
        revisions=[],
    )
    for _ in progress:
        pass
    for proposal in Proposal.objects.open().filter(act="signature.state"):
        council.agree_if_proposed(proposal)


def _officer() -> User:
    return User.objects.get(email=accounts.OFFICER)
