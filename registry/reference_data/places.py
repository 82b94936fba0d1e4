"""Places with their GSS codes, read from files instead of tables.

They are wards, constituencies, the city, its neighbours and the combined authority.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import IntEnum
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent

Point = tuple[float, float]  # longitude and latitude in degrees
Ring = tuple[Point, ...]

# Typed with names, and no part of them.
LEVEL_WORDS = {"ward", "city", "borough", "constituency", "of", "council"}
SIMILAR = 0.8  # how like a word of a name a mistyped one has to be
SPELLINGS = {"saint": "st"}

LEVELS = {
    "ward": "Ward",
    "constituency": "Constituency",
    "district": "City or borough",
    "combined_authority": "Combined authority",
    "country": "Country",
}


@dataclass(frozen=True)
class Place:
    """A place; `parent` is the code of the larger place around it, empty at the top."""

    code: str
    name: str
    level: str
    parent: str


@cache
def all_places() -> dict[str, Place]:
    """Return every place by its code, wards first."""
    with (FOLDER / "places.csv").open(newline="", encoding="utf-8") as file:
        return {row["code"]: Place(**row) for row in csv.DictReader(file)}


def get_place(code: str) -> Place | None:
    return all_places().get(code)


def place_name(code: str) -> str:
    """Return a place's name, or the code itself for an unknown place."""
    place = get_place(code)
    return place.name if place else code


def codes_within(code: str) -> list[str]:
    """Return the codes of a place and of all its parts, the place first."""
    codes = [code]
    for part in all_places().values():
        if part.parent == code:
            codes += codes_within(part.code)
    return codes


class Fit(IntEnum):
    """How a text names places, the best first."""

    CALLED = 1
    BEGINS = 2
    HAS = 3  # The words are somewhere in the name.
    NAMED = 4  # The name is somewhere in the text.


def find_places(text: str) -> list[Place]:
    """Return the places whose names match every word of a text, the best first."""
    fit, found = match_places(text)
    return found if fit != Fit.NAMED else []


def match_places(text: str) -> tuple[Fit, list[Place]]:
    """Return the places whose names match every word of a text, the best first, and how that fits.

    A word matches at the beginning of any word of the name. If none does, words such as "ward" are
    left out, then typing errors are corrected, and then the names that stand in the text are found.
    """
    words = _split_name(text)
    short = [word for word in words if word not in LEVEL_WORDS]
    for tried in (words, short, _corrected(short)):
        if found := _with_words(tried):
            return _fit(tried, found[0]), found
    padded = f" {' '.join(words)} "
    named = (p for p in all_places().values() if f" {' '.join(_split_name(p.name))} " in padded)
    return Fit.NAMED, list(named)


def _with_words(words: list[str]) -> list[Place]:
    """Return the places with all of some words in their names, wards first among those as good."""
    names = {place: _split_name(place.name) for place in all_places().values() if words}
    matches = [
        place
        for place, name in names.items()
        if all(any(part.startswith(word) for part in name) for word in words)
    ]
    return sorted(matches, key=lambda place: _fit(words, place))


def _fit(words: list[str], place: Place) -> Fit:
    name = _split_name(place.name)
    if name == words:
        return Fit.CALLED
    return Fit.BEGINS if name[: len(words)] == words else Fit.HAS


def _corrected(words: list[str]) -> list[str]:
    """Return words with those that no place has replaced by the most similar one."""
    known = {part for place in all_places().values() for part in _split_name(place.name)}
    similar = (get_close_matches(word, sorted(known), 1, SIMILAR) or [word] for word in words)
    return [word for (word,) in similar]


@cache
def ward_boundaries() -> dict[str, Ring]:
    """Return the known boundaries of wards, by code."""
    with (FOLDER / "ward_boundaries.csv").open(newline="", encoding="utf-8") as file:
        return {row["code"]: _parse_ring(row["boundary"]) for row in csv.DictReader(file)}


def neighbouring_wards(code: str) -> list[Place]:
    """Return the wards that share a part of their boundary with a ward, ordered by name."""
    neighbours = {other for other in _neighbour_codes().get(code, ()) if other in all_places()}
    return sorted((all_places()[other] for other in neighbours), key=lambda place: place.name)


@cache
def _neighbour_codes() -> dict[str, set[str]]:
    """Return the codes of each ward's neighbours.

    All rings run the same way, so a line from a to b in one ward runs from b to a in its neighbour.
    """
    lines = {line: code for code, ring in ward_boundaries().items() for line in lines_of(ring)}
    neighbours: dict[str, set[str]] = {}
    for (start, end), code in lines.items():
        if other := lines.get((end, start)):
            neighbours.setdefault(code, set()).add(other)
    return neighbours


def lines_of(ring: Ring) -> Iterator[tuple[Point, Point]]:
    """Yield the lines of a ring; the last one returns to the first point."""
    return zip(ring, (*ring[1:], ring[0]), strict=True)


def _parse_ring(text: str) -> Ring:
    numbers = [float(number) for number in text.split()]
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


def _split_name(name: str) -> list[str]:
    """Return a name's words as people type them: ["kings", "heath"] for "King's Heath"."""
    words = re.findall(r"[a-z0-9]+", re.sub(r"['’]", "", name.casefold()).replace("&", "and"))
    return [SPELLINGS.get(word, word) for word in words]


def wards() -> list[tuple[str, str]]:
    """Return the wards by name, as a form's choices."""
    found = [place for place in all_places().values() if place.level == "ward"]
    return [(ward.code, ward.name) for ward in sorted(found, key=lambda ward: ward.name)]


def grouped_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the places grouped by level, as a form's choices."""
    return [
        (
            label,
            [(place.code, place.name) for place in all_places().values() if place.level == level],
        )
        for level, label in LEVELS.items()
    ]
