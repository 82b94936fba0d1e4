"""Look for personal data in every text that people are about to publish, and ask about it.

The look stands where the log is written, so that no act passes it by. What waits for someone
else to publish it (drafts sent to the council, checks, proposals) is looked at when it is sent.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from charter import questions
from charter.questions import Question
from registry.log import keys
from registry.log.publishing import NewEntry
from registry.models import Entry, Record

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
    # The end of a reference, such as C-G89NW, may look like one.
    "a postcode": r"(?<![A-Z]-)\b[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}\b",
    "a date of birth": (
        r"\b(?:born(?: on| in)?|date of birth|d\.?o\.?b\.?)\W{0,3}(?:is |was )?" + DAY
    ),
}
COMPILED_PATTERNS = {
    label: re.compile(pattern, re.IGNORECASE) for label, pattern in PATTERNS.items()
}
# An ordinal may look like the end of a postcode: "CO2 2nd".
ORDINAL = re.compile(r"\d(?:st|nd|rd|th)$", re.IGNORECASE)


# Contact details, and fields that nobody writes in words.
NOT_SEARCHED = {
    *("url", "id", "sha256", "website", "identifiers", "primary_org_id"),
    *("email", "contact", "contact_email"),
}
CONTEXT_LENGTH = 100
# All other characters that nobody sees are refused in every text.
JOINERS = re.compile("[\u200c\u200d]")


def find_personal_data(text: str) -> list[Question]:
    """Return a question for each likely item, such as: a postcode (B1 1BB).

    Other forms of letters and digits, such as full-width ones, are read as the plain ones.
    """
    text = unicodedata.normalize("NFKC", JOINERS.sub("", text))
    return [
        Question(
            f"{label} ({match[0].strip()})",
            before=_end_of(text[: match.start()]),
            found=match[0],
            after=_start_of(text[match.end() :]),
        )
        for label, pattern in COMPILED_PATTERNS.items()
        for match in pattern.finditer(text)
        if not ORDINAL.search(match[0])
    ]


def find_in_entries(entries: Iterable[NewEntry]) -> list[Question]:
    """Return questions about likely personal data in new texts of entries, without repeats.

    A text that is public already under the same key is not asked about again.
    """
    found = [
        (entry.key, text, question)
        for entry in entries
        if entry.action != Entry.Action.CONFIRM
        for text in _iter_texts(entry.content)
        for question in find_personal_data(text)
    ]
    if not found:
        return []
    records = Record.objects.in_bulk({key for key, _, _ in found})
    public_texts = {key: set(_iter_texts(record.item)) for key, record in records.items()}
    new = [question for key, text, question in found if text not in public_texts.get(key, ())]
    return list(dict.fromkeys(new))


def ask_about_entries(entries: Iterable[NewEntry]) -> None:
    """Ask about likely personal data in entries: a check of every publication."""
    questions.ask(find_in_entries(entries))


def ask_about_words(*words: Any) -> None:
    """Ask about likely personal data in words that someone else, or the clock, will publish."""
    found = [question for text in _iter_texts([*words]) for question in find_personal_data(text)]
    questions.ask(dict.fromkeys(found))


def _iter_texts(value: Any) -> Iterator[str]:
    """Yield texts that people wrote, skipping record keys, URLs and file hashes."""
    if isinstance(value, str):
        if not keys.is_key(value):
            yield value
    elif isinstance(value, dict):
        for name, member in value.items():
            if name not in NOT_SEARCHED:
                yield from _iter_texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from _iter_texts(member)


def _end_of(text: str) -> str:
    return text if len(text) <= CONTEXT_LENGTH else f"…{text[-CONTEXT_LENGTH:]}"


def _start_of(text: str) -> str:
    return text if len(text) <= CONTEXT_LENGTH else f"{text[:CONTEXT_LENGTH]}…"
