"""Build the pages of places: wards, cities and regions; no commitment counts twice in one."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.models import Record
from registry.open_data.search import places_condition
from registry.reference_data import places, postcodes
from registry.schema.code_lists import Reporting
from registry.website import maps, rows
from registry.website.commitment_totals import build_totals, delivery_summary
from registry.website.success_cards import success_card
from registry.wording.formatting import count_noun, join_list

ROWS = 10
SUCCESSES = 5
# Left out of the names of wider places: readers of a ward's page do not need it.
ENGLAND = "E92000001"
# The counts a map can show for each ward.
MAP_LAYERS = {"promised": "Promised", "behind": "Behind in reporting"}


@dataclass(frozen=True)
class PlacedCommitment:
    """The part of a commitment needed by a list of places; `codes` are its places."""

    key: str
    codes: frozenset[str]
    is_late: bool


def place_list_context(today: date, show: str = "") -> dict[str, Any]:
    """Return all places from cities up, each with its number of commitments. One query."""
    commitments = _placed_commitments(today)
    tops = [place for place in places.all_places().values() if not places.get_place(place.parent)]
    regions = [region for top in tops for region in _region_contexts(top, commitments, show)]
    return {
        "regions": regions[::-1],
        "placed": count_noun(len(commitments), "commitment"),
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
    """Return the page of a place, or None for an unknown code. Ten queries."""
    place = places.get_place(code)
    if place is None:
        return None
    codes = set(places.codes_within(code))
    commitments = Record.objects.of_kind("commitment").readable().filter(places_condition(codes))
    wider_places = _wider_places(place)
    wider_codes = {wider.code for wider in wider_places}
    newest = list(commitments.with_reporting(today).order_by("-first_entry")[: ROWS + 1])
    wider_commitments = (
        Record.objects.of_kind("commitment").readable().filter(places_condition(wider_codes))
        if wider_codes
        else Record.objects.none()
    )
    newest_wider = list(
        wider_commitments.exclude(places_condition(codes))
        .with_reporting(today)
        .order_by("-first_entry")[: ROWS + 1]
    )
    successes = list(
        Record.objects.of_kind("success")
        .live()
        .filter(places_condition(codes))
        .order_by("-first_entry")[: SUCCESSES + 1]
    )
    names = rows.record_names(
        key for row in (*newest, *newest_wider, *successes) for key in (row.signatory, row.theme)
    )
    parts = [part for part in places.all_places().values() if part.parent == code]
    return {
        "code": code,
        "name": place.name,
        "level": places.LEVELS[place.level],
        "above": wider_places,
        "sentence": delivery_summary(commitments, today),
        "totals": build_totals(commitments),
        "commitments": [rows.commitment_row(row, names, today) for row in newest[:ROWS]],
        "more": len(newest) > ROWS,
        "wider": [rows.commitment_row(row, names, today) for row in newest_wider[:ROWS]],
        "wider_names": join_list([wider.name for wider in wider_places if wider.code != ENGLAND]),
        "successes": [success_card(row, names) for row in successes[:SUCCESSES]],
        "more_successes": len(successes) > SUCCESSES,
        "neighbours": places.neighbouring_wards(code),
        "map": maps.count_map(place.parent, {}, current=code),
        "has_parts": bool(parts),
        **(_parts_context(place, parts, _placed_commitments(today), show) if parts else {}),
    }


def _placed_commitments(today: date) -> list[PlacedCommitment]:
    """Return the commitments that name a place. One query."""
    commitments: Any = (
        Record.objects.of_kind("commitment")
        .readable()
        .filter(item__has_key="area_codes")
        .with_reporting(today)
    )
    values = commitments.values_list("key", "item__area_codes", "reporting")
    return [
        PlacedCommitment(key, frozenset(codes), reporting in Reporting.late_states())
        for key, codes, reporting in values
    ]


def _wider_places(place: places.Place) -> list[places.Place]:
    """Return the places that contain a place, the nearest first."""
    parent = places.get_place(place.parent)
    return [parent, *_wider_places(parent)] if parent else []


def _region_contexts(
    place: places.Place, commitments: list[PlacedCommitment], show: str
) -> Iterable[dict[str, Any]]:
    """Yield a place with parts, its parts as rows, and then the same for each of its parts."""
    parts = [part for part in places.all_places().values() if part.parent == place.code]
    if not parts:
        return
    yield {
        "code": place.code,
        "name": place.name,
        **_parts_context(place, parts, commitments, show),
    }
    for part in parts:
        yield from _region_contexts(part, commitments, show)


def _parts_context(
    place: places.Place, parts: list[places.Place], commitments: list[PlacedCommitment], show: str
) -> dict[str, Any]:
    """Return the parts of a place with commitments as rows, the others by name, and a map."""
    counts: Counter[str] = Counter()
    late: Counter[str] = Counter()
    for part in parts:
        codes = set(places.codes_within(part.code))
        part_commitments = [commitment for commitment in commitments if commitment.codes & codes]
        counts[part.code] = len(part_commitments)
        late[part.code] = sum(commitment.is_late for commitment in part_commitments)
    show = show or "promised"
    others = [part for part in parts if not counts[part.code]]
    return {
        "rows": _part_rows(parts, counts, late),
        "others": sorted(others, key=lambda part: part.name),
        "show": show,
        "shows": MAP_LAYERS.items(),
        "parts_map": maps.count_map(place.code, late if show == "behind" else counts),
    }


def _part_rows(
    parts: list[places.Place], counts: Counter[str], late: Counter[str]
) -> list[dict[str, Any]]:
    """Return the places with commitments, by name, with their numbers of all and of late ones."""
    highest = max(counts.values(), default=0)
    return [
        {
            "code": part.code,
            "name": part.name,
            "committed": count_noun(counts[part.code], "commitment"),
            "share": counts[part.code] * 100 // highest,
            "late": f"{late[part.code]} of {counts[part.code]} not heard from in time"
            if late[part.code]
            else "",
            "late_share": late[part.code] * 100 // highest if late[part.code] else 0,
        }
        for part in sorted(parts, key=lambda part: part.name)
        if counts[part.code]
    ]
