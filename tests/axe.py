"""The examination of a page: axe against WCAG 2.2 AA, the page's own policy, sideways scrolling."""

import re
from collections import Counter
from pathlib import Path

import html5lib
from html5lib.html5parser import ParseError
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
    response = page.goto(address)
    examine(page)
    if response and page.viewport_size and page.viewport_size["width"] < 600:
        is_valid(response.text(), address)  # once: the text is the same for every screen
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


def is_valid(text: str, address: str) -> None:
    """Fail on what the HTML specification calls a parse error, and on an id that is used twice."""
    parser = html5lib.HTMLParser(strict=True)
    try:
        parser.parse(text)
    except ParseError as error:
        line, column = parser.tokenizer.stream.position()
        near = text.splitlines()[line - 1][max(column - 80, 0) : column]
        raise AssertionError(f"{address} line {line}: {error} after …{near}") from error
    ids = Counter(re.findall(r'\sid="([^"]+)"', text))
    assert not [name for name, count in ids.items() if count > 1], address
