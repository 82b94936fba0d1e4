"""Places with their GSS codes: wards, constituencies, the city, its neighbours, the combined
authority. Data, not a table.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent

Point = tuple[float, float]  # longitude and latitude in degrees
Ring = tuple[Point, ...]

LEVELS = {
    "ward": "Ward",
    "constituency": "Constituency",
    "district": "City or borough",
    "combined_authority": "Combined authority",
    "country": "Country",
}


@dataclass(frozen=True)
class Place:
    """A place; `parent` is the code of the place that it is part of, empty at the top."""

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
    """Return a place's name, or the code itself for a place that we do not list."""
    place = get_place(code)
    return place.name if place else code


def codes_within(code: str) -> list[str]:
    """Return the codes of a place and of everything that is part of it."""
    codes = [code]
    for part in all_places().values():
        if part.parent == code:
            codes += codes_within(part.code)
    return codes


def find_places(text: str) -> list[Place]:
    """Return the places in whose names some words stand or begin, those called just so first."""
    wanted = _split_name(text)
    found = [
        place
        for place in all_places().values()
        if wanted
        and all(any(part.startswith(word) for part in _split_name(place.name)) for word in wanted)
    ]
    return sorted(found, key=lambda place: (_split_name(place.name) != wanted, place.name))


@cache
def ward_boundaries() -> dict[str, Ring]:
    """Return the boundary of each ward that we have one of, by its code."""
    with (FOLDER / "ward_boundaries.csv").open(newline="", encoding="utf-8") as file:
        return {row["code"]: _parse_ring(row["boundary"]) for row in csv.DictReader(file)}


def neighbouring_wards(code: str) -> list[Place]:
    """Return the wards that share a part of their boundary with a ward, by name."""
    beside = {other for other in _shared_lines().get(code, ()) if other in all_places()}
    return sorted((all_places()[other] for other in beside), key=lambda place: place.name)


@cache
def _shared_lines() -> dict[str, set[str]]:
    """Return the wards beside each ward: a line that one has from a to b, the other has from b to
    a.
    """
    lines = {line: code for code, ring in ward_boundaries().items() for line in lines_of(ring)}
    beside: dict[str, set[str]] = {}
    for (start, end), code in lines.items():
        if other := lines.get((end, start)):
            beside.setdefault(code, set()).add(other)
    return beside


def lines_of(ring: Ring) -> Iterator[tuple[Point, Point]]:
    """Yield the lines of a ring, the last of which leads back to its first point."""
    return zip(ring, (*ring[1:], ring[0]), strict=True)


def _parse_ring(text: str) -> Ring:
    numbers = [float(number) for number in text.split()]
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


def _split_name(name: str) -> list[str]:
    """Return the words of a name as people type them: "kings", "heath" for "King's Heath"."""
    return re.findall(r"[a-z0-9]+", re.sub(r"['’]", "", name.casefold()).replace("&", "and"))


def grouped_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the places grouped by level, as a form's choices."""
    return [
        (
            label,
            [(place.code, place.name) for place in all_places().values() if place.level == level],
        )
        for level, label in LEVELS.items()
    ]
