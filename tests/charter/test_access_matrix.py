"""Access of every role to every private address, without revealing other signatories' records.

A new address fails the build until it is in the matrix.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from charter import review
from charter.actions import people
from charter.actions.uploads import store_upload
from charter.forms.commitments import NEW_KEY_SIGNER
from charter.mail import outbox
from charter.models import Act, Commitment, Membership, Message, Signatory, Upload, User
from charter.roles import StaffRole
from registry import clock
from reporting.actions import checks, featured_records, letters, periods, successes
from reporting.evidence import files as evidence_files
from reporting.evidence.rules import CleanFile
from reporting.models import Evidence, Redaction
from reporting.redaction import actions as redactions
from reporting.redaction import search as redaction_search
from tests import factories
from tests.reporting import scenarios, uploads
from tests.visitors import sign_in, with_second_factor

pytestmark = pytest.mark.django_db

ROLES = ["anonymous", "owner", "editor", "sponsor", "stranger", "officer", "administrator"]

# The access of each role, in the order of ROLES: "in" (a page, or a redirect after an act),
# "sign-in", "council" (sent to council pages), 403 (refused with a reason), 404 (nothing revealed).
ANY_BUSINESS = "sign-in in in in in council council"
READERS = "sign-in in in in 404 council council"
WRITERS = "sign-in in in 403 404 council council"
OWNERS = "sign-in in 403 403 404 council council"
# Only the person who uploaded a spreadsheet can see it.
UPLOADER = "sign-in in 404 404 404 council council"
COUNCIL = "sign-in 403 403 403 403 in in"
COUNCIL_UPLOADER = "sign-in 403 403 403 403 in 404"
ADMINISTRATOR = "sign-in 403 403 403 403 403 in"

CHECK = {"result": "confirmed", "finding": "Seen 14 contracts.", "by_role": "The charter team"}
SUCCESS = {
    "title": "Six passed",
    "story": "All six passed.",
    "happened_from": date(2026, 5, 4),
    "people_consent": "none_identifiable",
}
# For each address: its method, its arguments (keys of World.records), and the access of each role.
MATRIX = {
    "account_home": ("GET", {}, "sign-in in in in in council council"),
    "business:home": ("GET", {}, ANY_BUSINESS),
    "business:activity": ("GET", {}, ANY_BUSINESS),
    "council:activity": ("GET", {}, ADMINISTRATOR),
    "council:activity_csv": ("GET", {}, ADMINISTRATOR),
    "council:act": ("GET", {"number": "act"}, ADMINISTRATOR),
    "council:record_activity": ("GET", {"key": "commitment"}, COUNCIL),
    "business:details": ("GET", {}, "sign-in in in 403 in council council"),
    "business:people": ("GET", {}, ANY_BUSINESS),
    "business:person_end": ("POST", {"membership": "colleague"}, OWNERS),
    "business:person_role": ("GET", {"membership": "colleague"}, OWNERS),
    "business:invitation_end": ("POST", {"invitation": "invitation"}, OWNERS),
    "business:commitment_new": ("GET", {}, "sign-in in in 403 in council council"),
    "business:commitment": ("GET", {"key": "draft"}, READERS),
    "business:commitment_edit": ("GET", {"key": "draft"}, WRITERS),
    "business:commitment_preview": ("GET", {"key": "draft"}, READERS),
    "business:commitment_send": ("POST", {"key": "draft"}, WRITERS),
    "business:commitment_change": ("GET", {"key": "commitment"}, WRITERS),
    "business:change_write": ("GET", {"key": "commitment", "action": "amend"}, WRITERS),
    "business:change_preview": ("GET", {"key": "commitment"}, READERS),
    "business:change_send": ("POST", {"key": "commitment"}, WRITERS),
    "business:change_drop": ("POST", {"key": "commitment"}, WRITERS),
    "business:take_back": (
        "POST",
        {"key": "submitted", "item_key": "submitted"},
        WRITERS,
    ),
    "business:letter": ("GET", {"key": "letter"}, READERS),
    "business:success": ("GET", {"key": "success"}, WRITERS),
    "business:check": ("GET", {"key": "update"}, READERS),
    "business:confirmations": ("GET", {"key": "update"}, WRITERS),
    "business:evidence": ("GET", {"reference": "evidence"}, READERS),
    "business:spreadsheet": ("GET", {}, ANY_BUSINESS),
    "business:spreadsheet_download": ("GET", {"suffix": "csv"}, ANY_BUSINESS),
    "business:spreadsheet_preview": ("GET", {"number": "spreadsheet"}, UPLOADER),
    "business:spreadsheet_problems": ("GET", {"number": "spreadsheet"}, UPLOADER),
    "reporting:success": ("GET", {"key": "commitment"}, WRITERS),
    "reporting:update": ("GET", {"key": "commitment"}, WRITERS),
    "reporting:update_preview": ("GET", {"key": "commitment"}, WRITERS),
    "reporting:update_sent": ("GET", {"key": "commitment"}, READERS),
    "reporting:ask_colleague": ("GET", {"key": "commitment"}, WRITERS),
    "reporting:reminders": ("GET", {}, ANY_BUSINESS),
    "reporting:renew_calendar": ("POST", {"key": "signatory"}, WRITERS),
    "council:queue": ("GET", {}, COUNCIL),
    "council:item": ("GET", {"key": "submitted"}, COUNCIL),
    "council:publish": ("POST", {"key": "submitted"}, COUNCIL),
    "council:item_ask": ("POST", {"key": "submitted"}, COUNCIL),
    "council:return": ("POST", {"key": "submitted"}, COUNCIL),
    "council:application": ("GET", {"number": "application"}, COUNCIL),
    "council:error_report": ("GET", {"number": "error_report"}, COUNCIL),
    "council:redact": ("GET", {}, ADMINISTRATOR),
    "council:staff": ("GET", {}, ADMINISTRATOR),
    "council:staff_end": ("POST", {"membership": "officer"}, ADMINISTRATOR),
    "council:staff_invitation_end": ("POST", {"invitation": "officer_invited"}, ADMINISTRATOR),
    "council:bulk_change": ("GET", {}, COUNCIL),
    "council:set_up": ("GET", {}, ADMINISTRATOR),
    "council:signatory_new": ("GET", {}, COUNCIL),
    "council:signatories": ("GET", {}, COUNCIL),
    "council:details": ("GET", {"key": "signatory"}, COUNCIL),
    "council:health": ("GET", {}, COUNCIL),
    "council:trust_clock": ("POST", {}, COUNCIL),
    "council:standing": ("GET", {"key": "signatory"}, COUNCIL),
    "council:standing_step": ("GET", {"key": "signatory", "name": "suspend"}, COUNCIL),
    "council:people": ("GET", {"key": "signatory"}, COUNCIL),
    "council:person_end": ("POST", {"membership": "colleague"}, COUNCIL),
    "council:person_role": ("GET", {"membership": "colleague"}, COUNCIL),
    "council:invitation_end": ("POST", {"invitation": "invitation"}, COUNCIL),
    "council:import": ("GET", {}, COUNCIL),
    "council:import_empty": ("GET", {}, COUNCIL),
    "council:import_preview": ("GET", {"number": "list"}, COUNCIL_UPLOADER),
    "council:import_problems": ("GET", {"number": "list"}, COUNCIL_UPLOADER),
    "council:checks": ("GET", {}, COUNCIL),
    "council:plan": ("POST", {"key": "update"}, COUNCIL),
    "council:check": ("GET", {"key": "update"}, COUNCIL),
    "council:evidence": ("GET", {"reference": "evidence"}, COUNCIL),
    "council:proposal": ("GET", {"number": "proposal"}, COUNCIL),
    "council:featured_records": ("GET", {}, COUNCIL),
    "council:featured_record": ("GET", {"key": "featured_record"}, COUNCIL),
    "council:late_updates": ("GET", {}, COUNCIL),
    "council:mailbox_working": ("POST", {"membership": "colleague"}, COUNCIL),
    "council:extend": ("POST", {}, COUNCIL),
    "council:letter": ("GET", {"key": "silent_period"}, COUNCIL),
    "council:letters": ("GET", {"key": "signatory"}, COUNCIL),
    "council:reminders": ("GET", {}, COUNCIL),
    "council:reminder_test": ("POST", {"person": "person"}, COUNCIL),
    "council:first_update_invitations": ("GET", {}, COUNCIL),
    "council:reminders_stop": ("POST", {}, COUNCIL),
    "council:reminders_begin_again": ("POST", {}, COUNCIL),
    "council:messages": ("GET", {}, COUNCIL),
    "council:release": ("POST", {}, COUNCIL),
    "council:redaction": ("GET", {"number": "redaction"}, ADMINISTRATOR),
    "council:message_again": ("POST", {"message": "message"}, COUNCIL),
    "council:message_sent": ("POST", {"message": "message"}, COUNCIL),
}
# Open to everyone: no session, or a token in the address. Each has tests of its own.
OPEN_TO_ALL = {
    "health",
    "evidence",
    "invitation",
    "error_reports:report",
    "error_reports:report_sent",
    "following:follow",
    "following:confirmation_sent",
    "following:confirm",
    "following:stop",
    "joining:applies",
    "joining:apply",
    "joining:application_sent",
    "links:confirm",
    "links:colleague",
    "reporting:unsubscribe",
    "reporting:calendar",
}
# Public by design, or part of allauth and tested there.
NOT_GUARDED_HERE = (
    "website:",
    "api",
    "dev/",
    "account_",
    "mfa_",
    "socialaccount_",
    "openid_",
    "local:",
)


def address_names(resolver=None, namespace: str = "", prefix: str = "") -> Iterator[str]:
    """Yield the name of every address in the URL configuration."""
    for pattern in (resolver or get_resolver()).url_patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from address_names(pattern, inner, address)
        elif not address.startswith(("api/", "dev/", "account/")) or namespace:
            yield f"{namespace}{pattern.name}"


def test_every_address_is_in_the_matrix():
    ours = {name for name in address_names() if not name.startswith(NOT_GUARDED_HERE)}
    assert ours | {"account_home"} == set(MATRIX) | OPEN_TO_ALL


@dataclass(frozen=True)
class World:
    """Brookfield Catering's records; Cara, the stranger, owns another organisation."""

    records: dict[str, object]

    def address(self, name: str, arguments: dict[str, object]) -> str:
        values = {
            n: self.records.get(v, v) if isinstance(v, str) else v for n, v in arguments.items()
        }
        return reverse(name, kwargs=values)


def council_only_evidence() -> dict[str, object]:
    """Return the fields of a file that only the council can see."""
    reference = uuid4()
    clean = CleanFile(uploads.pdf(), "application/pdf", 1)
    description = {"title": "Letter", "kind": "document", "visibility": "council_only"}
    fields = evidence_files.evidence_fields(clean, reference) | {
        "withheld_reason": "It names people."
    }
    return description | fields | {"reference": reference}


def upload(by: User, purpose: str) -> int:
    content = b"Key,Legal name\n,\n"
    file = SimpleUploadedFile("list.csv", content)
    charter = factories.charter() if purpose == Upload.Purpose.ORGANISATIONS else None
    stored = store_upload(by=by, purpose=purpose, file=file, content=content, charter=charter)
    return stored.pk


def uncertain_message() -> int:
    """Create an email of uncertain delivery and return its primary key."""
    Message.objects.all().delete()
    fields = {"recipient": "asha@brookfield.example", "subject": "A question", "text": "…"}
    outbox.queue(kind="test", key="test:1", **fields)
    message = outbox.claim()
    assert message
    outbox.record_result(message, outbox.ServerReply("after_dot", 0, "Connection lost"))
    return message.pk


def redaction() -> Redaction:
    """Return Edna's redaction, which waits for a second administrator."""
    factories.officer("Edgar", StaffRole.ADMINISTRATOR)
    redacted = factories.published_commitment(title="Start 12 traineeships for Jo Bloggs")
    redactions.redact(
        ["Jo Bloggs"],
        [],
        by=factories.administrator(),
        reason_code="personal_data",
        seen_digest=redaction_search.find_passages(
            ["Jo Bloggs"], [], by=factories.administrator()
        ).digest,
    )
    return Redaction.objects.get(keys=[redacted.key])


@pytest.fixture
def world() -> World:
    removed_text = redaction()  # first, since it deletes open uploads
    silent, letter_period = (
        scenarios.silent_commitment(clock.today() - timedelta(days=days)).periods.earliest("pk")
        for days in (500, 520)
    )
    letter = letters.publish(letter_period, by=factories.officer())
    commitment = scenarios.commitment()
    periods.sync_periods(clock.now())
    factories.draft_change(commitment)
    update = scenarios.published_update(commitment, evidence=[council_only_evidence()])
    checks.record_check(update, by=factories.officer(), **CHECK)
    success = successes.save_draft(commitment, by=factories.asha(), **SUCCESS)
    zoe = factories.colleague("Zoe", Membership.Role.EDITOR)
    invitation = people.invite(
        by=factories.asha(),
        email="yan@brookfield.example",
        organisation=commitment.signatory.organisation,
        role=Membership.Role.EDITOR,
    )
    return World(
        {
            "commitment": commitment.key,
            "draft": factories.draft(title="A draft").key,
            "submitted": factories.submitted_commitment(title="It waits").key,
            "signatory": commitment.signatory.key,
            "colleague": Membership.objects.get(user=zoe).pk,
            "application": factories.application().pk,
            "error_report": factories.error_report(commitment.key).pk,
            "update": update.key,
            "silent_period": silent.key,
            "letter": letter.key,
            "featured_record": featured_records.feature_record(
                commitment, by=factories.officer(), why="Clear."
            ).key,
            "evidence": update.evidence.get().reference,
            "success": success.key,
            "spreadsheet": upload(factories.asha(), Upload.Purpose.COMMITMENTS),
            "list": upload(factories.officer(), Upload.Purpose.ORGANISATIONS),
            "proposal": factories.proposal(commitment.signatory).pk,
            "redaction": removed_text.pk,
            "person": factories.asha().pk,
            "act": Act.objects.filter(verb="commitment.publish").latest("number").pk,
            "message": uncertain_message(),
            "invitation": invitation.pk,
            "officer": factories.staff_membership(factories.officer("Fay")).pk,
            "officer_invited": factories.invite_staff(
                "gil@council.example", by=people.get_operator()
            ).pk,
        }
    )


def visitor(role: str) -> Client:
    users = {
        "owner": factories.asha,
        "editor": factories.ben,
        "sponsor": factories.grace,
        "stranger": factories.cara,
        "officer": factories.officer,
        "administrator": factories.administrator,
    }
    client = Client(raise_request_exception=False)
    if role in users:
        user = users[role]()
        sign_in(client, with_second_factor(user) if user.is_staff else user)
    return client


def access(response: HttpResponse) -> str:
    """Return the access that a response shows, as in the matrix."""
    location = response.headers.get("Location", "")
    if location.startswith("/account/login/"):
        return "sign-in"
    if location == "/council":
        return "council"
    # 409: access was given, but the form lacks the digest of the reviewed item.
    return "in" if response.status_code in (200, 302, 409) else str(response.status_code)


def responses(
    world: World, client: Client, *, method: str = ""
) -> Iterator[tuple[str, HttpResponse]]:
    """Yield a visitor's response from each address; every act is rolled back."""
    for name, (default_method, arguments, _) in MATRIX.items():
        with transaction.atomic():
            yield name, client.generic(method or default_method, world.address(name, arguments))
            transaction.set_rollback(True)


def test_each_role_gets_the_expected_access(world):
    failures = []
    for column, role in enumerate(ROLES):
        for name, response in responses(world, visitor(role)):
            expected = MATRIX[name][2].split()[column]
            actual = access(response)
            # An officer's act redirects to the council's pages, which counts as access.
            if actual == "council" and name.startswith("council:"):
                actual = "in"
            if actual != expected:
                failures.append(f"{name}: {role} meets {actual} instead of {expected}")
            if actual == "in" and response.status_code == 200:
                assert "no-store" in response.headers["Cache-Control"], name
    assert failures == []


def test_session_that_has_not_shown_the_second_factor_opens_no_council_page(world):
    client = Client()
    client.force_login(with_second_factor(factories.administrator()))
    for name, response in responses(world, client):
        if name.startswith("council:"):
            assert response.url.startswith("/account/2fa/reauthenticate/"), name


def test_other_signatories_records_look_like_missing_ones(world):
    stranger = visitor("stranger")
    empty_world = World(
        dict.fromkeys(world.records, "C-00000")
        | {name: 0 for name, value in world.records.items() if isinstance(value, int)}
        | {"evidence": UUID(int=0)}
    )
    for method in ("GET", "POST"):
        hidden = dict(responses(world, stranger, method=method))
        missing = dict(responses(empty_world, stranger, method=method))
        for name, response in hidden.items():
            assert response.status_code == missing[name].status_code, name
            if name.startswith(("business:", "reporting:")) and names_a_record(world, name):
                assert response.status_code in (404, 405), name
                assert response.content == missing[name].content, name


def names_a_record(world: World, name: str) -> bool:
    """Return True if an address names one of Brookfield Catering's records."""
    return bool(world.records.keys() & MATRIX[name][1].values())


def test_form_with_another_signatorys_key_reveals_nothing(world):
    draft = world.records["draft"]
    measure = factories.measure()
    data = {
        "new_key": NEW_KEY_SIGNER.sign(str(draft)),
        "measure": measure.key,
        "title": "Mine now",
        "later": "yes",
        "version": 1,
    }
    response = visitor("stranger").post("/business/commitments/new", data)
    assert response.status_code == 404
    assert Commitment.objects.get(key=draft).title == "A draft"


def test_query_with_another_signatorys_key_reveals_nothing(world):
    stranger = visitor("stranger")
    for page in ("/business/commitments/new", "/business/people", "/business/details"):
        assert stranger.get(page, {"signatory": world.records["signatory"]}).status_code == 404


def test_commitment_can_be_based_only_on_a_public_one(world):
    stranger, page = visitor("stranger"), "/business/commitments/new"
    measure = {"measure": factories.measure().key, "later": "yes", "version": 1}
    errors = []
    for key in (world.records["draft"], "C-00000"):
        assert stranger.get(page, {"like": key}).status_code == 404
        response = stranger.post(page, measure | {"title": "Mine", "based_on": key})
        errors.append(response.context["form"].errors["based_on"])
    assert errors[0] == errors[1] == ["The commitment this is based on was not met."]


def test_stranger_cannot_remove_another_signatorys_evidence(world):
    signatory = Signatory.objects.for_user(factories.cara()).get()
    own = factories.draft(by=factories.cara(), signatory=signatory)
    factories.publish(review.submit(own, by=factories.cara()), by=factories.officer())
    periods.sync_periods(clock.now())
    stranger, page = visitor("stranger"), f"/{own.key}/update"
    form = stranger.get(page).context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    data |= {"answer": "talk", "help_request": "It floods."}
    data["evidence_removed"] = [str(world.records["evidence"])]
    stranger.post(page, data)
    assert Evidence.objects.filter(reference=world.records["evidence"]).exists()


def test_new_commitment_key_must_be_signed_by_us(world):
    with pytest.raises(signing.BadSignature):
        NEW_KEY_SIGNER.unsign(f"{world.records['draft']}:forged")
