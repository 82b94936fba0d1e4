"""axe looks at every page, on a small and a large screen, and finds nothing against WCAG 2.2 AA."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import ConsoleMessage, Page

from registry import clock, log
from tests.registry import items

pytestmark = pytest.mark.django_db(transaction=True)

AXE = (Path(__file__).parents[1] / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PUBLIC = [
    "/",
    "/commitments",
    "/commitments?q=apprenticeships&reporting=silent",
    "/commitments?q=nothing-like-it",
    "/commitments/C-00001",
    "/commitments/C-00002",
    "/signatories",
    "/signatories/S-00001",
    "/changes",
    "/data",
    "/verify",
    "/privacy",
    "/accessibility",
    "/contact?about=C-00001",
    "/no-such-page",
    "/account/login/",
    "/account/password/reset/",
]
SCREENS = {"phone": 360, "desk": 1280}


def look(page: Page, address: str) -> None:
    """Open a page; fail on what axe finds, on what its policy refuses, on sideways scrolling."""
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and "404" not in message.text:
            complaints.append(message.text)

    page.on("console", listen)
    page.goto(address)
    page.evaluate(AXE)
    result = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES
    )
    page.remove_listener("console", listen)
    found = [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]
    assert not found, "\n".join(found)
    assert not complaints
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


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


@pytest.fixture(params=["light", "dark"])
def colours(request):
    return request.param


@pytest.mark.parametrize("screen", SCREENS)
def test_pages_for_everybody(register, browser, live_server, colours, screen):
    context = browser.new_context(
        viewport={"width": SCREENS[screen], "height": 800}, color_scheme=colours, locale="en-GB"
    )
    page = context.new_page()
    for address in PUBLIC:
        look(page, f"{live_server.url}{address}")
    context.close()


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
    page.get_by_label("Reporting: have they told us?").select_option("silent")
    page.get_by_role("button", name="Search").press("Enter")
    page.get_by_role("link", name="Fifteen apprenticeships").press("Enter")
    page.get_by_role("heading", name="“Fifteen apprenticeships”").wait_for()
    context.close()
