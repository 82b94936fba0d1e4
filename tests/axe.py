"""The examination of a page: axe against WCAG 2.2 AA, the page's own policy, sideways scrolling."""

from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.reading_order import examine_text

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, DESK = {"width": 360, "height": 800}, {"width": 1280, "height": 800}
# The two windows in which pages are examined: on a phone at night, on a desk by day.
AT_NIGHT = {"viewport": PHONE, "color_scheme": "dark"}
BY_DAY = {"viewport": DESK, "color_scheme": "light"}
# GOV.UK Frontend marks a radio button that reveals a question with aria-expanded, on advice of
# people who use screen readers and against ARIA's letter; its own tests make the same exception.
REVEALS = 'class="govuk-radios__input"'
# What axe passed, with all its elements, would take longer to hand over than to find.
RUN = """rules => axe.run(document, {
    runOnly: {type: "tag", values: rules}, resultTypes: ["violations"], elementRef: false,
}).then(result => result.violations.flatMap(violation => violation.nodes.map(node => ({
    rule: violation.id, target: node.target, html: node.html, summary: node.failureSummary,
}))))"""


def window(browser: Browser, **options: object) -> Page:
    """Open a window that nobody used before, and whose pages can be examined."""
    context = browser.new_context(locale="en-GB", timezone_id="Europe/London", **options)
    context.set_default_timeout(15_000)
    context.add_init_script(AXE)
    return context.new_page()


def visit(page: Page, address: str) -> None:
    """Open a page and examine it; fail on what its own policy refuses, too."""
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        # That a page of errors is one is no complaint; what stands in a frame has no icon.
        about = message.location["url"]
        if message.type == "error" and about != page.url and not about.endswith("/favicon.ico"):
            complaints.append(message.text)

    page.on("console", listen)
    response = page.goto(address)
    examine(page)
    if response:
        examine_text(response.text(), address)
    page.remove_listener("console", listen)
    assert not complaints, f"{address}: {complaints}"


def examine(page: Page) -> None:
    """Fail on what axe finds in the page as it is now, and on a page that scrolls sideways."""
    width = page.viewport_size["width"]
    found = [
        f"{page.url} on {width} px {node['rule']}: {node['target']} {node['summary']}"
        for node in page.evaluate(RUN, RULES)
        if not (node["rule"] == "aria-allowed-attr" and REVEALS in node["html"])
    ]
    assert not found, "\n".join(found)
    too_wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not too_wide, f"{page.url} scrolls sideways on {width} px"
