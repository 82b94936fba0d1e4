"""axe looks at every page, on a small and a large screen, and finds nothing against WCAG 2.2 AA."""

import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import resolve
from playwright.sync_api import Page

from charter.actions import uploads
from charter.models import Membership, Upload, User
from registry import clock, log
from registry.website import urls as website
from reporting.actions import examples, letters
from reporting.models import ReportingPeriod
from tests import factories
from tests.axe import examine, visit
from tests.registry import items
from tests.reporting import stories

pytestmark = pytest.mark.django_db(transaction=True)

PUBLIC = [
    "/",
    "/commitments",
    "/commitments?q=apprenticeships&reporting=silent",
    "/commitments?q=nothing-like-it",
    "/commitments/C-00001",
    "/commitments/C-00002",
    "/commitments/C-00001/statement?at=2026-03-31",
    "/commitments/C-00001/statement?at=2025-03-31",
    "/commitments/C-00001/past?at=2026-03-31",
    "/signatories/S-00001/statement?at=tomorrow",
    "/signatories",
    "/signatories/S-00001",
    "/themes",
    "/themes/T-00001",
    "/measures",
    "/measures/M-00001",
    "/places",
    "/places?q=kings&show=behind",
    "/places/E05011121",
    "/places/E08000025",
    "/successes",
    "/successes?q=nothing-like-it",
    "/successes/W-00001",
    "/updates/U-00001",
    "/statistics",
    "/statistics/delivery",
    "/statistics/measures",
    "/summary?theme=T-00001",
    "/report",
    "/compare?measure=M-00001",
    "/changes",
    "/changes?show=overdue",
    "/embedded/C-00001",
    "/badge?key=C-00001",
    "/badge?key=C-99999&what=block",
    "/glossary",
    "/methods",
    "/for/businesses",
    "/data",
    "/data/dictionary",
    "/verify",
    "/privacy",
    "/accessibility",
    "/contact?about=C-00001",
    "/no-such-page",
    "/account/login/",
    "/account/login/code/",
    "/account/password/reset/",
]
# Addresses without a page of their own: files, and those that lead on to a page.
NO_PAGES = {
    "commitments_csv",
    "statistics_csv",
    "compare_csv",
    "changes_feed",
    "record_feed",
    "place_feed",
    "badge",
    "schema",
    "data_json",
    "sitemap",
    "sitemap_file",
    "robots",
    "security",
    "identifier",
    "short",
}


@pytest.fixture
def register():
    """A promise that was weakened, answered once and not again, and one that was withdrawn."""
    with clock.at(datetime(2026, 1, 5, 9, tzinfo=UTC)):
        log.publish([*items.everything(), items.commitment("C-00002")])
    with clock.at(datetime(2026, 4, 2, 9, tzinfo=UTC)):
        log.publish(
            [
                items.period(received_on="2026-04-01", update="U-00001"),
                items.update(),
                items.success(),
                items.period(2, requested_on=["2026-07-04", "2026-07-15"]),
                items.commitment(
                    action="amend",
                    title="Fifteen apprenticeships",
                    target={"value": "15", "by": "2027-12-31"},
                    change_reason="A site closed.",
                ),
                items.commitment("C-00002", action="withdraw", change_reason="The work ended."),
            ]
        )


def sign_in(page: Page, address: str, person: User) -> None:
    page.goto(f"{address}/account/login/")
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def uploaded(person: User, purpose: str, text: str) -> Upload:
    """A spreadsheet of which a person may see what it would change."""
    file = SimpleUploadedFile("list.csv", text.encode())
    return uploads.keep(by=person, purpose=purpose, file=file, content=text.encode())


def code(secret: str) -> str:
    """Return what an authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def silent_period() -> ReportingPeriod:
    """The period of a promise that was due long ago, and that we asked about in vain."""
    return stories.silent(clock.today() - timedelta(days=500)).periods.earliest("pk")


def test_list_of_pages_is_whole():
    listed = {resolve(address.partition("?")[0]).url_name for address in PUBLIC[:-4]}
    assert {pattern.name for pattern in website.urlpatterns} - NO_PAGES == listed


def test_public_pages_are_for_everybody(register, page, live_server):
    for address in PUBLIC:
        visit(page, f"{live_server.url}{address}")


def test_pages_of_a_business_are_for_everybody(page, live_server):
    published, draft = factories.published_commitment(), factories.draft(title="A draft")
    returned = factories.returned_commitment(title="Returned")
    factories.written_change(published)
    written = letters.publish(silent_period(), by=factories.officer())
    sign_in(page, live_server.url, factories.asha())
    for address in (
        "/business",
        f"/business/letters/{written.key}",
        "/business/commitments/new",
        "/business/commitments/new?measure=LE12",
        f"/business/commitments/{draft.key}/edit",
        f"/business/commitments/{draft.key}/preview",
        f"/business/commitments/{returned.key}",
        f"/business/commitments/{published.key}",
        f"/business/commitments/{published.key}/change/amend",
        f"/business/commitments/{published.key}/change/preview",
        f"/{published.key}/update",
        f"/{published.key}/success",
        "/business/people",
        "/business/details",
        "/join?route=contract&size=medium",
        "/join/apply",
        f"/follow?about={published.key}",
        "/follow/asked",
        "/follow/stop/ended",
        "/business/spreadsheet",
        *(
            f"/business/spreadsheet/{kept.pk}"
            for kept in (
                uploaded(factories.asha(), "commitments", f"Key,Target\n{draft.key},25\n"),
                uploaded(factories.asha(), "commitments", f"Key,Target\n{draft.key},many\n"),
            )
        ),
        "/reminders",
        "/account/2fa/",
        "/account/2fa/webauthn/",
        "/account/2fa/webauthn/add/",
        "/account/sessions/",
        "/account/email/",
        "/account/password/change/",
        "/account/reauthenticate/",
        "/account/logout/",
    ):
        visit(page, f"{live_server.url}{address}")
    page.goto(f"{live_server.url}/business/commitments/new?measure=LE12")
    page.get_by_role("button", name="Save and preview").click()
    page.get_by_role("heading", name="There is a problem").wait_for()
    examine(page)


def test_pages_of_the_council_are_for_everybody(page, live_server):
    waiting = factories.submitted_commitment()
    public = factories.published_commitment(title="An example")
    example = examples.choose(public, by=factories.officer(), why="It says who and when.")
    sign_in(page, live_server.url, factories.administrator())
    page.get_by_role("heading", name="Set up an authenticator app").wait_for()
    examine(page)
    secret = page.locator("main .hash").inner_text()
    page.get_by_label("Authenticator code").fill("000000")
    page.get_by_role("button", name="Finish").click()
    page.get_by_role("heading", name="There is a problem").wait_for()
    examine(page)
    page.get_by_label("Authenticator code").fill(code(page.locator("main .hash").inner_text()))
    page.get_by_role("button", name="Finish").click()
    page.get_by_role("heading", name="Your recovery codes").wait_for()
    examine(page)
    for address in (
        "/council",
        f"/council/items/{waiting.key}",
        f"/council/applications/{factories.application().pk}",
        "/council/examples",
        f"/council/examples/{example.key}",
        "/council/behind",
        "/council/behind/extend",
        f"/council/letters/{silent_period().key}",
        "/council/reminders",
        "/council/health",
        "/council/messages",
        "/council/redact",
        f"/council/redact?key={waiting.signatory.key}",
        "/council/signatories/new",
        "/council/signatories",
        "/council/staff",
        f"/council/signatories/{waiting.signatory.key}/details",
        f"/council/signatories/{waiting.signatory.key}/standing",
        f"/council/signatories/{waiting.signatory.key}/people",
        f"/council/people/{Membership.objects.first().pk}/role",
        f"/council/signatories/{waiting.signatory.key}/standing/accredit",
        f"/council/signatories/{waiting.signatory.key}/standing/end",
        "/council/promises",
        f"/council/promises?signatory={waiting.signatory.key}",
        "/council/import",
        *(
            f"/council/import/{kept.pk}"
            for kept in (
                uploaded(factories.administrator(), "organisations", "Legal name,Sector\nA,1\n"),
                uploaded(factories.administrator(), "organisations", "Legal name,Kind\nA,firm\n"),
            )
        ),
        "/account/2fa/",
        "/account/2fa/recovery-codes/generate/",
        "/account/2fa/totp/deactivate/",
    ):
        visit(page, f"{live_server.url}{address}")
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, live_server.url, factories.administrator())
    page.get_by_role("heading", name="Enter your code").wait_for()
    examine(page)
    page.get_by_label("Code").fill(code(secret))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Queue").wait_for()


def test_register_works_without_scripts_and_by_keyboard(register, browser, live_server):
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(live_server.url)
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to main content"
    page.get_by_label("Search for a firm, a promise or a place").focus()
    page.keyboard.type("apprenticeships")
    page.keyboard.press("Enter")
    page.get_by_text("2 commitments").wait_for()
    if not page.get_by_label("Reporting: have they told us?").is_visible():
        page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Reporting: have they told us?").select_option("silent")
    page.get_by_role("button", name="Search").press("Enter")
    page.get_by_role("link", name="Fifteen apprenticeships").press("Enter")
    page.get_by_role("heading", name="“Fifteen apprenticeships”").wait_for()
    context.close()


def test_statement_and_summary_fit_one_sheet_of_a4(register, browser, live_server):
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    for address in ("/commitments/C-00001/statement?at=2026-04-02", "/summary"):
        page.goto(f"{live_server.url}{address}")
        sheets = page.pdf(format="A4")
        assert len(re.findall(rb"/Type\s*/Page\b", sheets)) == 1, address
    context.close()
