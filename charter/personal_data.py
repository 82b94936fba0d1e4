"""Recognises what may tell who a person is, in text that is to be public: it only warns."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from registry.log import keys, publishing

MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
DAY = (
    r"(?:\d{1,2}[/.\- ]\d{1,2}[/.\- ]\d{2,4}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)? {MONTH},? \d{{4}}|\d{{4}})"
)
PATTERNS = {
    "an email address": r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    "a telephone number": (
        r"(?<![\w/.-])(?:\+44[\s-]?(?:\(0\))?|\(?0)(?:[\s()-]{0,2}\d){9,10}(?!\d)"
    ),
    "a National Insurance number": (
        r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b"
    ),
    "a postcode": r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}\b",
    "a date of birth": (
        r"\b(?:born(?: on| in)?|date of birth|d\.?o\.?b\.?)\W{0,3}(?:is |was )?" + DAY
    ),
}
RECOGNISED = {what: re.compile(pattern, re.IGNORECASE) for what, pattern in PATTERNS.items()}
# What looks like a postcode but counts something: "CO2 2nd".
ORDINAL = re.compile(r"\d(?:st|nd|rd|th)$", re.IGNORECASE)


def find_personal_data(text: str) -> list[str]:
    """Return what a text seems to hold, with the words themselves: "a postcode (B1 1BB)"."""
    return [
        f"{what} ({match[0].strip()})"
        for what, pattern in RECOGNISED.items()
        for match in pattern.finditer(text)
        if not ORDINAL.search(match[0])
    ]


def find_in_entries(entries: Iterable[publishing.NewEntry]) -> list[str]:
    """Return what the texts of items that are to be published seem to hold."""
    texts = [text for entry in entries for text in _iter_texts(entry.content)]
    return list(dict.fromkeys(found for text in texts for found in find_personal_data(text)))


def _iter_texts(value: Any) -> Iterator[str]:
    """Yield what people wrote; keys of records, addresses of pages and files are no words."""
    if isinstance(value, str):
        if not keys.is_key(value):
            yield value
    elif isinstance(value, dict):
        for name, member in value.items():
            if name not in ("url", "id", "sha256"):
                yield from _iter_texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from _iter_texts(member)
