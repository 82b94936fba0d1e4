"""The examination of a page: axe against WCAG 2.2 AA, the page's own policy, sideways scrolling."""

from pathlib import Path

from playwright.sync_api import ConsoleMessage, Page

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# GOV.UK Frontend marks a radio button that reveals a question with aria-expanded, on advice of
# people who use screen readers and against ARIA's letter; its own tests make the same exception.
REVEALS = 'class="govuk-radios__input"'


def visit(page: Page, address: str) -> None:
    """Open a page and examine it; fail on what its own policy refuses, too."""
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and "404" not in message.text:
            complaints.append(message.text)

    page.on("console", listen)
    page.goto(address)
    examine(page)
    page.remove_listener("console", listen)
    assert not complaints, f"{address}: {complaints}"


def examine(page: Page) -> None:
    """Fail on what axe finds in the page as it is now, and on a page that scrolls sideways."""
    page.evaluate(AXE)
    result = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES
    )
    found = [
        f"{page.url} {violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in result["violations"]
        for node in violation["nodes"]
        if not (violation["id"] == "aria-allowed-attr" and REVEALS in node["html"])
    ]
    assert not found, "\n".join(found)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
