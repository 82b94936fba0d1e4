"""axe looks at every page behind the sign-in or behind a link with a token, and at its errors.

The pages are those of the access matrix, so a new one cannot be forgotten. Here they are seen on a
phone at night; on a desk by day they are one of the long proofs.
"""

from collections.abc import Iterable
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import get_resolver, resolve
from playwright.sync_api import Page

from charter.actions import uploads
from charter.models import Membership, User
from registry import clock
from reporting.actions import periods, preferences, updates
from tests import factories
from tests.axe import examine, visit
from tests.charter import test_access_matrix as matrix
from tests.journeys.people import authenticator_code, path_in_the_email
from tests.reporting import scenarios
from tests.visitors import signed_in, with_second_factor

pytestmark = pytest.mark.django_db(transaction=True)
world = matrix.world

# No pages of their own: files, and what leads on.
NO_PAGES = {
    "account_home",
    "business:evidence",
    "business:spreadsheet_download",
    "business:spreadsheet_problems",
    "council:evidence",
    "council:import_empty",
    "council:import_problems",
    "evidence",
    "health",
    "mfa_download_recovery_codes",
    "reporting:calendar",
}
# What needs something to be done first; it is reached below.
PREPARED = {"reporting:update_preview"}
# allauth's addresses to which nothing leads here.
NOT_LED_TO = {
    "account_confirm_email",
    "account_confirm_login_code",
    "account_email_verification_sent",
    "account_inactive",
    "account_set_password",
    "account_signup",
    # They need a key in the hand.
    "mfa_edit_webauthn",
    "mfa_login_webauthn",
    "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn",
}


class Walk:
    """Somebody's way from page to page, each examined."""

    def __init__(self, page: Page, address: str, user: User | None = None) -> None:
        self.page, self.address = page, address
        self.seen: set[str] = set()
        page.context.clear_cookies()
        if user:
            session = signed_in(user).cookies["sessionid"].value
            page.context.add_cookies([{"name": "sessionid", "value": session, "url": address}])

    def visit(self, *paths: str) -> None:
        for path in paths:
            visit(self.page, f"{self.address}{path}")
            asked, led_to = (resolve(p.partition("?")[0]).view_name for p in (path, self.path))
            assert asked == led_to, f"{path} led on to {self.path}"
            self.seen.add(asked)

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.address)

    def send(self, path: str, button: str, then: str = "There is a problem") -> None:
        """Press a button of a form as it stands; examine what it says."""
        self.page.goto(f"{self.address}{path}")
        self.press(button, then)

    def press(self, button: str, then: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).first.click()
        self.page.get_by_role("heading", name=then).wait_for()
        examine(self.page)
        self.seen.add(resolve(self.path.partition("?")[0]).view_name)


def pages_for(role: str) -> Iterable[tuple[str, dict]]:
    column = matrix.ROLES.index(role)
    for name, (method, filled, row) in matrix.MATRIX.items():
        if method == "GET" and row.split()[column] == "in" and name not in NO_PAGES | PREPARED:
            yield name, filled


def spreadsheet(by: User, page: str, *rows: str) -> str:
    """Upload a spreadsheet; return the address of the page that says what it would change."""
    content = "\n".join(rows).encode()
    purpose = "organisations" if by.is_council else "commitments"
    file = SimpleUploadedFile("list.csv", content)
    return f"{page}/{uploads.store_upload(by=by, purpose=purpose, file=file, content=content).pk}"


def test_pages_of_a_business(world, page, live_server):
    asha, draft, checked = factories.asha(), world.things["draft"], world.things["checked"]
    walk = Walk(page, live_server.url, asha)
    for name, filled in pages_for("owner"):
        walk.visit(world.address(name, filled))
    returned = factories.returned_commitment(title="Returned")
    owing = scenarios.commitment(clock.today() - timedelta(days=365), title="Another").key
    periods.sync_periods(clock.now())
    form = f"/business/commitments/new?measure={factories.measure().key}"
    walk.visit(
        form,
        f"/business/commitments/{returned.key}",
        f"/business/commitments/{owing}/change/correct",
        f"/business/commitments/{owing}/change/close",
        f"/business/commitments/{owing}/change/withdraw",
        f"/{owing}/update?answer=number",
        f"/{owing}/update?answer=same",
        spreadsheet(asha, "/business/spreadsheet", "Key,Target", f"{draft},25"),
        spreadsheet(asha, "/business/spreadsheet", "Key,Target", f"{draft},many"),
    )
    walk.send(form, "Save and preview")
    walk.send(f"/business/commitments/{owing}/change/amend", "Save and preview")
    walk.send(f"/{owing}/update?answer=number", "Send")
    walk.send(f"/{owing}/update?answer=same", "Preview", "This is what everybody will see")
    walk.send(f"/{owing}/update/ask", "Send the link")
    walk.send("/business/people", "Invite")
    walk.send("/business/spreadsheet", "See what would change")
    walk.send(f"/business/checks/{checked}", "Reply and publish both")
    walk.send(f"/business/confirmations/{checked}", "Send the question")
    # Somebody who speaks for two organisations chooses first.
    Membership.objects.filter(user=factories.cara()).update(user=asha)
    walk.visit("/business", "/business/commitments/new")


def test_pages_of_the_council(world, page, live_server):
    dev, edna = factories.officer(), factories.administrator()
    walk = Walk(page, live_server.url, with_second_factor(dev))
    officers = dict(pages_for("officer"))
    for name, filled in officers.items():
        walk.visit(world.address(name, filled))
    walk.visit(
        "/council/behind/extend",
        spreadsheet(dev, "/council/import", "Legal name,Sector", "A,1"),
        spreadsheet(dev, "/council/import", "Legal name,Kind", "A,organisation"),
    )
    walk.send("/council/signatories/new", "Publish and invite")
    walk.send("/council/import", "Look through it")
    unchecked = scenarios.published(scenarios.commitment(title="Another"))
    walk.send(f"/council/checks/{unchecked.key}", "Record the check")
    walk.visit(f"/council/items/{world.things['waiting']}")
    page.get_by_text("Return it with words").click()
    walk.press("Return with words", "There is a problem")
    walk = Walk(page, live_server.url, with_second_factor(edna))
    for name, filled in pages_for("administrator"):
        if name not in officers:
            walk.visit(world.address(name, filled))
    walk.visit(f"/council/redact?key={world.things['signatory']}")
    walk.visit("/council/set-up")
    page.get_by_label("Telephone number").fill("")
    walk.press("Save", "There is a problem")


def test_pages_that_a_link_opens(page, live_server):
    """Everybody meets them, without a session."""
    commitment = factories.published_commitment(start_on=clock.today())
    periods.sync_periods(clock.now())
    asha = signed_in(factories.asha())
    walk = Walk(page, live_server.url)
    asha.post(f"/{commitment.key}/update/ask", {"email": "hal@brookfield.example"})
    walk.visit(path_in_the_email("delegation", "hal@brookfield.example"))
    walk.press("Hand it to Asha", "There is a problem")
    update = updates.approve(scenarios.told(commitment), by=factories.officer())
    told = {"body": "The College", "email": "head@college.example"}
    asha.post(f"/business/confirmations/{update.key}", told)
    walk.visit(path_in_the_email("confirmation", "head@college.example"))
    walk.press("Send your answer", "There is a problem")
    walk.visit("/confirm/ended")
    factories.signatory("Canal Street Joinery", contact_email="cara@canal-street.example")
    walk.visit(f"/invitations/{factories.invitation_token('cara@canal-street.example')}")
    walk.press("Accept", "There is a problem")
    walk.visit(
        "/invitations/ended",
        "/join",
        "/join?route=contract&size=medium",
        "/join/apply",
        "/join/apply/sent",
        preferences.unsubscribe_address(factories.asha()).removeprefix(settings.PUBLIC_URL),
        f"/follow?about={commitment.key}",
        "/follow/asked",
        "/report-an-error/sent",
    )
    walk.send("/join/apply", "Send to the council")
    walk.send(f"/report-an-error?about={commitment.key}", "Send to the council")
    walk.send("/follow", "Send me an email to confirm")
    Client().post(
        "/follow", {"email": "reader@example.org"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    walk.visit(path_in_the_email("follow", "reader@example.org"))
    walk.press("Yes, send me what changes", "You follow this now")
    walk.visit("/follow/stop/ended")
    assert walk.seen == matrix.OPEN_TO_ALL - NO_PAGES


def test_pages_of_an_account(page, live_server):
    edna = factories.administrator()
    walk = Walk(page, live_server.url)
    walk.send("/account/password/reset/", "Send me the link")
    walk.visit(
        "/account/password/reset/",
        "/account/password/reset/done/",
        "/account/password/reset/key/1-ended/",
        "/account/password/reset/key/done/",
    )
    walk.visit("/account/login/code/", "/account/login/")
    walk.press("Sign in", "There is a problem")
    sign_in(page, edna)
    page.get_by_role("heading", name="Set up an authenticator app").wait_for()
    walk.press("Finish", "There is a problem")
    secret = page.locator("main .hash").inner_text()
    page.get_by_label("Authenticator code").fill(authenticator_code(secret))
    walk.press("Finish", "Your recovery codes")
    walk.visit(
        "/account/2fa/",
        "/account/2fa/recovery-codes/generate/",
        "/account/2fa/totp/deactivate/",
        "/account/2fa/reauthenticate/",
        "/account/2fa/webauthn/",
        "/account/2fa/webauthn/add/",
        "/account/sessions/",
        "/account/email/",
        "/account/password/change/",
        "/account/reauthenticate/",
    )
    walk.send("/account/password/change/", "Change Password")
    walk.visit("/account/logout/")
    page.get_by_role("button", name="Sign out").last.click()
    page.goto(f"{live_server.url}/account/login/")
    sign_in(page, edna)
    page.get_by_role("heading", name="Enter your code").wait_for()
    walk.press("Sign in", "There is a problem")
    page.get_by_label("Code").fill(authenticator_code(secret))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Set the register up").wait_for()
    assert walk.seen == names_of_accounts() - NOT_LED_TO - NO_PAGES


def sign_in(page: Page, person: User) -> None:
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def names_of_accounts() -> set[str]:
    names = [name for name in get_resolver().reverse_dict if isinstance(name, str)]
    return {name for name in names if name.startswith(("account_", "mfa_", "usersessions_"))}
