"""People and commitments for tests, created by the real actions so that no state is impossible.

Asha owns Brookfield Catering, Ben is her colleague there and Grace its sponsor. Cara is a stranger
from another organisation. Dev is a council officer, Edna the council's administrator. Beside them
live Sandwell Council with its officer Sana, and Tipton Forge, which Tariq owns.
"""

import re
from datetime import date, timedelta
from typing import Any

from charter import acts, pledge, questions, reference, review
from charter.actions import (
    acceptances,
    applications,
    changes,
    charters,
    commitments,
    error_reports,
    people,
    signatories,
    staff,
    stated_signatures,
)
from charter.mail import bounces
from charter.models import (
    Acceptance,
    Application,
    Change,
    Charter,
    Commitment,
    ErrorReport,
    Invitation,
    Measure,
    Membership,
    Message,
    Proposal,
    RefusedAddress,
    Reviewable,
    Signatory,
    StaffMembership,
    StatedSignature,
    User,
)
from charter.models.review import ReviewableT
from charter.roles import StaffRole
from registry import clock
from registry.log import publishing
from registry.schema.code_lists import PlannedEvidenceType
from tests.shared_worlds import cached_world

PASSWORD = "correct horse battery staple"
# One measure for each type of value (number, money, percentage, yes or no, text), one for a number
# on a day, and one where less is better and a figure may be below zero.
MEASURES = ("LE12", "BL01", "BL04", "GE01", "GE08", "LE01", "GE10")

ORGANISATION = {"kind": "company", "size": "small", "route": "voluntary"}


@cached_world
def charter() -> Charter:
    """Return the Birmingham charter with a few of its measures."""
    return Charter.objects.order_by("pk").first() or charters.set_up(
        by=people.get_operator(),
        authority=reference.authority()
        | {
            "contact_email": "charter@council.example",
            "telephone": "01632 960 001",
            "postal_address": "Council House\n1 Square",
            "sender_address": "register@council.example",
            "reply_address": "charter@council.example",
        },
        # Most tests know one officer; tests of second persons ask for them.
        charter=reference.charter() | {"second_person_acts": []},
        themes=reference.themes(),
        measures=[m for m in reference.measures() if m["code"] in MEASURES],
    )


@cached_world
def sandwell() -> Charter:
    """Return the charter of a second council, which shares the register with Birmingham."""
    if existing := Charter.objects.filter(authority__name="Sandwell Council").first():
        return existing
    charter()
    return charters.set_up(
        by=people.get_operator(),
        authority=reference.authority()
        | {
            "name": "Sandwell Council",
            "org_id": "GB-LAE-SAW",
            "contact_email": "charter@sandwell.example",
            "telephone": "01632 960 002",
            "sender_address": "register@sandwell.example",
            "reply_address": "charter@sandwell.example",
        },
        charter=reference.charter() | {"title": "Sandwell Promise", "second_person_acts": []},
        themes=reference.themes(),
        measures=[m for m in reference.measures() if m["code"] in MEASURES],
    )


def measure(code: str = "LE12", charter_: Charter | None = None) -> Measure:
    return Measure.objects.get(code=code, theme__charter=charter_ or charter())


def with_measure(code: str) -> dict[str, Any]:
    """Return a measure and its theme, as fields of a commitment."""
    return {"measure": measure(code), "theme": measure(code).theme}


def accept_invitation(email: str, name: str) -> User:
    """Accept the latest invitation sent to `email`, set a password and sign in for once."""
    user = people.accept_invitation(
        people.find_invitation(invitation_token(email)), name=name, password=PASSWORD
    )
    user.last_login = clock.now()
    user.save(update_fields=["last_login"])
    return user


def lose_mailbox(email: str) -> None:
    """Record that the second look at an address came back too."""
    values = {"refused_at": clock.now(), "look_again_on": clock.today()}
    address, _ = RefusedAddress.objects.get_or_create(email=email, defaults=values)
    bounces.give_up(address)


def invitation_token(email: str) -> str:
    message = Message.objects.filter(kind="invitation", recipient=email).latest("pk")
    link = re.search(r"/invitations/(\S+)", message.text)
    assert link, message.text
    return link[1]


@cached_world
def officer(name: str = "Dev", role: str = StaffRole.PUBLISHER) -> User:
    return _staff_of(charter(), f"{name.lower()}@council.example", role)


@cached_world
def sandwell_officer(name: str = "Sana", role: str = StaffRole.PUBLISHER) -> User:
    """Return Sana, an officer of Sandwell Council."""
    return _staff_of(sandwell(), f"{name.lower()}@sandwell.example", role)


def _staff_of(charter_: Charter, email: str, role: str) -> User:
    if existing := User.objects.filter(email=email).first():
        return existing
    staff.invite(by=people.get_operator(), email=email, authority=charter_.authority, role=role)
    return accept_invitation(email, email.partition("@")[0].capitalize())


def founder() -> User:
    """Return an administrator who is yet to set up an authority, invited by the command line."""
    email = "frida@council.example"
    link = staff.invite_administrator(email=email, authority=None)
    invitation = people.find_invitation(link.rpartition("/")[2])
    return people.accept_invitation(invitation, name="Frida", password=PASSWORD)


def invite_staff(email: str, *, by: User, role: str = StaffRole.PUBLISHER) -> Invitation:
    """Invite a person to work for the authority of the charter."""
    return staff.invite(by=by, email=email, authority=charter().authority, role=role)


def staff_membership(user: User) -> StaffMembership:
    """Return the current role of a person at the authority of the charter."""
    return charter().authority.staff.current().get(user=user)


def proposal(of: Signatory) -> Proposal:
    """Return Dev's proposal to remove a signatory, which needs a second person."""
    return Proposal.objects.create(
        act="signatory.remove",
        authority=of.charter.authority,
        organisation=of.organisation,
        arguments={
            "signatory": of.key,
            "standing": "removed",
            "reason": "Silent.",
            "on": None,
            "successor": None,
            "goes_on": False,
        },
        proposed_by=officer(),
        proposed_at=clock.now(),
    )


def administrator() -> User:
    return officer("Edna", StaffRole.ADMINISTRATOR)


@cached_world
def signatory(legal_name: str = "Brookfield Catering", **fields: Any) -> Signatory:
    """Return a signatory that Dev invited and that has signed.

    It has no members unless `contact_email` is given.
    """
    return invite_and_sign(charter(), officer(), legal_name=legal_name, **fields)


@cached_world
def invited(legal_name: str = "Lantern Bakery", **fields: Any) -> Signatory:
    """Return an organisation that Dev invited and that has not answered: it is private."""
    return signatories.admit(
        by=officer(), charter=charter(), legal_name=legal_name, **ORGANISATION | fields
    )


def invite_and_sign(charter_: Charter, by: User, **fields: Any) -> Signatory:
    """Return an organisation that was invited and has signed at once."""
    with acts.acting("signatory.admit", by=by):
        signatory_ = signatories.admit(by=by, charter=charter_, **ORGANISATION | fields)
        return sign(signatory_)


def sign(signatory_: Signatory) -> Signatory:
    """Let an organisation sign that was invited, by someone without an account."""
    with acts.acting("application.sign", cause=acts.Cause.VISITOR):
        publishing.publish([acceptances.sign(signatory_, acceptance(signatory_))])
    return signatory_


def stated_signature(of: Signatory) -> StatedSignature:
    """Return a signature of 2013 that Dev states from the council's files."""
    row = {
        "signatory": of.key,
        "signed_on": "2013-05-03",
        "document": "Signed form 12",
        "contact": "noor@lantern.example",
    }
    [signature] = stated_signatures.state_signatures(of.charter, by=officer(), rows=[row])
    return signature


def acceptance(of: Signatory) -> Acceptance:
    """Return the unsaved acceptance of someone who signs without an account."""
    text = pledge.text_of(of.charter, of.organisation.legal_name)
    return Acceptance(
        text=text,
        text_sha256=pledge.digest_of(text),
        name="Sam Signer",
        email="sam@signer.example",
        role=Membership.Role.OWNER,
        accepted_at=clock.now(),
    )


@cached_world
def brookfield() -> Signatory:
    """Return Brookfield Catering, owned by Asha."""
    if existing := Signatory.objects.filter(organisation__legal_name="Brookfield Catering").first():
        return existing
    brookfield_catering = signatory(contact_email="asha@brookfield.example")
    accept_invitation("asha@brookfield.example", "Asha")
    return brookfield_catering


@cached_world
def tipton_forge() -> Signatory:
    """Return Tipton Forge, a signatory in Sandwell owned by Tariq."""
    if existing := Signatory.objects.filter(organisation__legal_name="Tipton Forge").first():
        return existing
    email = "tariq@tipton.example"
    forge = invite_and_sign(
        sandwell(), sandwell_officer(), legal_name="Tipton Forge", contact_email=email
    )
    accept_invitation(email, "Tariq")
    return forge


def tariq() -> User:
    tipton_forge()
    return User.objects.get(email="tariq@tipton.example")


def asha() -> User:
    brookfield()
    return User.objects.get(email="asha@brookfield.example")


def ben() -> User:
    """Return Asha's colleague, an editor."""
    return colleague("Ben", Membership.Role.EDITOR)


def grace() -> User:
    """Return the senior sponsor at Brookfield Catering."""
    return colleague("Grace", Membership.Role.SPONSOR)


def ines() -> User:
    """Return Ines, who acts for Brookfield Catering from a support body with Asha's consent."""
    return colleague("Ines", Membership.Role.INTERMEDIARY, body="Canal Side Chamber")


@cached_world
def colleague(name: str, role: str, **fields: Any) -> User:
    email = f"{name.lower()}@brookfield.example"
    if existing := User.objects.filter(email=email).first():
        return existing
    people.invite(
        by=asha(), email=email, organisation=brookfield().organisation, role=role, **fields
    )
    return accept_invitation(email, name)


@cached_world
def cara() -> User:
    """Return Cara, a stranger: she owns Canal Street Joinery."""
    email = "cara@canal-street.example"
    if existing := User.objects.filter(email=email).first():
        return existing
    signatory("Canal Street Joinery", contact_email=email)
    return accept_invitation(email, "Cara")


@cached_world
def draft(*, by: User | None = None, measure_code: str = "LE12", **fields: Any) -> Commitment:
    """Create a complete draft as Asha: 20 new apprentices within a year."""
    selected_measure = measure(measure_code)
    defaults: dict[str, Any] = {
        "theme": selected_measure.theme,
        "measure": selected_measure,
        "title": "Start 20 apprenticeships for care leavers",
        "description": "We train care leavers as cooks in our kitchens.",
        "target_value": 20,
        "additionality": "additional",
        "end_on": clock.today() + timedelta(days=365),
        "evidence_kind": PlannedEvidenceType.PAYROLL,
        "evidence_text": "Payroll records and college letters",
    }
    return commitments.start_draft(
        by=by or asha(), **{"signatory": brookfield()} | defaults | fields
    )


@cached_world
def submitted_commitment(**fields: Any) -> Commitment:
    return submit(draft(**fields), by=asha())


def submit(submission: ReviewableT, *, by: User | None = None) -> ReviewableT:
    """Send a submission as Asha, who has read what its preview asks."""
    with questions.already_read():
        return review.submit(submission, by=by or asha())


def publish(submission: ReviewableT, *, by: User | None = None) -> ReviewableT:
    """Publish a submission as Dev, who reads it now."""
    return review.publish(submission, by=by or officer(), seen_digest=seen_digest(submission))


def return_with_comments(
    submission: ReviewableT, *, by: User | None = None, comments: str = "Which college?"
) -> ReviewableT:
    """Return a submission as Dev, who reads it now."""
    return review.return_with_comments(
        submission, by=by or officer(), comments=comments, seen_digest=seen_digest(submission)
    )


def seen_digest(submission: Reviewable) -> str:
    """Return the digest on the page of an officer who opens a submission now."""
    current = type(submission)._default_manager.get(pk=submission.pk)
    return review.digest_entries(review.entries_to_append(current))


@cached_world
def returned_commitment(comments: str = "Which college?", **fields: Any) -> Commitment:
    return return_with_comments(submitted_commitment(**fields), by=officer(), comments=comments)


@cached_world
def published_commitment(**fields: Any) -> Commitment:
    return publish(submitted_commitment(**fields), by=officer())


def draft_change(commitment: Commitment, **fields: Any) -> Change:
    """Draft a change that only Asha and her colleagues see: by default a lower target."""
    defaults: dict[str, Any] = {
        "action": Change.Action.AMEND,
        "reason": "Our second kitchen closed.",
        "values": {"target_value": 12},
    }
    return changes.save_draft(commitment, by=asha(), **defaults | fields)


def proposed_change(commitment: Commitment, **fields: Any) -> Change:
    """Draft and submit a change."""
    return submit(draft_change(commitment, **fields), by=asha())


def returned_change(commitment: Commitment, comments: str = "Why?", **fields: Any) -> Change:
    change = proposed_change(commitment, **fields)
    return return_with_comments(change, by=officer(), comments=comments)


def published_change(commitment: Commitment, **fields: Any) -> Change:
    return publish(proposed_change(commitment, **fields), by=officer())


@cached_world
def application(legal_name: str = "Lantern Bakery", **fields: Any) -> Application:
    """Apply to join as a new organisation."""
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
    """Report an error in a record as a reader who expects a reply by email."""
    defaults = {"wrong": "The college closed.", "right": "", "email": "noor@reader.example"}
    return error_reports.submit_report(about=about, **defaults | fields)


def in_days(days: int) -> date:
    return clock.today() + timedelta(days=days)
