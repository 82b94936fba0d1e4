"""Checks of a page's text: valid HTML, in an order that makes sense when read aloud."""

import re
from collections import Counter, defaultdict
from itertools import pairwise
from xml.etree.ElementTree import Element

import html5lib
from html5lib.html5parser import ParseError

from registry.schema.kind_spec import KEY_CHARACTERS

# Link texts that mean nothing out of context.
EMPTY_WORDS = {"here", "click here", "more", "read more", "link", "this", "see", "details"}


def examine_text(text: str, address: str) -> None:
    """Fail on invalid HTML, and on a page that cannot be read from top to bottom."""
    page = parse_page(text, address)
    problems = [*repeated_ids(page), *landmarks(page), *headings(page), *focus(page), *links(page)]
    assert not problems, f"{address}: {'; '.join(problems)}"


def parse_page(text: str, address: str) -> Element:
    """Return the page as a tree; fail on any parse error of the HTML specification."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    try:
        return parser.parse(text)
    except ParseError as error:
        line, column = parser.tokenizer.stream.position()
        near = text.splitlines()[line - 1][max(column - 80, 0) : column]
        raise AssertionError(f"{address} line {line}: {error} after …{near}") from error


def repeated_ids(page: Element) -> list[str]:
    ids = Counter(element.get("id") for element in page.iter() if element.get("id"))
    return [f"id {name} is used {count} times" for name, count in ids.items() if count > 1]


def landmarks(page: Element) -> list[str]:
    """Return problems: header, main and footer in order, and each navigation has its own name."""
    order = [element.tag for element in page.iter() if element.tag in ("header", "main", "footer")]
    problems = [] if order in (["header", "main", "footer"], ["main"]) else [f"order {order}"]
    navigations = [element.get("aria-label", "") for element in page.iter("nav")]
    if len(set(navigations)) < len(navigations) or "" in navigations:
        problems.append(f"navigations named {navigations}")
    return problems


def headings(page: Element) -> list[str]:
    """Return problems: one h1, first in main, and no level skipped below it."""
    main = page.find(".//main")
    levels = [
        int(element.tag[1])
        for element in (main.iter() if main is not None else [])
        if isinstance(element.tag, str) and re.fullmatch("h[1-6]", element.tag)
    ]
    has_one_h1 = levels[:1] == [1] and levels.count(1) == 1
    skipped = [after for before, after in pairwise(levels) if after > before + 1]
    return [] if has_one_h1 and not skipped else [f"headings of levels {levels}"]


def focus(page: Element) -> list[str]:
    """Return problems: keyboard order is text order and begins with the skip link."""
    problems = [
        f"tabindex {element.get('tabindex')}"
        for element in page.iter()
        if int(element.get("tabindex") or 0) > 0
    ]
    first = next(page.iter("a"), None)
    if page.find(".//header") is not None and (
        first is None or first.get("href") != "#main-content"
    ):
        problems.append("no way past the menu")
    return problems


def links(page: Element) -> list[str]:
    """Return problems: each link makes sense alone, and equal texts lead to the same place."""
    targets: dict[str, set[str]] = defaultdict(set)
    for link in page.iter("a"):
        words = link.get("aria-label") or " ".join(_words(link).split())
        if link.get("href"):
            # Two commitments may share a title, so only the kind of place must be the same.
            targets[words.lower()].add(
                re.sub(f"[A-Z]-{KEY_CHARACTERS}", "KEY", link.get("href") or "")
            )
    problems = [f"link “{words}”" for words in targets if not words or words in EMPTY_WORDS]
    return problems + [
        f"link “{words}” leads to {sorted(addresses)}"
        for words, addresses in targets.items()
        if len(addresses) > 1
    ]


def _words(element: Element) -> str:
    """Return an element as read aloud: its text and the alternatives of its images."""
    if element.get("aria-hidden") == "true":
        return ""
    own = (element.get("alt") or "") + (element.text or "")
    return own + "".join(_words(child) + (child.tail or "") for child in element)
