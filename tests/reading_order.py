"""The text of a page without its looks: valid HTML, in an order that makes sense when read out."""

import re
from collections import Counter, defaultdict
from itertools import pairwise
from xml.etree.ElementTree import Element

import html5lib
from html5lib.html5parser import ParseError

from registry.log import keys

# Says nothing when it is read out of its place.
EMPTY_WORDS = {"here", "click here", "more", "read more", "link", "this", "see", "details"}


def examine_text(text: str, address: str) -> None:
    """Fail on HTML that is not valid, and on a page that cannot be read from top to bottom."""
    page = parsed(text, address)
    found = [*repeated_ids(page), *landmarks(page), *headings(page), *focus(page), *links(page)]
    assert not found, f"{address}: {'; '.join(found)}"


def parsed(text: str, address: str) -> Element:
    """Return the page as a tree; fail on what the HTML specification calls a parse error."""
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
    """Header, main and footer follow each other; what there may be several of has a name."""
    order = [element.tag for element in page.iter() if element.tag in ("header", "main", "footer")]
    found = [] if order in (["header", "main", "footer"], ["main"]) else [f"order {order}"]
    navigations = [element.get("aria-label", "") for element in page.iter("nav")]
    if len(set(navigations)) < len(navigations) or "" in navigations:
        found.append(f"navigations named {navigations}")
    return found


def headings(page: Element) -> list[str]:
    """One h1, first in main; below it no level is left out."""
    main = page.find(".//main")
    levels = [
        int(element.tag[1])
        for element in (main.iter() if main is not None else [])
        if isinstance(element.tag, str) and re.fullmatch("h[1-6]", element.tag)
    ]
    sound = levels[:1] == [1] and levels.count(1) == 1
    deeper = [after for before, after in pairwise(levels) if after > before + 1]
    return [] if sound and not deeper else [f"headings of levels {levels}"]


def focus(page: Element) -> list[str]:
    """The way by keyboard is the order of the text, and begins with the way past the menu."""
    found = [
        f"tabindex {element.get('tabindex')}"
        for element in page.iter()
        if int(element.get("tabindex") or 0) > 0
    ]
    first = next(page.iter("a"), None)
    if page.find(".//header") is not None and (
        first is None or first.get("href") != "#main-content"
    ):
        found.append("no way past the menu")
    return found


def links(page: Element) -> list[str]:
    """Each link says alone where it leads, and the same words lead to the same place."""
    places: dict[str, set[str]] = defaultdict(set)
    for link in page.iter("a"):
        words = link.get("aria-label") or " ".join(_words(link).split())
        if link.get("href"):
            # Two commitments may well have the same title: what is asked is the same sort of place.
            places[words.lower()].add(re.sub(keys.PATTERN, "KEY", link.get("href") or ""))
    found = [f"link “{words}”" for words in places if not words or words in EMPTY_WORDS]
    return found + [
        f"link “{words}” leads to {sorted(several)}"
        for words, several in places.items()
        if len(several) > 1
    ]


def _words(element: Element) -> str:
    """Return what is read out of an element: its text, and the alternatives of its pictures."""
    if element.get("aria-hidden") == "true":
        return ""
    own = (element.get("alt") or "") + (element.text or "")
    return own + "".join(_words(child) + (child.tail or "") for child in element)
