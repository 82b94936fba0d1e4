"""Search by words: of commitments and successes in the rows of lists, of others in their own."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.lookups import TrigramWordSimilar
from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Upper

from registry.log import keys
from registry.models import Record
from registry.reference_data import places

MOST_SIGNATORIES = 200  # whose names match a search
MOST_FOUND = 2000  # signatories, where these are searched


def search_listed(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Return the listed commitments or successes that match a search text.

    One matches by its own words, its signatory's, its place's name or its key. If none does, titles
    and names of signatories with typing errors are tried. Two queries, none for a key.
    """
    key = keys.normalise_key(text.strip())
    if keys.is_key(key):
        return rows.filter(key=key)
    words = _words_match(text)
    if named := _places_called(text):
        words |= Q(tags__overlap=[f"place:{code}" for code in named])
    matches = rows.filter(words)
    if matches.exists():
        return matches
    signatories = Record.objects.of_kind("signatory").filter(_similar_name(text))
    signatory_keys = list(signatories.values_list("key", flat=True)[:MOST_SIGNATORIES])
    return rows.filter(_similar_name(text) | Q(signatory__in=signatory_keys))


def search_condition(text: str) -> Q:
    """Return the condition that a record matches a search text.

    A record matches by its own words, its signatory's, its place's name or its key. Signatories are
    looked up first, so that the condition itself needs no other row. One query, none for a key.
    """
    if keys.is_key(keys.normalise_key(text.strip())):
        return Q(key=keys.normalise_key(text.strip()))
    condition = _words_match(text) | _similar_name(text)
    signatories = Record.objects.of_kind("signatory").filter(condition)
    signatory_keys = list(signatories.values_list("key", flat=True)[:MOST_SIGNATORIES])
    condition |= Q(signatory__in=signatory_keys)
    place_codes = _places_called(text)
    return condition | places_condition(place_codes) if place_codes else condition


def signatory_condition(text: str) -> Q:
    """Return the condition that a signatory has a name, perhaps with typing errors, or a key."""
    key = keys.normalise_key(text.strip())
    return Q(key=key) if keys.is_key(key) else _words_match(text) | _similar_name(text)


def find_signatories(text: str) -> list[str]:
    """Return the keys of signatories that match by their words, place or key. One query."""
    condition = signatory_condition(text)
    if codes := _places_called(text):
        condition |= places_condition(codes)
    found = Record.objects.of_kind("signatory").readable().filter(condition)
    return list(found.values_list("key", flat=True)[:MOST_FOUND])


def places_condition(codes: Iterable[str]) -> Q:
    """Return the condition that an item names any of some places."""
    condition = Q()
    for code in sorted(codes):
        condition |= Q(item__contains={"area_codes": [code]})
    return condition


def _words_match(text: str) -> Q:
    return Q(search=SearchQuery(text, config="english", search_type="websearch"))


def _similar_name(text: str) -> Q:
    """Return the condition that a name is as this text, with typing errors."""
    # In capitals, as in the index.
    return Q(TrigramWordSimilar(Upper("name"), Value(text.upper())))


def _places_called(text: str) -> list[str]:
    return [
        place.code
        for place in places.all_places().values()
        if place.name.casefold() == text.strip().casefold()
    ]
