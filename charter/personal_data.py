"""Find personal data in text before publication. It only warns."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from registry.log import keys, publishing
from registry.models import Entry

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
COMPILED_PATTERNS = {
    label: re.compile(pattern, re.IGNORECASE) for label, pattern in PATTERNS.items()
}
# An ordinal may look like the end of a postcode: "CO2 2nd".
ORDINAL = re.compile(r"\d(?:st|nd|rd|th)$", re.IGNORECASE)


def find_personal_data(text: str) -> list[str]:
    """Return a label with its match for each likely item: "a postcode (B1 1BB)"."""
    return [
        f"{label} ({match[0].strip()})"
        for label, pattern in COMPILED_PATTERNS.items()
        for match in pattern.finditer(text)
        if not ORDINAL.search(match[0])
    ]


def find_in_entries(entries: Iterable[publishing.NewEntry]) -> list[str]:
    """Return the likely personal data in entries to be published, without repeats.

    Confirming a commitment repeats what is public.
    """
    new_entries = [entry for entry in entries if entry.action != Entry.Action.CONFIRM]
    texts = [text for entry in new_entries for text in _iter_texts(entry.content)]
    return list(dict.fromkeys(finding for text in texts for finding in find_personal_data(text)))


def _iter_texts(value: Any) -> Iterator[str]:
    """Yield texts that people wrote, skipping record keys, URLs and file hashes."""
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
