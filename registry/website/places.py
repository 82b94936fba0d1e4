"""Build the pages of places: wards, cities and regions; no commitment counts twice in one."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from registry.models import ListedCommitment, ListedSuccess, Record
from registry.models.listing import LATE_TAGS
from registry.open_data.counts import count_each
from registry.open_data.figures import Figures, kept_figures
from registry.reference_data import places, postcodes
from registry.schema.code_lists import Delivery
from registry.website import maps, rows
from registry.website.charts.outcomes import OutcomeBar, outcome_bar
from registry.website.commitment_totals import build_totals, delivery_summary
from registry.website.success_cards import success_cards
from registry.wording.formatting import count_noun, join_list

ROWS = 10
SUCCESSES = 5
LARGEST = 6  # of the parts of a place, beside its map
OF_PARTS = 5  # commitments on the page of a place with parts, whose own pages have more
# Left out of the names of wider places: readers of a ward's page do not need it.
ENGLAND = "E92000001"
# The counts a map can show for each ward.
MAP_LAYERS = {"promised": "Promised", "met": "Met", "behind": "Updates not received"}
PLACED = "placed:true"  # The tag of all commitments that say where.
MET = f"delivery:{Delivery.MET}"


@dataclass(frozen=True)
class PlaceCount:
    """How many commitments name a place, and how many of them are met, and late."""

    all: int
    met: int
    late: int


@dataclass(frozen=True)
class Neighbour:
    code: str
    name: str
    count: str  # "8 commitments: 2 met, 1 update not received"
    is_current: bool


PlaceCounts = dict[str, PlaceCount]  # By code of the place.


def place_list_context(today: date, show: str = "") -> dict[str, Any]:
    """Return all places from cities up, each with its number of commitments. Four queries."""
    counts = _count_places(places.all_places(), today)
    placed = count_each([""], [PLACED], today)[""]
    tops = [place for place in places.all_places().values() if not places.get_place(place.parent)]
    regions = [region for top in tops for region in _region_contexts(top, counts, show)]
    return {
        "regions": regions[::-1],
        "placed": count_noun(placed[PLACED], "commitment"),
        "today": today,
    }


def find_places(text: str) -> dict[str, Any]:
    """Return the places that match a name or a postcode, and a sentence on the result.

    One query, or two for a postcode.
    """
    if postcode := postcodes.normalise_postcode(text):
        ward = postcodes.ward_of(postcode)
        matches, postcode_text = ([ward] if ward else []), postcodes.format_postcode(postcode)
        if ward:
            sentence = f"{postcode_text} is in {ward.name}."
        elif postcodes.are_loaded():
            sentence = f"{postcode_text} is in none of the wards that this register lists."
        else:
            sentence = (
                "This register has no list of postcodes yet, so it cannot tell the "
                f"ward of {postcode_text}. Please choose the ward by its name."
            )
        return {"found": matches, "sentence": sentence}
    matches = places.find_places(text)
    sentence = (
        f"{count_noun(len(matches), 'place')} found."
        if matches
        else "No place is called so. Try a part of the name, or choose from the list below."
    )
    return {"found": matches, "sentence": sentence}


def place_context(code: str, today: date, show: str = "") -> dict[str, Any] | None:
    """Return the page of a place, or None for an unknown code. Twelve queries."""
    place = places.get_place(code)
    if place is None:
        return None
    parts = [part for part in places.all_places().values() if part.parent == code]
    most = OF_PARTS if parts else ROWS
    figures = kept_figures(f"area:{code}", today)
    wider_places = _wider_places(place)
    wider_codes = {wider.code for wider in wider_places}
    newest = rows.newest_records(figures.listed, most + 1, today)
    wider_commitments = (
        ListedCommitment.objects.readable()
        .filter(tags__overlap=[f"place:{wider}" for wider in wider_codes])
        .exclude(tags__contains=[f"area:{code}"])
    )
    newest_wider = rows.newest_records(wider_commitments, most, today)
    here = ListedSuccess.objects.live().filter(tags__contains=[f"area:{code}"])
    success_keys = here.order_by("-first_entry").values_list("key", flat=True)[: SUCCESSES + 1]
    found = Record.objects.in_bulk(list(success_keys))
    successes = sorted(found.values(), key=attrgetter("first_entry"), reverse=True)
    names = rows.record_names(
        key for row in (*newest, *newest_wider, *successes) for key in (row.signatory, row.theme)
    )
    return {
        "code": code,
        "name": place.name,
        "level": places.LEVELS[place.level],
        "above": wider_places,
        "sentence": delivery_summary(figures, today),
        "outcomes": _outcomes(code, figures),
        "totals": build_totals(figures),
        "commitments": [rows.commitment_row(row, names, today) for row in newest[:most]],
        "more": len(newest) > most,
        "wider": [rows.commitment_row(row, names, today) for row in newest_wider],
        "wider_names": join_list([wider.name for wider in wider_places if wider.code != ENGLAND]),
        "successes": success_cards(successes[:SUCCESSES], today),
        "more_successes": len(successes) > SUCCESSES,
        "neighbours": _neighbours(place, today),
        "map": maps.count_map(place.parent, {}, current=code),
        "has_parts": bool(parts),
        **(_parts_context(place, parts, _part_counts(parts, today), show) if parts else {}),
    }


def _outcomes(code: str, figures: Figures) -> OutcomeBar | None:
    if not figures.total:
        return None
    path = reverse("website:commitments")

    def address(outcome: str) -> str:
        return f"{path}?{urlencode({'area': code, 'counted_as': outcome})}"

    return outcome_bar(figures.values_of("counted_as"), address)


def _part_counts(parts: list[places.Place], today: date) -> PlaceCounts:
    return _count_places((part.code for part in parts), today)


def _count_places(codes: Iterable[str], today: date) -> PlaceCounts:
    """Return the numbers of commitments in places. Two queries."""
    counts = count_each([f"area:{code}" for code in codes], ["", MET, *LATE_TAGS], today)
    return {
        tag.removeprefix("area:"): PlaceCount(
            number[""], number[MET], sum(number[late] for late in LATE_TAGS)
        )
        for tag, number in counts.items()
    }


def _neighbours(place: places.Place, today: date) -> list[Neighbour]:
    """Return a ward and those beside it, by name, with their numbers. Two queries."""
    beside = places.neighbouring_wards(place.code)
    if not beside:
        return []
    wards = sorted([place, *beside], key=lambda ward: ward.name)
    counts = _count_places((ward.code for ward in wards), today)
    return [
        Neighbour(ward.code, ward.name, _count_text(counts[ward.code]), ward == place)
        for ward in wards
    ]


def _count_text(count: PlaceCount) -> str:
    if not count.all:
        return "No commitments yet"
    parts = [f"{count.met:,} met" if count.met else "none met yet"]
    if count.late:
        parts.append(f"{count_noun(count.late, 'update')} not received")
    return f"{count_noun(count.all, 'commitment')}: {', '.join(parts)}"


def _wider_places(place: places.Place) -> list[places.Place]:
    """Return the places that contain a place, the nearest first."""
    parent = places.get_place(place.parent)
    return [parent, *_wider_places(parent)] if parent else []


def _region_contexts(
    place: places.Place, counts: PlaceCounts, show: str
) -> Iterable[dict[str, Any]]:
    """Yield a place with parts, its parts as rows, and then the same for each of its parts."""
    parts = [part for part in places.all_places().values() if part.parent == place.code]
    if not parts:
        return
    yield {
        "code": place.code,
        "name": place.name,
        **_parts_context(place, parts, counts, show),
    }
    for part in parts:
        yield from _region_contexts(part, counts, show)


def _parts_context(
    place: places.Place, parts: list[places.Place], counts: PlaceCounts, show: str
) -> dict[str, Any]:
    """Return the parts of a place with commitments as rows, the others by name, and a map."""
    committed = Counter({part.code: counts[part.code].all for part in parts})
    late = Counter({part.code: counts[part.code].late for part in parts})
    met = Counter({part.code: counts[part.code].met for part in parts})
    layers = {"promised": committed, "met": met, "behind": late}
    show = show or "promised"
    others = [part for part in parts if not committed[part.code]]
    part_rows = _part_rows(parts, counts)
    return {
        "rows": part_rows,
        "largest": sorted(part_rows, key=lambda row: -committed[row["code"]])[:LARGEST],
        "others": sorted(others, key=lambda part: part.name),
        "show": show,
        "shows": MAP_LAYERS.items(),
        "parts_map": maps.count_map(place.code, layers[show]),
    }


def _part_rows(parts: list[places.Place], counts: PlaceCounts) -> list[dict[str, Any]]:
    """Return the places with commitments, by name, with their numbers of all, met and late ones."""
    highest = max((counts[part.code].all for part in parts), default=0)
    return [
        {
            "code": part.code,
            "name": part.name,
            "committed": count_noun(count.all, "commitment"),
            "met": f"{count.met:,} met" if count.met else "none met yet",
            "share": count.all * 100 // highest,
            "met_share": count.met * 100 // highest,
            "late": f"{count.late} of {count.all} not heard from in time" if count.late else "",
            "late_share": count.late * 100 // highest,
        }
        for part in sorted(parts, key=lambda part: part.name)
        if (count := counts[part.code]).all
    ]
