"""axe examines every page behind the sign-in or a link with a token, and their error states.

The pages come from the private addresses, so a new one cannot be forgotten. Here they are seen on a
phone at night; tests/proof examines them on a desk by day, and the pages of an account in both.
"""

from collections.abc import Iterable
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import resolve
from playwright.sync_api import Page

from charter.actions import uploads
from charter.models import Membership, User
from registry import clock
from reporting.actions import periods, preferences
from tests import factories
from tests.axe import examine, visit
from tests.charter import access_world
from tests.charter.access_people import PEOPLE
from tests.charter.private_addresses import ADDRESSES, Records
from tests.charter.test_access_matrix import OPEN_TO_ALL, expected_access
from tests.journeys.people import link_path
from tests.reporting import scenarios
from tests.visitors import signed_in, with_second_factor

pytestmark = pytest.mark.django_db(transaction=True)

# Files and redirects, not pages.
NO_PAGES = {
    "account_home",
    "business:evidence",
    "business:spreadsheet_download",
    "business:spreadsheet_problems",
    "council:activity_csv",
    "council:evidence",
    "council:import_empty",
    "council:import_problems",
    "website:evidence",
    "website:photograph",
    "health",
    "mfa_download_recovery_codes",
    "reporting:calendar",
}
# These need a form to be sent first; the tests below reach them.
PREPARED = {"reporting:update_preview"}


class Walk:
    """A walk from page to page in which axe examines each."""

    def __init__(self, page: Page, address: str, user: User | None = None) -> None:
        self.page, self.address = page, address
        self.visited: set[str] = set()
        page.context.clear_cookies()
        if user:
            session = signed_in(user).cookies["sessionid"].value
            page.context.add_cookies([{"name": "sessionid", "value": session, "url": address}])

    def visit(self, *paths: str) -> None:
        for path in paths:
            visit(self.page, f"{self.address}{path}")
            requested, reached = (resolve(p.partition("?")[0]).view_name for p in (path, self.path))
            assert requested == reached, f"{path} led on to {self.path}"
            self.visited.add(requested)

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.address)

    def send(self, path: str, button: str, then: str = "There is a problem") -> None:
        """Press a button of an unchanged form and examine the resulting page."""
        self.page.goto(f"{self.address}{path}")
        self.press(button, then)

    def press(self, button: str, then: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).first.click()
        self.page.get_by_role("heading", name=then).wait_for()
        examine(self.page)
        self.visited.add(resolve(self.path.partition("?")[0]).view_name)


@pytest.fixture
def records() -> Records:
    return access_world.build_world()


def pages_for(who: str, records: Records) -> Iterable[tuple[str, str]]:
    """Yield name and path of each page that a person may open."""
    [person] = (person for person in PEOPLE if person.who == who)
    for address in ADDRESSES:
        is_page = address.method == "GET" and address.name not in NO_PAGES | PREPARED
        if is_page and expected_access(person, address) == "in":
            yield address.name, address.path(records)


def spreadsheet(by: User, page: str, *rows: str) -> str:
    """Upload a spreadsheet; return the address of its preview."""
    content = "\n".join(rows).encode()
    purpose = "organisations" if by.is_staff else "commitments"
    file = SimpleUploadedFile("list.csv", content)
    charter = factories.charter() if by.is_staff else None
    upload = uploads.store_upload(
        by=by, purpose=purpose, file=file, content=content, charter=charter
    )
    return f"{page}/{upload.pk}"


def test_pages_of_a_signatory_pass_axe(records, page, live_server):
    asha, draft, check_key = factories.asha(), records["draft"], records["update"]
    walk = Walk(page, live_server.url, asha)
    walk.visit(*(path for _, path in pages_for("owner", records)))
    returned = factories.returned_commitment(title="Returned")
    due_key = scenarios.commitment(clock.today() - timedelta(days=365), title="Another").key
    periods.sync_periods(clock.now())
    form = f"/business/commitments/new?measure={factories.measure().key}"
    walk.visit(
        form,
        f"/business/commitments/{returned.key}",
        f"/business/commitments/{records['submitted']}",
        f"/business/commitments/{due_key}/change/correct",
        f"/business/commitments/{due_key}/change/close",
        f"/business/commitments/{due_key}/change/withdraw",
        f"/{due_key}/update?answer=number",
        f"/{due_key}/update?answer=same",
        spreadsheet(asha, "/business/spreadsheet", "Key,Target", f"{draft},25"),
        spreadsheet(asha, "/business/spreadsheet", "Key,Target", f"{draft},many"),
    )
    walk.send(form, "Save and preview")
    walk.send(f"/business/commitments/{due_key}/change/amend", "Save and preview")
    walk.send(f"/{due_key}/update?answer=number", "Send")
    walk.send(f"/{due_key}/update?answer=same", "Preview", "Preview of the public page")
    walk.send(f"/{due_key}/update/ask", "Send the link")
    walk.send("/business/people", "Invite")
    walk.send("/business/spreadsheet", "See what would change")
    walk.send(f"/business/checks/{check_key}", "Publish check and reply")
    walk.send(f"/business/confirmations/{check_key}", "Send the question")
    # A member of two organisations selects one first.
    Membership.objects.filter(user=factories.cara()).update(user=asha)
    walk.visit("/business", "/business/commitments/new")
    unsigned = factories.invited()
    own = Membership.objects.filter(user=asha, organisation=factories.brookfield().organisation)
    own.update(organisation=unsigned.organisation)
    walk.send(f"/business/signatories/{unsigned.key}/sign", "Sign and make public")


def test_pages_of_the_council_pass_axe(records, page, live_server):
    dev, edna = factories.officer(), factories.administrator()
    walk = Walk(page, live_server.url, with_second_factor(dev))
    officers = dict(pages_for("publisher", records))
    walk.visit(*officers.values())
    walk.visit(
        "/council/behind/extend",
        spreadsheet(dev, "/council/import", "Legal name,Sector", "A,1"),
        spreadsheet(dev, "/council/import", "Legal name,Kind", "A,organisation"),
    )
    walk.send("/council/signatories/new", "Invite to sign")
    walk.send("/council/import", "Continue")
    unchecked = scenarios.published_update(scenarios.commitment(title="Another"))
    walk.send(f"/council/checks/{unchecked.key}", "Record the check")
    walk.visit(f"/council/items/{records['submitted']}")
    page.get_by_text("Return it with comments").click()
    walk.press("Return with comments", "There is a problem")
    walk = Walk(page, live_server.url, with_second_factor(edna))
    for name, path in pages_for("administrator", records):
        if name not in officers:
            walk.visit(path)
    walk.visit(f"/council/redact?key={records['signatory']}")
    walk.visit("/council/set-up")
    page.get_by_label("Telephone number").fill("")
    walk.press("Save", "There is a problem")


def test_pages_behind_a_link_pass_axe(page, live_server):
    """These pages need no session."""
    commitment = factories.published_commitment(start_on=clock.today())
    periods.sync_periods(clock.now())
    asha = signed_in(factories.asha())
    walk = Walk(page, live_server.url)
    asha.post(f"/{commitment.key}/update/ask", {"email": "hal@brookfield.example"})
    walk.visit(link_path("delegation", "hal@brookfield.example"))
    walk.press("Hand it to Asha", "There is a problem")
    update = factories.publish(scenarios.submitted_update(commitment), by=factories.officer())
    form = {"body": "The College", "email": "head@college.example"}
    asha.post(f"/business/confirmations/{update.key}", form)
    walk.visit(link_path("confirmation", "head@college.example"))
    walk.press("Send your answer", "There is a problem")
    walk.visit("/confirm/ended")
    factories.application()
    walk.visit(link_path("application", "noor@lantern-bakery.example"))
    walk.press("Sign", "There is a problem")
    factories.stated_signature(factories.invited())
    walk.visit(link_path("stated_signature", "noor@lantern.example"))
    walk.press("Object: keep it private", "There is a problem")
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
    walk.visit(link_path("follow", "reader@example.org"))
    walk.press("Yes, email me changes", "You now follow this")
    walk.visit("/follow/stop/ended")
    assert walk.visited == OPEN_TO_ALL - NO_PAGES
