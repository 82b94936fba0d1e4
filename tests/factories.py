"""People and promises for tests, made by walking the real actions: nothing impossible can be built.

Asha owns Brookfield Catering, Ben is her colleague there and Grace its sponsor, Cara is a stranger
from another organisation. Dev is an officer of the council, Edna its administrator.
"""

import re
from datetime import date, timedelta
from typing import Any

from charter import reference
from charter.actions import (
    applications,
    changes,
    charters,
    commitments,
    error_reports,
    people,
    signatories,
)
from charter.models import (
    Application,
    Change,
    Charter,
    Commitment,
    ErrorReport,
    Measure,
    Membership,
    Message,
    Signatory,
    User,
)
from charter.models.commitments import EvidenceKind
from registry import clock
from tests.shared_worlds import remembered

PASSWORD = "correct horse battery staple"
# One measure of each kind of value: a number, money, a percentage, yes or no, words.
MEASURES = ("LE12", "BL01", "BL04", "GE01", "GE08")


@remembered
def charter() -> Charter:
    """The Birmingham charter with a few of its measures."""
    return Charter.objects.first() or charters.set_up(
        by=people.get_operator(),
        authority=reference.authority()
        | {
            "contact_email": "charter@council.example",
            "telephone": "01632 960 001",
            "postal_address": "Council House\n1 Square",
            "sender_address": "register@council.example",
            "reply_address": "charter@council.example",
        },
        charter=reference.charter(),
        themes=reference.themes(),
        measures=[m for m in reference.measures() if m["code"] in MEASURES],
    )


def measure(code: str = "LE12") -> Measure:
    return Measure.objects.get(code=code, theme__charter=charter())


def accept_invitation(email: str, name: str) -> User:
    """Open the link in the latest email to an address and choose a password."""
    return people.accept_invitation(
        people.find_invitation(invitation_token(email)), name=name, password=PASSWORD
    )


def invitation_token(email: str) -> str:
    message = Message.objects.filter(kind="invitation", recipient=email).latest("pk")
    link = re.search(r"/invitations/(\S+)", message.text)
    assert link, message.text
    return link[1]


@remembered
def officer(name: str = "Dev", role: str = User.CouncilRole.OFFICER) -> User:
    email = f"{name.lower()}@council.example"
    if known := User.objects.filter(email=email).first():
        return known
    people.invite(by=people.get_operator(), email=email, council_role=role)
    return accept_invitation(email, name)


def administrator() -> User:
    return officer("Edna", User.CouncilRole.ADMINISTRATOR)


@remembered
def signatory(legal_name: str = "Brookfield Catering", **fields: Any) -> Signatory:
    """A signatory, admitted by Dev. Nobody speaks for it unless `contact_email` is given."""
    described = {"kind": "company", "size": "small", "route": "voluntary"} | fields
    return signatories.admit(by=officer(), charter=charter(), legal_name=legal_name, **described)


@remembered
def brookfield() -> Signatory:
    """Brookfield Catering, whose owner is Asha."""
    if known := Signatory.objects.filter(organisation__legal_name="Brookfield Catering").first():
        return known
    made = signatory(contact_email="asha@brookfield.example")
    accept_invitation("asha@brookfield.example", "Asha")
    return made


def asha() -> User:
    brookfield()
    return User.objects.get(email="asha@brookfield.example")


def ben() -> User:
    """Asha's colleague, an editor."""
    return colleague("Ben", Membership.Role.EDITOR)


def grace() -> User:
    """The senior sponsor at Brookfield Catering."""
    return colleague("Grace", Membership.Role.SPONSOR)


def ines() -> User:
    """She acts for Brookfield Catering from a support body, with Asha's consent."""
    return colleague("Ines", Membership.Role.INTERMEDIARY, body="Canal Side Chamber")


@remembered
def colleague(name: str, role: str, **fields: Any) -> User:
    email = f"{name.lower()}@brookfield.example"
    if known := User.objects.filter(email=email).first():
        return known
    people.invite(
        by=asha(), email=email, organisation=brookfield().organisation, role=role, **fields
    )
    return accept_invitation(email, name)


@remembered
def cara() -> User:
    """A stranger: she owns Canal Street Joinery."""
    email = "cara@canal-street.example"
    if known := User.objects.filter(email=email).first():
        return known
    signatory("Canal Street Joinery", contact_email=email)
    return accept_invitation(email, "Cara")


@remembered
def draft(*, by: User | None = None, measured_by: str = "LE12", **fields: Any) -> Commitment:
    """A complete draft of Asha's: 20 new apprentices within a year."""
    chosen = measure(measured_by)
    described: dict[str, Any] = {
        "theme": chosen.theme,
        "measure": chosen,
        "title": "Start 20 apprenticeships for care leavers",
        "description": "We train care leavers as cooks in our kitchens.",
        "target_value": 20,
        "end_on": clock.today() + timedelta(days=365),
        "evidence_kind": EvidenceKind.PAYROLL,
        "evidence_text": "Payroll records and college letters",
    }
    return commitments.start_draft(
        by=by or asha(), **{"signatory": brookfield()} | described | fields
    )


@remembered
def submitted_commitment(**fields: Any) -> Commitment:
    return commitments.submit(draft(**fields), by=asha())


@remembered
def returned_commitment(words: str = "Which college?", **fields: Any) -> Commitment:
    return commitments.return_with_comments(
        submitted_commitment(**fields), by=officer(), comments=words
    )


@remembered
def published_commitment(**fields: Any) -> Commitment:
    return commitments.approve(submitted_commitment(**fields), by=officer())


def written_change(commitment: Commitment, **fields: Any) -> Change:
    """A change that only Asha and her colleagues see: by default a lower target."""
    described: dict[str, Any] = {
        "action": Change.Action.AMEND,
        "reason": "Our second kitchen closed.",
        "values": {"target_value": 12},
    }
    return changes.save_draft(commitment, by=asha(), **described | fields)


def proposed_change(commitment: Commitment, **fields: Any) -> Change:
    """A change that waits for the council."""
    return changes.submit(written_change(commitment, **fields), by=asha())


def returned_change(commitment: Commitment, words: str = "Why?", **fields: Any) -> Change:
    change = proposed_change(commitment, **fields)
    return changes.return_with_comments(change, by=officer(), comments=words)


def approved_change(commitment: Commitment, **fields: Any) -> Change:
    return changes.approve(proposed_change(commitment, **fields), by=officer())


@remembered
def application(legal_name: str = "Lantern Bakery", **fields: Any) -> Application:
    """An organisation that asks to join."""
    return applications.submit_application(
        charter(),
        legal_name=legal_name,
        kind="company",
        size="micro",
        route="voluntary",
        contact_email="noor@lantern-bakery.example",
        **fields,
    )


def error_report(about: str, **fields: str) -> ErrorReport:
    """A reader's words about a record, with an address for the answer."""
    told = {"wrong": "The college closed.", "right": "", "email": "noor@reader.example"}
    return error_reports.submit_report(about=about, **told | fields)


def in_days(days: int) -> date:
    return clock.today() + timedelta(days=days)
