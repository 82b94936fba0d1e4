"""Every private address times every role: who gets in, and who does not learn that it exists.

A new address fails the build until it stands in the matrix.
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

from charter.actions import commitments, people
from charter.actions.uploads import store_upload
from charter.forms.commitments import NEW_KEY_SIGNER
from charter.mail import outbox
from charter.models import Commitment, Membership, Message, Signatory, Upload, User
from registry import clock
from reporting.actions import checks, featured_records, letters, periods, successes
from reporting.evidence import files as evidence_files
from reporting.evidence.rules import CleanFile
from reporting.models import Evidence
from tests import factories
from tests.reporting import scenarios, uploads
from tests.visitors import with_second_factor

pytestmark = pytest.mark.django_db

ROLES = ["anonymous", "owner", "editor", "sponsor", "stranger", "officer", "administrator"]

# What a role meets, in the order of ROLES: "in" (a page, or led on after an act), "sign-in",
# "council" (led to its own pages), 403 (refused with a sentence), 404 (nothing to be learnt).
ANY_BUSINESS = "sign-in in in in in council council"
READERS = "sign-in in in in 404 council council"
WRITERS = "sign-in in in 403 404 council council"
OWNERS = "sign-in in 403 403 404 council council"
# A spreadsheet is seen by whoever uploaded it, and by nobody else.
UPLOADER = "sign-in in 404 404 404 council council"
COUNCIL = "sign-in 403 403 403 403 in in"
COUNCIL_UPLOADER = "sign-in 403 403 403 403 in 404"
ADMINISTRATOR = "sign-in 403 403 403 403 403 in"

FOUND = {"result": "confirmed", "finding": "Seen 14 contracts.", "by_role": "The charter team"}
STORY = {
    "title": "Six passed",
    "story": "All six passed.",
    "happened_from": date(2026, 5, 4),
    "people_consent": "none_identifiable",
}
# Of each address what stands in it, how it is asked for, and who gets in.
MATRIX = {
    "account_home": ("GET", {}, "sign-in in in in in council council"),
    "business:home": ("GET", {}, ANY_BUSINESS),
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
    "business:commitment_change": ("GET", {"key": "promise"}, WRITERS),
    "business:change_write": ("GET", {"key": "promise", "action": "amend"}, WRITERS),
    "business:change_preview": ("GET", {"key": "promise"}, READERS),
    "business:change_send": ("POST", {"key": "promise"}, WRITERS),
    "business:change_drop": ("POST", {"key": "promise"}, WRITERS),
    "business:letter": ("GET", {"key": "written"}, READERS),
    "business:success": ("GET", {"key": "story"}, WRITERS),
    "business:check": ("GET", {"key": "checked"}, READERS),
    "business:confirmations": ("GET", {"key": "checked"}, WRITERS),
    "business:evidence": ("GET", {"reference": "letter"}, READERS),
    "business:spreadsheet": ("GET", {}, ANY_BUSINESS),
    "business:spreadsheet_download": ("GET", {"suffix": "csv"}, ANY_BUSINESS),
    "business:spreadsheet_preview": ("GET", {"number": "spreadsheet"}, UPLOADER),
    "business:spreadsheet_problems": ("GET", {"number": "spreadsheet"}, UPLOADER),
    "reporting:success": ("GET", {"key": "promise"}, WRITERS),
    "reporting:update": ("GET", {"key": "promise"}, WRITERS),
    "reporting:update_preview": ("GET", {"key": "promise"}, WRITERS),
    "reporting:update_sent": ("GET", {"key": "promise"}, READERS),
    "reporting:ask_colleague": ("GET", {"key": "promise"}, WRITERS),
    "reporting:reminders": ("GET", {}, ANY_BUSINESS),
    "reporting:renew_calendar": ("POST", {"key": "signatory"}, WRITERS),
    "council:queue": ("GET", {}, COUNCIL),
    "council:item": ("GET", {"key": "waiting"}, COUNCIL),
    "council:publish": ("POST", {"key": "waiting"}, COUNCIL),
    "council:item_ask": ("POST", {"key": "waiting"}, COUNCIL),
    "council:return": ("POST", {"key": "waiting"}, COUNCIL),
    "council:application": ("GET", {"number": "application"}, COUNCIL),
    "council:error_report": ("GET", {"number": "error_report"}, COUNCIL),
    "council:redact": ("GET", {}, ADMINISTRATOR),
    "council:staff": ("GET", {}, ADMINISTRATOR),
    "council:staff_end": ("POST", {"person": "officer"}, ADMINISTRATOR),
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
    "council:plan": ("POST", {"key": "checked"}, COUNCIL),
    "council:check": ("GET", {"key": "checked"}, COUNCIL),
    "council:evidence": ("GET", {"reference": "letter"}, COUNCIL),
    "council:featured_records": ("GET", {}, COUNCIL),
    "council:featured_record": ("GET", {"key": "example"}, COUNCIL),
    "council:late_updates": ("GET", {}, COUNCIL),
    "council:mailbox_working": ("POST", {"membership": "colleague"}, COUNCIL),
    "council:extend": ("POST", {}, COUNCIL),
    "council:letter": ("GET", {"key": "silent"}, COUNCIL),
    "council:letters": ("GET", {"key": "signatory"}, COUNCIL),
    "council:reminders": ("GET", {}, COUNCIL),
    "council:reminder_test": ("POST", {"person": "person"}, COUNCIL),
    "council:first_update_invitations": ("GET", {}, COUNCIL),
    "council:reminders_stop": ("POST", {}, COUNCIL),
    "council:reminders_begin_again": ("POST", {}, COUNCIL),
    "council:messages": ("GET", {}, COUNCIL),
    "council:release": ("POST", {}, COUNCIL),
    "council:message_again": ("POST", {"message": "message"}, COUNCIL),
    "council:message_sent": ("POST", {"message": "message"}, COUNCIL),
}
# What anybody may open: no session, or a token in the address, each proven by its own tests.
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
# Public by design, or allauth's own and proven there.
NOT_OURS_TO_GUARD = (
    "website:",
    "api",
    "dev/",
    "account_",
    "mfa_",
    "socialaccount_",
    "openid_",
    "local:",
)


def named(resolver=None, namespace: str = "", prefix: str = "") -> Iterator[str]:
    """Yield the name of every address of the site map."""
    for pattern in (resolver or get_resolver()).url_patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from named(pattern, inner, address)
        elif not address.startswith(("api/", "dev/", "account/")) or namespace:
            yield f"{namespace}{pattern.name}"


def test_every_address_stands_in_the_matrix():
    ours = {name for name in named() if not name.startswith(NOT_OURS_TO_GUARD)}
    assert ours | {"account_home"} == set(MATRIX) | OPEN_TO_ALL


@dataclass(frozen=True)
class World:
    """Brookfield Catering's things; Cara, the stranger, owns another organisation."""

    things: dict[str, object]

    def address(self, name: str, filled: dict[str, object]) -> str:
        values = {n: self.things.get(v, v) if isinstance(v, str) else v for n, v in filled.items()}
        return reverse(name, kwargs=values)


def letter() -> dict[str, object]:
    """A file that only the council may see."""
    reference = uuid4()
    clean = CleanFile(uploads.pdf(), "application/pdf", 1)
    told = {"title": "Letter", "kind": "document", "visibility": "council_only"}
    fields = evidence_files.evidence_fields(clean, reference) | {
        "withheld_reason": "It names people."
    }
    return told | fields | {"reference": reference}


def upload(by: User, purpose: str) -> int:
    content = b"Key,Legal name\n,\n"
    file = SimpleUploadedFile("list.csv", content)
    return store_upload(by=by, purpose=purpose, file=file, content=content).pk


def doubtful() -> int:
    """An email of which nobody knows whether it arrived."""
    Message.objects.all().delete()
    told = {"recipient": "asha@brookfield.example", "subject": "A question", "text": "…"}
    outbox.queue(kind="test", key="test:1", **told)
    claimed = outbox.claim()
    assert claimed
    outbox.record_result(claimed, outbox.ServerReply("after_dot", 0, "Connection lost"))
    return claimed.pk


@pytest.fixture
def world() -> World:
    silent, written_to = (
        scenarios.silent_commitment(clock.today() - timedelta(days=days)).periods.earliest("pk")
        for days in (500, 520)
    )
    written = letters.publish(written_to, by=factories.officer())
    commitment = scenarios.commitment()
    periods.sync_periods(clock.now())
    factories.written_change(commitment)
    update = scenarios.published_update(commitment, evidence=[letter()])
    checks.record_check(update, by=factories.officer(), **FOUND)
    story = successes.save_draft(commitment, by=factories.asha(), **STORY)
    zoe = factories.colleague("Zoe", Membership.Role.EDITOR)
    invited = people.invite(
        by=factories.asha(),
        email="yan@brookfield.example",
        organisation=commitment.signatory.organisation,
        role=Membership.Role.EDITOR,
    )
    return World(
        {
            "promise": commitment.key,
            "draft": factories.draft(title="A draft").key,
            "waiting": factories.submitted_commitment(title="It waits").key,
            "signatory": commitment.signatory.key,
            "colleague": Membership.objects.get(user=zoe).pk,
            "application": factories.application().pk,
            "error_report": factories.error_report(commitment.key).pk,
            "checked": update.key,
            "silent": silent.key,
            "written": written.key,
            "example": featured_records.feature_record(
                commitment, by=factories.officer(), why="Clear."
            ).key,
            "letter": update.evidence.get().reference,
            "story": story.key,
            "spreadsheet": upload(factories.asha(), Upload.Purpose.COMMITMENTS),
            "list": upload(factories.officer(), Upload.Purpose.ORGANISATIONS),
            "person": factories.asha().pk,
            "message": doubtful(),
            "invitation": invited.pk,
            "officer": factories.officer("Fay").pk,
            "officer_invited": people.invite(
                by=people.get_operator(), email="gil@council.example", council_role="officer"
            ).pk,
        }
    )


def visitor(role: str) -> Client:
    players = {
        "owner": factories.asha,
        "editor": factories.ben,
        "sponsor": factories.grace,
        "stranger": factories.cara,
        "officer": factories.officer,
        "administrator": factories.administrator,
    }
    client = Client(raise_request_exception=False)
    if role in players:
        user = players[role]()
        if user.is_council:
            with_second_factor(user)
        client.force_login(user)
    return client


def met(response: HttpResponse) -> str:
    """Say what a visitor met."""
    led_to = response.headers.get("Location", "")
    if led_to.startswith("/account/login/"):
        return "sign-in"
    if led_to == "/council":
        return "council"
    # 409: nothing was decided, since the form does not say what was read.
    return "in" if response.status_code in (200, 302, 409) else str(response.status_code)


def answers(
    world: World, client: Client, *, method: str = ""
) -> Iterator[tuple[str, HttpResponse]]:
    """Yield what a visitor gets of each address; nothing that is done there lasts."""
    for name, (usual, filled, _) in MATRIX.items():
        with transaction.atomic():
            yield name, client.generic(method or usual, world.address(name, filled))
            transaction.set_rollback(True)


def test_who_gets_in(world):
    wrong = []
    for column, role in enumerate(ROLES):
        for name, response in answers(world, visitor(role)):
            expected = MATRIX[name][2].split()[column]
            found = met(response)
            # An officer's act leads back to the council's own pages, which is getting in.
            if found == "council" and name.startswith("council:"):
                found = "in"
            if found != expected:
                wrong.append(f"{name}: {role} meets {found} instead of {expected}")
            if found == "in" and response.status_code == 200:
                assert "no-store" in response.headers["Cache-Control"], name
    assert wrong == []


def test_what_is_of_another_signatory_looks_like_what_does_not_exist(world):
    stranger = visitor("stranger")
    nothing = World(
        dict.fromkeys(world.things, "C-00000")
        | {name: 0 for name, thing in world.things.items() if isinstance(thing, int)}
        | {"letter": UUID(int=0)}
    )
    for method in ("GET", "POST"):
        hidden = dict(answers(world, stranger, method=method))
        missing = dict(answers(nothing, stranger, method=method))
        for name, response in hidden.items():
            assert response.status_code == missing[name].status_code, name
            if name.startswith(("business:", "reporting:")) and names_a_thing(world, name):
                assert response.status_code in (404, 405), name
                assert response.content == missing[name].content, name


def names_a_thing(world: World, name: str) -> bool:
    """Say whether an address has one of Brookfield Catering's things in it."""
    return bool(world.things.keys() & MATRIX[name][1].values())


def test_the_key_of_another_signatories_commitment_in_a_body_gives_nothing_away(world):
    draft = world.things["draft"]
    measure = factories.measure()
    data = {
        "new_key": NEW_KEY_SIGNER.sign(str(draft)),
        "measure": measure.key,
        "title": "Mine now",
        "later": "yes",
        "version": 1,
    }
    answer = visitor("stranger").post("/business/commitments/new", data)
    assert answer.status_code == 404
    assert Commitment.objects.get(key=draft).title == "A draft"


def test_the_key_of_another_signatory_in_a_query_gives_nothing_away(world):
    stranger = visitor("stranger")
    for page in ("/business/commitments/new", "/business/people", "/business/details"):
        assert stranger.get(page, {"signatory": world.things["signatory"]}).status_code == 404


def test_only_what_is_public_can_be_named_as_a_pattern_for_a_commitment(world):
    stranger, page = visitor("stranger"), "/business/commitments/new"
    measure = {"measure": factories.measure().key, "later": "yes", "version": 1}
    said = []
    for key in (world.things["draft"], "C-00000"):
        assert stranger.get(page, {"like": key}).status_code == 404
        answer = stranger.post(page, measure | {"title": "Mine", "based_on": key})
        said.append(answer.context["form"].errors["based_on"])
    assert said[0] == said[1] == ["The commitment that this was made like was not met."]


def test_nobody_takes_away_another_signatories_evidence(world):
    signatory = Signatory.objects.for_user(factories.cara()).get()
    own = factories.draft(by=factories.cara(), signatory=signatory)
    commitments.approve(commitments.submit(own, by=factories.cara()), by=factories.officer())
    periods.sync_periods(clock.now())
    stranger, page = visitor("stranger"), f"/{own.key}/update"
    form = stranger.get(page).context["form"]
    typed = {name: form[name].value() or "" for name in form.fields}
    typed |= {"answer": "talk", "help_request": "It floods."}
    typed["evidence_removed"] = [str(world.things["letter"])]
    stranger.post(page, typed)
    assert Evidence.objects.filter(reference=world.things["letter"]).exists()


def test_a_key_that_we_did_not_sign_makes_nothing(world):
    with pytest.raises(signing.BadSignature):
        NEW_KEY_SIGNER.unsign(f"{world.things['draft']}:forged")
