"""Checks of a page: axe against WCAG 2.2 AA, its content security policy, sideways scrolling."""

from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.reading_order import examine_text

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, DESK = {"width": 360, "height": 800}, {"width": 1280, "height": 800}
# Pages are examined in two windows: a phone in dark mode and a desktop in light mode.
AT_NIGHT = {"viewport": PHONE, "color_scheme": "dark"}
BY_DAY = {"viewport": DESK, "color_scheme": "light"}
# GOV.UK Frontend puts aria-expanded on a radio button that reveals a question: screen reader users
# advised it, although ARIA does not allow it. Its own tests make the same exception.
REVEALS = 'class="govuk-radios__input"'
# Only violations: transferring all passed rules and elements would take longer than the checks.
RUN = """rules => axe.run(document, {
    runOnly: {type: "tag", values: rules}, resultTypes: ["violations"], elementRef: false,
}).then(result => result.violations.flatMap(violation => violation.nodes.map(node => ({
    rule: violation.id, target: node.target, html: node.html, summary: node.failureSummary,
}))))"""


def window(browser: Browser, **options: object) -> Page:
    """Open a fresh window."""
    context = browser.new_context(locale="en-GB", timezone_id="Europe/London", **options)
    context.set_default_timeout(15_000)
    return context.new_page()


def visit(page: Page, address: str) -> None:
    """Open a page and examine it. Fail on console errors too, such as blocked content."""
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        # An error page logs its own status, and embedded pages have no icon: neither is a fault.
        url = message.location["url"]
        if message.type == "error" and url != page.url and not url.endswith("/favicon.ico"):
            complaints.append(message.text)

    page.on("console", listen)
    response = page.goto(address)
    examine(page)
    if response:
        examine_text(response.text(), address)
    page.remove_listener("console", listen)
    assert not complaints, f"{address}: {complaints}"


def examine(page: Page) -> None:
    """Fail if axe finds violations in the page as it is now, or if it scrolls sideways."""
    width = page.viewport_size["width"]
    # A policy against foreign scripts does not bind the browser's own tools.
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE)
        # The following pages find it compiled, in a tenth of the time.
        page.add_init_script(AXE)
    violations = [
        f"{page.url} on {width} px {node['rule']}: {node['target']} {node['summary']}"
        for node in page.evaluate(RUN, RULES)
        if not (node["rule"] == "aria-allowed-attr" and REVEALS in node["html"])
    ]
    assert not violations, "\n".join(violations)
    is_too_wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not is_too_wide, f"{page.url} scrolls sideways on {width} px"
