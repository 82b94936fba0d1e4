"""Search the records of all kinds at once: how many of each kind match, and which fit best."""

from dataclasses import dataclass, field, replace

from registry.log.search_vectors import CONFIG
from registry.models.searched_records import KINDS, OWN_TABLES
from registry.open_data.search import (
    RELEVANCE,
    TABLE,
    correct_terms,
    partial_relevance,
    read_rows,
    relevance_values,
)
from registry.open_data.search_terms import SearchText, parse_search

MOST_MATCHES = 2000  # of a kind: the newest are counted and compared
FEW = 5  # records with all words: then those with some are found as well
CONDITIONS = {"commitment": "status <> 'redacted'", "success": "status = 'live'"}


@dataclass(frozen=True)
class Matches:
    """The best records of a kind, how well the first one fits, and how many there are."""

    keys: list[str]
    relevance: int
    number: int

    @property
    def is_partial(self) -> bool:
        """Return whether there may be more than were counted."""
        return self.number == MOST_MATCHES

    @property
    def has_more(self) -> bool:
        return self.number > len(self.keys)


@dataclass(frozen=True)
class Results:
    """What a search found, by kind: records with all of its words, and with some of them."""

    search: SearchText
    unknown: tuple[str, ...] = ()  # Words that stand nowhere; others were tried for them.
    with_all: dict[str, Matches] = field(default_factory=dict)
    with_some: dict[str, Matches] = field(default_factory=dict)


def search_everywhere(text: str, sizes: dict[str, int]) -> Results:
    """Return the best records of some kinds, as many of each as `sizes` says.

    Typing errors are corrected if nothing has all words. One query; three for few or no matches,
    and one for each mistyped word.
    """
    results = Results(parse_search(text))
    if not results.search.terms:
        return results
    results = _with_all(results, sizes)
    if not results.with_all and (corrected := correct_terms(results.search)):
        unknown = {term.typed for term in results.search.terms} - {
            term.typed
            for term, other in zip(results.search.terms, corrected.terms, strict=True)
            if term == other
        }
        results = _with_all(Results(corrected, tuple(unknown)), sizes)
    if len(results.search.terms) > 1 and _count(results.with_all) < FEW:
        score, values = partial_relevance(results.search)
        some = _find(results.search.any_term(), sizes, score, values)
        results = replace(results, with_some=_without(some, results.with_all))
    return results


def _with_all(results: Results, sizes: dict[str, int]) -> Results:
    values = relevance_values(results.search)
    found = _find(results.search.all_terms(), sizes, RELEVANCE, values)
    return replace(results, with_all=found)


def _find(query: str, sizes: dict[str, int], score: str, values: list[str]) -> dict[str, Matches]:
    """Return what has the words of a query, the best by a score in SQL with its values."""
    statement = " UNION ALL ".join(_best_of(kind, score) for kind in sizes)
    parameters = [each for size in sizes.values() for each in (*values, query, size)]
    found: dict[str, Matches] = {}
    for kind, key, relevance, number in read_rows(statement, parameters):
        matches = found.setdefault(kind, Matches([], relevance, number))
        matches.keys.append(key)
    return found


def _best_of(kind: str, score: str) -> str:
    table = OWN_TABLES.get(kind, TABLE)
    condition = f"kind = '{kind}'" if kind in KINDS else CONDITIONS[kind]
    return f"""(
        SELECT '{kind}', key, score, number FROM (
            SELECT key, first_entry, {score} AS score, count(*) OVER () AS number
            FROM (
                SELECT key, first_entry, name, search FROM {table}
                WHERE {condition} AND search @@ to_tsquery('{CONFIG}', %s)
                ORDER BY first_entry DESC LIMIT {MOST_MATCHES}
            ) AS newest
        ) AS scored ORDER BY score DESC, first_entry DESC LIMIT %s
    )"""  # noqa: S608 - no part of it is user input


def _count(found: dict[str, Matches]) -> int:
    return sum(matches.number for matches in found.values())


def _without(found: dict[str, Matches], better: dict[str, Matches]) -> dict[str, Matches]:
    """Return matches without better ones, all of which are few and among them."""
    left: dict[str, Matches] = {}
    for kind, matches in found.items():
        known = better.get(kind, Matches([], 0, 0))
        keys = [key for key in matches.keys if key not in known.keys]
        if keys:
            left[kind] = Matches(keys, matches.relevance, matches.number - known.number)
    return left
