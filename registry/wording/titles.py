"""Find titles that a commitment has outgrown: they name a figure or a year that no longer holds."""

import re
from typing import Any

from registry.log.progress import deadline_of

Item = dict[str, Any]

NUMBER_WORDS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip
NUMBERS = dict(zip(NUMBER_WORDS, map(str, [*range(1, 21), *range(30, 100, 10)]), strict=True))


def is_outgrown(item: Item, original: Item) -> bool:
    """Return True if a title still names the first target or deadline, which has changed since.

    `item` is typed, `original` as it is published.
    """
    named = _named_numbers(item["title"])
    first, now = _target_number(original), _target_number(item)
    names_first_target = first != now and first in named and now not in named
    first_year, year = str(deadline_of(original) or "")[:4], str(deadline_of(item) or "")[:4]
    names_first_year = first_year != year and first_year in named and year not in named
    return names_first_target or names_first_year


def _named_numbers(title: str) -> set[str]:
    """Return the numbers in a title as digits: {"20"} of "Twenty jobs" and of "20 jobs"."""
    words = re.findall(r"[a-z]+|[0-9][0-9,]*(?:\.[0-9]+)?", title.lower())
    return {NUMBERS.get(word, word.replace(",", "")) for word in words}


def _target_number(item: Item) -> str:
    target = item.get("target")
    text = f"{target['value']}" if target else ""
    return text.rstrip("0").rstrip(".") if "." in text else text
