"""Words that mean about the same to those who search, from a file."""

import re
import unicodedata
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "synonyms.txt"
LONGEST_PHRASE = 5  # words
ENDINGS = (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"))


def fold(text: str) -> str:
    """Return a word or phrase by which it is looked up: singular, in plain small letters."""
    singular = re.sub(r"\b([A-Z]{2,})s\b", r"\1", text)  # SMEs, KPIs
    plain = unicodedata.normalize("NFKD", singular.casefold().replace("’", "'"))
    letters = plain.encode("ascii", "ignore").decode()
    return " ".join(map(_singular, re.findall(r"[^\W_]+", re.sub(r"'s?\b", "", letters))))


def _singular(word: str) -> str:
    for plural, singular in ENDINGS:
        if len(word) > 4 and word.endswith(plural):
            return word.removesuffix(plural) + singular
    is_plural = len(word) > 3 and word[-1] == "s" and word[-2] not in "sui"
    return word[:-1] if is_plural else word


@cache
def all_synonyms() -> dict[str, tuple[str, ...]]:
    """Return the other words for each word or phrase, by its folded form."""
    found: dict[str, list[str]] = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        mutual, _, one_way = line.partition(">")
        words = [word.strip() for word in mutual.split(",")]
        others = [word.strip() for word in one_way.split(",") if word.strip()]
        for word in words:
            found.setdefault(fold(word), []).extend(
                other for other in (*words, *others) if fold(other) != fold(word)
            )
    return {word: tuple(dict.fromkeys(others)) for word, others in found.items()}


@cache
def all_words() -> frozenset[str]:
    """Return each single word of the file, in small letters."""
    phrases = [*all_synonyms(), *(word for words in all_synonyms().values() for word in words)]
    return frozenset(word for phrase in phrases for word in phrase.casefold().split())
