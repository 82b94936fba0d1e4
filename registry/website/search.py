"""Build the page of a search over all kinds of records, grouped, best first."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from registry.models import Record
from registry.open_data.filters import LONGEST_QUERY
from registry.open_data.search import POINTS, possible_keys, suggest_words
from registry.open_data.search_everywhere import Matches, Results, search_everywhere
from registry.reference_data import places, postcodes
from registry.schema.kinds import SEARCHED_KINDS
from registry.website import parameters
from registry.website.search_rows import ResultRows
from registry.wording.formatting import count_noun, join_list, quote, quote_words
from registry.wording.glossary import OurWord, find_our_word

# Groups that fit as well are in this order: updates last, since they are about a commitment.
KINDS = sorted(SEARCHED_KINDS, key="update".__eq__)
ORDER = ["place", *KINDS]
ROWS, COMMITMENTS = 3, 5  # of each kind, shown together
PLURALS = {"signatory": "signatories", "success": "successes"}
# Kinds of which all results are on a page of this search: their lists have none.
SHOWN = {"measures": "measure", "updates": "update"}
ALL_ROWS = 50
# How well places fit, in steps of `RELEVANCE`.
STEPS = {places.Fit.CALLED: 5, places.Fit.BEGINS: 4, places.Fit.HAS: 1, places.Fit.NAMED: 9}


@dataclass(frozen=True)
class Group:
    """The best records of a kind; `all_url` is "" where these are all."""

    kind: str
    title: str
    rows: list[Any]
    number: str  # "14", or "2,000+"
    count: str  # "14 commitments", or "at least 2,000 commitments"
    all_url: str


@dataclass(frozen=True)
class SearchPage:
    """What a search found, in groups of records with all words, and of records with some."""

    text: str
    sentence: str
    groups: list[Group]
    groups_with_some: list[Group]
    unknown: str  # Words that stand nowhere, quoted.
    others: str  # Words that were tried beside the typed ones, quoted.
    exact_url: str
    our_word: OurWord | None
    # Where to go on from a search without result.
    suggestions: list[tuple[str, str]]
    themes: list[tuple[str, str]]


def search_text(query: QueryDict) -> str:
    return " ".join(query.get("q", "").split())[:LONGEST_QUERY]


def find_address(text: str) -> str:
    """Return the page that a text names by itself, or "": by a code, a postcode or a key.

    One query for what may be a key.
    """
    if places.get_place(text.upper()):
        return reverse("website:place", args=[text.upper()])
    if postcode := postcodes.normalise_postcode(text):
        return f"{reverse('website:places')}?{urlencode({'q': postcode})}"
    candidates = possible_keys(text)
    found = list(Record.objects.filter(key__in=candidates)[:2]) if candidates else []
    return reverse("website:identifier", args=[found[0].key]) if len(found) == 1 else ""


def build_search_page(query: QueryDict, today: date) -> SearchPage:
    """Return what a search found. Eight queries; few or no results take up to nine more."""
    text = search_text(query)
    shown = parameters.chosen_option(query, "show", SHOWN)
    sizes = dict.fromkeys(KINDS, ROWS) | {"commitment": COMMITMENTS}
    results = search_everywhere(text, {SHOWN[shown]: ALL_ROWS} if shown else sizes)
    results = results if shown else _with_places(results)
    rows = ResultRows.read([results.with_all, results.with_some], results.search, today)
    groups = _groups(results.with_all, rows, text)
    groups_with_some = [] if shown else _groups(results.with_some, rows, "")
    is_empty = bool(text) and not groups and not groups_with_some
    return SearchPage(
        text=text,
        sentence=_sentence(text, groups, groups_with_some),
        groups=groups,
        groups_with_some=groups_with_some,
        unknown=quote_words(results.unknown),
        others=quote_words(results.search.others),
        exact_url=search_url('"{}"'.format(text.replace('"', ""))) if results.search.others else "",
        our_word=find_our_word(text),
        suggestions=[(w, search_url(w)) for w in suggest_words(results.search)] if is_empty else [],
        themes=_all_themes() if is_empty else [],
    )


def search_url(text: str, **more: str) -> str:
    return f"{reverse('website:search')}?{urlencode({'q': text, **more})}"


def _with_places(results: Results) -> Results:
    """Return results with the places that the words name, or else those that are among them."""
    terms = results.search.terms
    words = " ".join((term.others or (term.typed,))[0] if term.typed in results.unknown
                     else term.typed for term in terms)  # fmt: skip
    fit, found = places.match_places(words)
    codes = [place.code for place in found]
    if not codes:
        return results
    found_places = {"place": Matches(codes[:ROWS], STEPS[fit] * POINTS, len(codes))}
    if fit == places.Fit.NAMED:
        return replace(results, with_some=found_places | results.with_some)
    return replace(results, with_all=found_places | results.with_all)


def _groups(found: Mapping[str, Matches], rows: ResultRows, text: str) -> list[Group]:
    """Return records found as groups, those first of which the best one fits best.

    Without a text, they have only some of its words: they differ by rank, and have no list.
    """
    step = POINTS if text else 1
    kinds = sorted(found, key=lambda kind: (-(found[kind].relevance // step), ORDER.index(kind)))
    return [
        Group(
            kind=kind,
            title=_plural(kind).capitalize(),
            rows=[rows.row_of(kind, key) for key in found[kind].keys],
            number=_number_text(found[kind]),
            count=_count_text(kind, found[kind]),
            all_url=_all_url(kind, text) if text and found[kind].has_more else "",
        )
        for kind in kinds
    ]


def _all_url(kind: str, text: str) -> str:
    plural = _plural(kind)
    if plural in SHOWN:
        return search_url(text, show=plural)
    # Themes are so few that all are shown.
    return f"{reverse(f'website:{plural}')}?{urlencode({'q': text})}" if kind != "theme" else ""


def _plural(kind: str) -> str:
    return PLURALS.get(kind, f"{kind}s")


def _number_text(matches: Matches) -> str:
    return f"{matches.number:,}{'+' if matches.is_partial else ''}"


def _count_text(kind: str, matches: Matches) -> str:
    count = count_noun(matches.number, kind, _plural(kind))
    return f"at least {count}" if matches.is_partial else count


def _sentence(text: str, groups: list[Group], groups_with_some: list[Group]) -> str:
    """Return "14 commitments and 3 measures found for “apprentices”", or what else was found."""
    counts = join_list([group.count for group in groups])
    some = join_list([group.count for group in groups_with_some])
    if not text:
        return ""
    if some and not counts:
        return f"Nothing found with all of the words {quote(text)}. With some of them: {some}."
    counts = f"{counts[0].upper()}{counts[1:]}" if counts else "Nothing"
    return f"{counts} found for {quote(text)}.{f' With some of the words: {some}.' if some else ''}"


def _all_themes() -> list[tuple[str, str]]:
    """Return the names and addresses of themes in the order of the charter. One query."""
    themes = Record.objects.of_kind("theme").live().order_by("item__position")
    return [
        (name or key, reverse("website:theme", args=[key]))
        for key, name in themes.values_list("key", "name")
    ]
