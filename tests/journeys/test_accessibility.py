"""axe examines every public page and finds nothing against WCAG 2.2 AA.

Here they are seen on a phone at night; tests/proof examines them on a desk by day.
"""

import re
from datetime import UTC, datetime

import pytest
from django.urls import resolve

from registry import clock
from registry.log import publishing
from registry.website import urls as website
from tests.axe import visit
from tests.registry import items

pytestmark = pytest.mark.django_db(transaction=True)

PUBLIC = [
    "/",
    "/commitments",
    "/commitments?q=apprenticeships&reporting=silent",
    "/commitments?q=nothing-like-it",
    "/search",
    "/search?q=apprenticeships",
    "/search?q=nothing-like-it",
    "/commitments?signatory_name=nothing-like-it",
    "/commitments/C-00001",
    "/commitments/C-00002",
    "/commitments/C-00001/statement?day=2026-03-31",
    "/commitments/C-00001?as_of=6",
    "/commitments/C-00001?day=2026-03-31",
    "/commitments/past?day=2026-03-31&q=apprenticeships",
    "/commitments/C-00001/versions",
    "/themes/T-00001?as_of=6",
    "/signatories/S-00001/statement?day=2026-03-31",
    "/signatories",
    "/updates-not-received",
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
    "/changes?show=weakened&since=2026-01-01",
    "/embedded/C-00001",
    "/badge?key=C-00001",
    "/badge?key=C-99999&what=block",
    "/glossary",
    "/methods",
    "/for/businesses",
    "/data",
    "/data/dictionary",
    "/verify",
    "/verify?head=hello",
    "/verify?head=5+aaaaaaaaaaaa",
    "/privacy",
    "/accessibility",
    "/contact",
    "/no-such-page",
]
# Addresses that are files or redirects, not pages.
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
    "evidence",
    "signed_head",
    "head_keys",
    *website.DOCUMENTS,
    "identifier",
    "short",
    "commitment_past",
    "without_slash",
    "photograph",
    "sharing_picture",
}


@pytest.fixture
def register():
    """Publish a weakened commitment with one update and none after it, and a withdrawn one."""
    with clock.fixed_at(datetime(2026, 1, 5, 9, tzinfo=UTC)):
        publishing.publish([*items.small_register(), items.commitment("C-00002")])
    with clock.fixed_at(datetime(2026, 4, 2, 9, tzinfo=UTC)):
        publishing.publish(
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


def test_list_of_pages_is_complete():
    names = {resolve(address.partition("?")[0]).url_name for address in PUBLIC[:-1]}
    assert {pattern.name for pattern in website.urlpatterns} - NO_PAGES == names


def test_public_pages_pass_axe(register, page, live_server):
    for address in PUBLIC:
        visit(page, f"{live_server.url}{address}")


def test_register_works_by_keyboard_without_scripts(register, browser, live_server):
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(live_server.url)
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to main content"
    page.get_by_label("Search by organisation, commitment, place or postcode").focus()
    page.keyboard.type("apprenticeships")
    page.keyboard.press("Enter")
    page.get_by_text("2 commitments").first.wait_for()
    page.get_by_role("link", name="Register", exact=True).press("Enter")
    if not page.get_by_label("Reporting: are updates coming in?").is_visible():
        page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Reporting: are updates coming in?").select_option("silent")
    page.get_by_role("button", name="Apply filters").press("Enter")
    page.get_by_role("link", name="Fifteen apprenticeships").press("Enter")
    page.get_by_role("heading", name="“Fifteen apprenticeships”").wait_for()
    context.close()


def test_statement_and_summary_fit_on_one_a4_sheet(register, browser, live_server):
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    for address in ("/commitments/C-00001/statement?day=2026-04-02", "/summary"):
        page.goto(f"{live_server.url}{address}")
        sheets = page.pdf(format="A4")
        assert len(re.findall(rb"/Type\s*/Page\b", sheets)) == 1, address
    context.close()


def test_menu_has_one_row_on_a_tablet_and_two_on_a_phone(register, browser, live_server):
    for width, scripts, rows in [(1280, True, 1), (768, True, 1), (360, False, 2)]:
        context = browser.new_context(
            java_script_enabled=scripts, viewport={"width": width, "height": 800}
        )
        page = context.new_page()
        page.goto(live_server.url)
        entries = page.locator(".govuk-service-navigation__item").all()
        assert len({entry.bounding_box()["y"] for entry in entries}) <= rows, width
        context.close()
