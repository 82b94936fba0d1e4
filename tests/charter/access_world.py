"""One world in which every private address has a record, and everyone who may come to it.

Brookfield Catering owns the records. It is the council's own organisation, so that Max may work
for both. Cara owns another organisation; Olga is the administrator of Sandwell Council.
"""

from datetime import date, timedelta
from uuid import UUID, uuid4

from django.core.files.uploadedfile import SimpleUploadedFile

from charter.actions import people
from charter.actions.uploads import store_upload
from charter.mail import outbox
from charter.models import Act, Authority, Charter, Membership, Message, Organisation, Upload, User
from charter.roles import MemberRole, StaffRole
from registry import clock
from reporting.actions import (
    checks,
    featured_records,
    help_requests,
    letters,
    periods,
    replies,
    successes,
)
from reporting.evidence import files as evidence_files
from reporting.evidence.rules import CleanFile
from reporting.models import Redaction
from reporting.redaction import actions as redactions
from reporting.redaction import search as redaction_search
from tests import factories
from tests.charter.private_addresses import Records
from tests.reporting import scenarios, uploads

COUNCIL = {
    "Edgar": StaffRole.ADMINISTRATOR,
    "Rosa": StaffRole.READER,
    "Viv": StaffRole.REVIEWER,
    "Abe": StaffRole.ASSESSOR,
    "Gus": StaffRole.PUBLISHER,
    "Max": StaffRole.PUBLISHER,
}
CHECK = {"result": "confirmed", "finding": "Seen 14 contracts.", "by_role": "The charter team"}
SUCCESS = {
    "title": "Six passed",
    "story": "All six passed.",
    "happened_from": date(2026, 5, 4),
    "people_consent": "none_identifiable",
}


def build_world() -> Records:
    """Return what addresses name: the keys and numbers of records."""
    for name, role in COUNCIL.items():
        factories.officer(name, role)
    redaction = redact_a_name()  # first, since it deletes open uploads
    silent, letter_period = (
        scenarios.silent_commitment(clock.today() - timedelta(days=days)).periods.earliest("pk")
        for days in (500, 520)
    )
    replies.save_draft(silent.commitment, by=factories.asha(), version=1, text="We have moved.")
    letter = letters.publish(letter_period, by=factories.officer())
    commitment = scenarios.commitment()
    periods.sync_periods(clock.now())
    factories.draft_change(commitment)
    update = scenarios.published_update(commitment, evidence=[council_only_evidence()])
    checks.record_check(update, by=factories.officer(), **CHECK)
    example = featured_records.feature_record(commitment, by=factories.officer(), why="Clear.")
    colleague = factories.colleague("Zoe", MemberRole.EDITOR)
    gather_people(commitment.signatory.organisation)
    invitation = people.invite(
        by=factories.asha(),
        email="yan@brookfield.example",
        organisation=commitment.signatory.organisation,
        role=MemberRole.EDITOR,
    )
    invited_officer = factories.invite_staff("gil@council.example", by=people.get_operator())
    return {
        "commitment": commitment.key,
        "draft": factories.draft(title="A draft").key,
        "submitted": factories.submitted_commitment(title="It waits").key,
        "signatory": commitment.signatory.key,
        "colleague": Membership.objects.get(user=colleague).pk,
        "application": factories.application().pk,
        "error_report": factories.error_report(commitment.key).pk,
        "help_request": help_requests.send_request(
            commitment, by=factories.asha(), text="We need another month."
        ).pk,
        "update": update.key,
        "silent_period": silent.key,
        "silent_commitment": silent.commitment.key,
        "letter": letter.key,
        "featured_record": example.key,
        "evidence": update.evidence.get().reference,
        "success": successes.save_draft(commitment, by=factories.asha(), **SUCCESS).key,
        "spreadsheet": upload(factories.asha(), Upload.Purpose.COMMITMENTS),
        "list": upload(factories.officer(), Upload.Purpose.ORGANISATIONS, factories.charter()),
        "proposal": factories.proposal(commitment.signatory).pk,
        "redaction": redaction.pk,
        "act": Act.objects.filter(verb="commitment.publish").latest("number").pk,
        "person": factories.asha().pk,
        "invitation": invitation.pk,
        "officer": factories.staff_membership(factories.officer("Fay")).pk,
        "invited_officer": invited_officer.pk,
        "message": uncertain_message(),
    }


def missing_records(records: Records) -> Records:
    """Return the same names, with keys and numbers of no record."""
    missing = {str: "C-00000", int: 0, UUID: UUID(int=0)}
    return {
        name: next(none for kind, none in missing.items() if isinstance(value, kind))
        for name, value in records.items()
    }


def gather_people(own_organisation: Organisation) -> None:
    for person in (
        *(factories.ben, factories.grace, factories.ines, factories.cara),
        *(factories.administrator, factories.tipton_forge),
    ):
        person()
    factories.colleague("Finn", MemberRole.EDITOR)
    Authority.objects.filter(charters=factories.charter()).update(organisation=own_organisation)
    people.invite(
        by=factories.asha(),
        email=factories.officer("Max").email,
        organisation=own_organisation,
        role=MemberRole.EDITOR,
    )
    factories.accept_invitation("max@council.example", "Max")


def council_only_evidence() -> Records:
    """Return the fields of a file that only the council can see."""
    reference_code = uuid4()
    clean = CleanFile(uploads.pdf(), "application/pdf", 1)
    description = {"title": "Letter", "kind": "document", "visibility": "council_only"}
    fields = evidence_files.evidence_fields(clean, reference_code) | {
        "withheld_reason": "It names people."
    }
    return description | fields | {"reference": reference_code}


def redact_a_name() -> Redaction:
    """Return Edna's redaction, which waits for a second administrator."""
    edna = factories.administrator()
    redacted = factories.published_commitment(title="Start 12 traineeships for Jo Bloggs")
    redactions.redact(
        ["Jo Bloggs"],
        [],
        by=edna,
        reason_code="personal_data",
        seen_digest=redaction_search.find_passages(["Jo Bloggs"], [], user=edna).digest,
    )
    return Redaction.objects.get(keys=[redacted.key])


def upload(by: User, purpose: str, charter: Charter | None = None) -> int:
    content = b"Key,Legal name\n,\n"
    file = SimpleUploadedFile("list.csv", content)
    fields = {"purpose": purpose, "file": file, "content": content, "charter": charter}
    return store_upload(by=by, **fields).pk


def uncertain_message() -> int:
    """Create an email of uncertain delivery and return its primary key."""
    Message.objects.all().delete()
    fields = {"recipient": "asha@brookfield.example", "subject": "A question", "text": "…"}
    outbox.queue(kind="test", key="test:1", **fields)
    message = outbox.claim()
    assert message
    outbox.record_result(message, outbox.ServerReply("after_dot", 0, "Connection lost"))
    return message.pk
