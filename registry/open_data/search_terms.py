"""What a search text means: its words, and the words that are tried beside them."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from registry.reference_data.synonyms import LONGEST_PHRASE, all_synonyms, fold

MOST_TERMS = 12
PART = re.compile(r'(-?)(?:"([^"]*)"?|([^\s"]+))')
# What stands around a word is not part of it.
EDGES = re.compile(r"^[\W_]+|[\W_]+$")
# Weights of `search_vectors.py`.
NAMES = "A"


@dataclass(frozen=True)
class Term:
    """A word or phrase of a search, and others that do as well.

    `is_exact` says that its words follow each other, as in the text, and nothing else will do.
    """

    typed: str
    others: tuple[str, ...] = ()
    is_exact: bool = False

    def as_query(self, weight: str = "", *, is_typed: bool = False) -> str:
        """Return it as a query of PostgreSQL; `is_typed` leaves the others out."""
        words = [self.typed] if self.is_exact else self.typed.split()
        typed = " & ".join(_quote(word, weight) for word in words)
        others = () if is_typed else (_quote(other, weight) for other in self.others)
        return f"({' | '.join([f'({typed})', *others])})"


@dataclass(frozen=True)
class SearchText:
    """A search text as terms, all of which are wanted, and words that must not be there."""

    text: str
    terms: tuple[Term, ...]
    excluded: tuple[str, ...] = ()

    def all_terms(self, weight: str = "", *, is_typed: bool = False) -> str:
        """Return the query of PostgreSQL for rows with all terms, in words of a weight."""
        found = " & ".join(term.as_query(weight, is_typed=is_typed) for term in self.terms)
        return self._without_excluded(found)

    def any_term(self) -> str:
        """Return the query for rows with any term."""
        return self._without_excluded(f"({' | '.join(term.as_query() for term in self.terms)})")

    def _without_excluded(self, query: str) -> str:
        return " & ".join([query, *(f"!({_quote(word, '')})" for word in self.excluded)])

    @property
    def others(self) -> list[str]:
        """Return all words that are tried beside the typed ones."""
        return list(dict.fromkeys(other for term in self.terms for other in term.others))

    def corrected(self, corrections: Mapping[str, Iterable[str]]) -> "SearchText":
        """Return the same with other words for some terms, and with what means the same."""
        terms = [
            replace(term, others=_with_synonyms(corrections[term.typed]))
            if term.typed in corrections
            else term
            for term in self.terms
        ]
        return replace(self, terms=tuple(terms))


def parse_search(text: str) -> SearchText:
    """Return what a text asks for.

    Quotation marks keep words together, OR allows either of two, and a hyphen before a word leaves
    out what has it, unless there is nothing else to look for.
    """
    plain = strip_accents(text)
    parts = [(bool(minus), quoted, word) for minus, quoted, word in PART.findall(plain)]
    wanted = [part for part in parts if not part[0]]
    excluded = [_trim(quoted or word) for minus, quoted, word in parts if minus]
    if not any(_trim(quoted or word) for _, quoted, word in wanted):
        wanted, excluded = [(False, quoted, word) for _, quoted, word in parts], []
    terms = list(_terms_of(wanted))[:MOST_TERMS]
    return SearchText(text.strip(), tuple(terms), tuple(filter(None, excluded))[:MOST_TERMS])


def _terms_of(parts: list[tuple[bool, str, str]]) -> Iterable[Term]:
    """Return the terms of some parts of a text, quoted ones as they are."""
    terms: list[Term] = []
    words: list[str] = []
    is_either = False
    for _, quoted, word in [*parts, (False, "", "")]:
        if word == "OR":
            is_either = bool(terms or words)
            continue
        if word and not is_either:
            words += filter(None, [_trim(word)])
            continue
        terms += _join_phrases(words)
        words = []
        text = _trim(quoted or word)
        if is_either and text and terms:
            terms[-1] = replace(terms[-1], others=(*terms[-1].others, text))
        elif text:
            terms.append(Term(text, is_exact=True))
        is_either = False
    return terms


def _join_phrases(words: list[str]) -> list[Term]:
    """Return words as terms; those that together mean the same as others are one term."""
    terms, start = [], 0
    while start < len(words):
        for length in range(min(LONGEST_PHRASE, len(words) - start), 0, -1):
            phrase = " ".join(words[start : start + length])
            if length == 1 or fold(phrase) in all_synonyms():
                terms.append(Term(phrase, all_synonyms().get(fold(phrase), ())))
                start += length
                break
    return terms


def _with_synonyms(words: Iterable[str]) -> tuple[str, ...]:
    found = [other for word in words for other in (word, *all_synonyms().get(fold(word), ()))]
    return tuple(dict.fromkeys(found))


def strip_accents(text: str) -> str:
    """Return a text as `unaccent` has it: é is e, and typographic marks are plain ones."""
    parts = unicodedata.normalize("NFKD", text.replace("’", "'").replace("ß", "ss"))
    return "".join(character for character in parts if not unicodedata.combining(character))


def _trim(word: str) -> str:
    return EDGES.sub("", word)


def _quote(text: str, weight: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'{':' if weight else ''}{weight}"
