"""Search by words: of commitments and successes in the rows of lists, of others in their own.

Commitments, signatories and successes are searched by the same rules in their lists, in files, in
the API, and together on the search page.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db import connections, router
from django.db.models import IntegerField, Q, QuerySet
from django.db.models.expressions import RawSQL

from registry.log import keys
from registry.log.search_vectors import CONFIG
from registry.models import SearchedRecord
from registry.models.searched_records import KINDS, OWN_TABLES
from registry.open_data.search_terms import NAMES, SearchText, parse_search, strip_accents
from registry.reference_data import places, synonyms

# With a space for the hyphen, or without it and perhaps without the letter.
TABLE = SearchedRecord._meta.db_table
KEY = re.compile(rf"([{keys.LETTERS}])[\s-]([0-9A-TV-Z]{{5,8}})|[0-9A-TV-Z]{{5,9}}")
WORD = re.compile(r"[^\W_]{3,}")
# Of a mistyped word: names that have a similar one, and how similar these and it must be.
MOST_NAMES = 50
SIMILAR_NAME, SIMILAR, LIKE = "0.4", 0.72, 0.65
SHORTEST_PREFIX = 4
MOST_CORRECTED, MOST_BEGUN = 4, 3
TABLES = (TABLE, *OWN_TABLES.values())
QUERY = f"to_tsquery('{CONFIG}', %s)"
# Each condition has an index of its own.
KNOWN = " OR ".join(
    f"EXISTS (SELECT FROM {table} WHERE search @@ {QUERY}{condition})"  # noqa: S608 - our own names
    for table, condition in [
        *((table, "") for table in OWN_TABLES.values()),
        *((TABLE, f" AND kind = '{kind}'") for kind in KINDS),
    ]
)
UNKNOWN_TERM = f"SELECT %s WHERE numnode({QUERY}) > 0 AND NOT ({KNOWN})"
SIMILAR_NAMES = " UNION ALL ".join(
    f"(SELECT name FROM {table} WHERE upper(name) %%> %s LIMIT {MOST_NAMES})"  # noqa: S608
    for table in TABLES
)
POINTS = 1000
# How well a row fits, in steps of so many points: it is called so, or its name begins so; its names
# have all that was typed, or the same in other words; it has all that was typed elsewhere. Then by
# rank, words of names first, and shorter names before longer ones. Its values: `relevance_values`.
RANK = "(700 * ts_rank(ARRAY[0.02, 0.1, 0.4, 1]::real[], search, to_tsquery('english', %s)))::int"
RELEVANCE = f"""(
    CASE WHEN upper(%s) = ANY (string_to_array(upper(name), E'\\n')) THEN 5000
        WHEN strpos(E'\\n' || upper(name) || ' ', E'\\n' || upper(%s) || ' ') > 0 THEN 4000
        WHEN search @@ to_tsquery('english', %s) THEN 3000
        WHEN search @@ to_tsquery('english', %s) THEN 2000
        WHEN search @@ to_tsquery('english', %s) THEN 1000 ELSE 0 END
    + {RANK}
    + 299 - least(299, length(name) + coalesce(nullif(strpos(upper(name), upper(%s)), 0), 99)))"""


@dataclass(frozen=True)
class Found:
    """The rows that a search found, what it looked for, and whether the rows have all of that."""

    rows: QuerySet[Any]
    search: SearchText
    has_all: bool = True


def search_listed(rows: QuerySet[Any], text: str) -> Found:
    """Return the listed commitments or successes, or signatories, that match a search text.

    One with that key, or all with all words; if there is none, with typing errors corrected; if
    there is still none, those with any of the words. At most six queries, one for a key.
    """
    search = parse_search(text)
    if candidates := possible_keys(text):
        own = rows.filter(key__in=candidates)
        if keys.is_key(keys.normalise_key(text.strip())) or own.exists():
            return Found(own, search)
    if not search.terms:
        return Found(rows.none(), search)
    matches = rows.filter(_matches(search.all_terms()))
    if matches.exists():
        return Found(matches, search)
    if corrected := correct_terms(search):
        search = corrected
        matches = rows.filter(_matches(search.all_terms()))
        if matches.exists():
            return Found(matches, search)
    if len(search.terms) == 1:
        # A part of a word, or one as common as "more".
        return Found(rows.filter(name__icontains=search.text), search)
    return Found(rows.filter(_matches(search.any_term())), search, has_all=False)


def search_signatories(text: str) -> Found:
    """Return the signatories that match a search text, by the same rules."""
    return search_listed(SearchedRecord.objects.filter(kind="signatory"), text)


def possible_keys(text: str) -> list[str]:
    """Return the keys that a text may be: in any spelling, or without the letter of a kind."""
    typed = KEY.fullmatch(text.strip().upper())
    if typed is None:
        return []
    letter, rest = typed.groups()
    whole = typed[0]
    spellings = (
        [f"{letter}-{rest}"]
        if letter
        else [f"{whole[0]}-{whole[1:]}", *(f"{letter}-{whole}" for letter in keys.LETTERS)]
    )
    return list(filter(keys.is_key, map(keys.normalise_key, spellings)))


def relevance(search: SearchText) -> RawSQL:
    """Return how well a row fits a search, as a number: of a row with its name and vector."""
    return RawSQL(RELEVANCE, relevance_values(search), output_field=IntegerField())  # noqa: S611


def relevance_values(search: SearchText) -> list[str]:
    """Return the values that `RELEVANCE` names."""
    typed_names = search.all_terms(NAMES, is_typed=True)
    typed = search.all_terms(is_typed=True)
    names, text = search.all_terms(NAMES), search.text
    return [text, text, typed_names, names, typed, search.any_term(), text]


def partial_relevance(search: SearchText) -> tuple[str, list[str]]:
    """Return how well a row fits that may have some terms only, by their number, and its values."""
    terms = [term.as_query() for term in search.terms]
    has_term = f"{POINTS} * (search @@ to_tsquery('english', %s))::int"
    return " + ".join([has_term] * len(terms) + [RANK]), [*terms, search.any_term()]


def correct_terms(search: SearchText) -> SearchText | None:
    """Return a search with the words tried that terms found nowhere may be meant for, or None.

    Such words are in names, titles, places and synonyms. One query, and one for each such term.
    """
    corrections = {}
    for typed in _unknown_terms(search)[:MOST_CORRECTED]:
        if similar := _similar_words(typed, 1, SIMILAR):
            corrections[typed] = similar
    return search.corrected(corrections) if corrections else None


def places_condition(codes: Iterable[str]) -> Q:
    """Return the condition that an item names any of some places."""
    condition = Q()
    for code in sorted(codes):
        condition |= Q(item__contains={"area_codes": [code]})
    return condition


def suggest_words(search: SearchText) -> list[str]:
    """Return words of the register that look a little like those of a search without result."""
    words = [word for term in search.terms[:MOST_CORRECTED] for word in term.typed.split()]
    return list(dict.fromkeys(other for word in words for other in _similar_words(word, 3, LIKE)))


def _matches(query: str) -> Q:
    return Q(search=SearchQuery(query, config=CONFIG, search_type="raw"))


def _unknown_terms(search: SearchText) -> list[str]:
    terms = [term for term in search.terms if not term.is_exact]
    if not terms:
        return []
    statement = " UNION ALL ".join([UNKNOWN_TERM] * len(terms))
    number = UNKNOWN_TERM.count("%s") - 1
    values = [value for t in terms for value in [t.typed, *[t.as_query()] * number]]
    return [typed for (typed,) in read_rows(statement, values)]


def _similar_words(typed: str, most: int, likeness: float) -> list[str]:
    """Return the words that an unfinished one begins, or else those most like a mistyped one."""
    read_rows("SELECT set_config('pg_trgm.word_similarity_threshold', %s, false)", [SIMILAR_NAME])
    names = [name for (name,) in read_rows(SIMILAR_NAMES, [typed.upper()] * len(TABLES))]
    names += [place.name for place in places.all_places().values()]
    words = {word: word for word in sorted(synonyms.all_words())}
    words |= {word.casefold(): word for name in names for word in WORD.findall(strip_accents(name))}
    typed = typed.casefold()
    begun = [word for word in words if word.startswith(typed) and len(typed) >= SHORTEST_PREFIX]
    similar = begun[:MOST_BEGUN] or get_close_matches(typed, words, most, likeness)
    return [words[word] for word in similar]


def read_rows(statement: str, values: list[Any]) -> list[Any]:
    """Return the rows of a statement on the tables of searches."""
    with connections[router.db_for_read(SearchedRecord)].cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
