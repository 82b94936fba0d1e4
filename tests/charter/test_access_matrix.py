"""Every private address times every role: who gets in, and who does not learn that it exists.

A new address fails the build until it stands in the matrix.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from django.core import signing
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from charter.actions import people
from charter.forms.commitments import NEW_KEY
from charter.models import Commitment, Membership
from registry import clock
from reporting.actions import periods
from tests import factories
from tests.reporting import stories
from tests.visitors import with_second_factor

pytestmark = pytest.mark.django_db

ROLES = ["anonymous", "owner", "editor", "sponsor", "stranger", "officer", "administrator"]

# What a role meets, in the order of ROLES: "in" (a page, or led on after an act), "sign-in",
# "council" (led to its own pages), 403 (refused with a sentence), 404 (nothing to be learnt).
ANY_BUSINESS = "sign-in in in in in council council"
READERS = "sign-in in in in 404 council council"
WRITERS = "sign-in in in 403 404 council council"
OWNERS = "sign-in in 403 403 404 council council"
NO_SUCH_THING = "sign-in 404 404 404 404 council council"
COUNCIL = "sign-in 403 403 403 403 in in"
COUNCIL_NO_SUCH_THING = "sign-in 403 403 403 403 404 404"
ADMINISTRATOR = "sign-in 403 403 403 403 403 in"

NOBODY = UUID(int=0)
# Of each address what stands in it, how it is asked for, and who gets in.
MATRIX = {
    "account_home": ("GET", {}, "sign-in in in in in council council"),
    "business:home": ("GET", {}, ANY_BUSINESS),
    "business:people": ("GET", {}, ANY_BUSINESS),
    "business:person_end": ("POST", {"membership": "colleague"}, OWNERS),
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
    "business:success": ("GET", {"key": "W-00000"}, NO_SUCH_THING),
    "business:check": ("GET", {"key": "U-00000"}, NO_SUCH_THING),
    "business:confirmations": ("GET", {"key": "U-00000"}, NO_SUCH_THING),
    "business:evidence": ("GET", {"reference": NOBODY}, NO_SUCH_THING),
    "business:spreadsheet": ("GET", {}, ANY_BUSINESS),
    "business:spreadsheet_download": ("GET", {"suffix": "csv"}, ANY_BUSINESS),
    "business:spreadsheet_preview": ("GET", {"number": 0}, NO_SUCH_THING),
    "business:spreadsheet_problems": ("GET", {"number": 0}, NO_SUCH_THING),
    "reporting:update": ("GET", {"key": "promise"}, WRITERS),
    "reporting:update_sent": ("GET", {"key": "promise"}, READERS),
    "reporting:ask_colleague": ("GET", {"key": "promise"}, WRITERS),
    "reporting:reminders": ("GET", {}, ANY_BUSINESS),
    "reporting:renew_calendar": ("POST", {"key": "S-00000"}, NO_SUCH_THING),
    "council:queue": ("GET", {}, COUNCIL),
    "council:item": ("GET", {"key": "waiting"}, COUNCIL),
    "council:publish": ("POST", {"key": "waiting"}, COUNCIL),
    "council:return": ("POST", {"key": "waiting"}, COUNCIL),
    "council:application": ("GET", {"number": "application"}, COUNCIL),
    "council:set_up": ("GET", {}, ADMINISTRATOR),
    "council:signatory_new": ("GET", {}, COUNCIL),
    "council:signatories": ("GET", {}, COUNCIL),
    "council:details": ("GET", {"key": "signatory"}, COUNCIL),
    "council:health": ("GET", {}, COUNCIL),
    "council:people": ("GET", {"key": "signatory"}, COUNCIL),
    "council:person_end": ("POST", {"membership": "colleague"}, COUNCIL),
    "council:invitation_end": ("POST", {"invitation": "invitation"}, COUNCIL),
    "council:import": ("GET", {}, COUNCIL),
    "council:import_empty": ("GET", {}, COUNCIL),
    "council:import_preview": ("GET", {"number": 0}, COUNCIL_NO_SUCH_THING),
    "council:import_problems": ("GET", {"number": 0}, COUNCIL_NO_SUCH_THING),
    "council:checks": ("GET", {}, COUNCIL),
    "council:check": ("GET", {"key": "U-00000"}, COUNCIL_NO_SUCH_THING),
    "council:evidence": ("GET", {"reference": NOBODY}, COUNCIL_NO_SUCH_THING),
    "council:behind": ("GET", {}, COUNCIL),
    "council:reached": ("POST", {"membership": "colleague"}, COUNCIL),
    "council:extend": ("POST", {}, COUNCIL),
    "council:reminders": ("GET", {}, COUNCIL),
    "council:reminder_test": ("POST", {"person": 0}, COUNCIL_NO_SUCH_THING),
    "council:reminders_stop": ("POST", {}, COUNCIL),
    "council:reminders_begin_again": ("POST", {}, COUNCIL),
    "council:messages": ("GET", {}, COUNCIL),
    "council:release": ("POST", {}, COUNCIL),
    "council:message_again": ("POST", {"message": 0}, COUNCIL_NO_SUCH_THING),
    "council:message_sent": ("POST", {"message": 0}, COUNCIL_NO_SUCH_THING),
}
# What anybody may open: no session, or a token in the address, each proven by its own tests.
OPEN_TO_ALL = {
    "health",
    "evidence",
    "invitation",
    "following:follow",
    "following:asked",
    "following:confirm",
    "following:stop",
    "joining:applies",
    "joining:apply",
    "joining:applied",
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
    """Brookfield Catering's things; Cara, the stranger, owns another firm."""

    things: dict[str, object]

    def address(self, name: str, filled: dict[str, object]) -> str:
        values = {n: self.things.get(v, v) if isinstance(v, str) else v for n, v in filled.items()}
        return reverse(name, kwargs=values)


@pytest.fixture
def world() -> World:
    promise = stories.promise()
    periods.follow(clock.now())
    factories.written_change(promise)
    zoe = factories.colleague("Zoe", Membership.Role.EDITOR)
    invited = people.invite(
        by=factories.asha(),
        email="yan@brookfield.example",
        organisation=promise.signatory.organisation,
        role=Membership.Role.EDITOR,
    )
    return World(
        {
            "promise": promise.key,
            "draft": factories.draft(title="A draft").key,
            "waiting": factories.submitted_commitment(title="It waits").key,
            "signatory": promise.signatory.key,
            "colleague": Membership.objects.get(user=zoe).pk,
            "application": factories.application().pk,
            "invitation": invited.pk,
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


@pytest.mark.parametrize("role", ROLES)
def test_who_gets_in(world, role):
    client = visitor(role)
    column = ROLES.index(role)
    wrong = []
    for name, (method, filled, row) in MATRIX.items():
        with transaction.atomic():
            response = client.generic(method, world.address(name, filled))
            transaction.set_rollback(True)
        expected = row.split()[column]
        # An officer's act leads back to the council's own pages, which is getting in.
        found = met(response)
        if found == "council" and name.startswith("council:"):
            found = "in"
        if found != expected:
            wrong.append(f"{name}: {found} instead of {expected}")
        if found == "in" and response.status_code == 200:
            assert "no-store" in response.headers["Cache-Control"], name
    assert wrong == []


def test_the_key_of_another_firms_promise_in_a_body_gives_nothing_away(world):
    draft = world.things["draft"]
    measure = factories.measure()
    data = {
        "new_key": NEW_KEY.sign(str(draft)),
        "measure": measure.key,
        "title": "Mine now",
        "later": "yes",
        "version": 1,
    }
    answer = visitor("stranger").post("/business/commitments/new", data)
    assert answer.status_code == 404
    assert Commitment.objects.get(key=draft).title == "A draft"


def test_the_key_of_another_firm_in_a_query_gives_nothing_away(world):
    stranger = visitor("stranger")
    for page in ("/business/commitments/new", "/business/people"):
        assert stranger.get(page, {"signatory": world.things["signatory"]}).status_code == 404


def test_a_key_that_we_did_not_sign_makes_nothing(world):
    with pytest.raises(signing.BadSignature):
        NEW_KEY.unsign(f"{world.things['draft']}:forged")
