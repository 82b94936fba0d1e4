"""Places with their GSS codes: wards, constituencies, the city, its neighbours, the combined
authority. Data, not a table.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

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
    with (Path(__file__).parent / "codelists" / "places.csv").open(
        newline="", encoding="utf-8"
    ) as file:
        return {row["code"]: Place(**row) for row in csv.DictReader(file)}


def get(code: str) -> Place | None:
    return all_places().get(code)


def name(code: str) -> str:
    """Return a place's name, or the code itself for a place that we do not list."""
    place = get(code)
    return place.name if place else code


def within(code: str) -> list[str]:
    """Return the codes of a place and of everything that is part of it."""
    codes = [code]
    for part in all_places().values():
        if part.parent == code:
            codes += within(part.code)
    return codes


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the places grouped by level, as a form's choices."""
    return [
        (
            label,
            [(place.code, place.name) for place in all_places().values() if place.level == level],
        )
        for level, label in LEVELS.items()
    ]
