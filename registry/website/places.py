"""Places: what is promised and done in a ward, a city, a region; nothing counts twice."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.models import Record
from registry.open_data import totals
from registry.open_data.filters import places_condition
from registry.reference_data import places, postcodes
from registry.website import charts, maps, rows, themes
from registry.wording import sentences
from registry.wording.formatting import count_noun, join_list

ROWS = 10
SUCCESSES = 5
# What a map can show of each ward.
MAP_LAYERS = {"promised": "Promised", "behind": "Behind in reporting"}


@dataclass(frozen=True)
class PlacedCommitment:
    """What a list of places needs of a commitment."""

    key: str
    codes: frozenset[str]
    is_late: bool


def place_list_context(today: date, show: str = "") -> dict[str, Any]:
    """Return all places from cities up, each with what is promised for it. One query."""
    commitments = _placed_commitments(today)
    tops = [place for place in places.all_places().values() if not places.get_place(place.parent)]
    regions = [region for top in tops for region in _region_contexts(top, commitments, show)]
    return {
        "regions": regions[::-1],
        "placed": count_noun(len(commitments), "commitment"),
        "today": today,
    }


def find_places(text: str) -> dict[str, Any]:
    """Return which places a visitor may mean by a name or a postcode, and a sentence. One query,
    or two for a postcode.
    """
    if postcode := postcodes.normalise_postcode(text):
        ward = postcodes.ward_of(postcode)
        found, postcode_text = ([ward] if ward else []), postcodes.format_postcode(postcode)
        if ward:
            sentence = f"{postcode_text} is in {ward.name}."
        elif postcodes.are_loaded():
            sentence = f"{postcode_text} is in none of the wards that this register lists."
        else:
            sentence = (
                "This register has no list of postcodes yet, so it cannot tell the "
                f"ward of {postcode_text}. Please choose the ward by its name."
            )
        return {"found": found, "sentence": sentence}
    found = places.find_places(text)
    sentence = (
        f"{count_noun(len(found), 'place')} found."
        if found
        else "No place is called so. Try a part of the name, or choose from the list below."
    )
    return {"found": found, "sentence": sentence}


def place_context(code: str, today: date, show: str = "") -> dict[str, Any] | None:
    """Return what is public about a place, or None for a code we do not know. Ten queries."""
    place = places.get_place(code)
    if place is None:
        return None
    within = set(places.codes_within(code))
    commitments = Record.objects.of_kind("commitment").readable().filter(places_condition(within))
    above = _wider_places(place)
    wider = {up.code for up in above}
    own = list(commitments.with_reporting(today).order_by("-first_entry")[: ROWS + 1])
    others = (
        Record.objects.of_kind("commitment").readable().filter(places_condition(wider))
        if wider
        else (Record.objects.none())
    )
    city_wide = list(
        others.exclude(places_condition(within))
        .with_reporting(today)
        .order_by("-first_entry")[: ROWS + 1]
    )
    successes = list(
        Record.objects.of_kind("success")
        .live()
        .filter(places_condition(within))
        .order_by("-first_entry")[: SUCCESSES + 1]
    )
    known = rows.record_names(
        key for row in (*own, *city_wide, *successes) for key in (row.signatory, row.theme)
    )
    parts = [part for part in places.all_places().values() if part.parent == code]
    return {
        "code": code,
        "name": place.name,
        "level": places.LEVELS[place.level],
        "above": above,
        "sentence": themes.delivery_summary(commitments, today),
        "left_out": sentences.left_out_sentence(totals.excluded_counts(commitments)),
        "totals": [charts.total_chart(total) for total in totals.totals_by_measure(commitments)],
        "commitments": [rows.commitment_row(row, known) for row in own[:ROWS]],
        "more": len(own) > ROWS,
        "wider": [rows.commitment_row(row, known) for row in city_wide[:ROWS]],
        "wider_names": join_list([up.name for up in above if up.code != "E92000001"]),
        "successes": [rows.success_row(row, known) for row in successes[:SUCCESSES]],
        "more_successes": len(successes) > SUCCESSES,
        "neighbours": places.neighbouring_wards(code),
        "map": maps.count_map(place.parent, {}, current=code),
        "has_parts": bool(parts),
        **(_parts_context(place, parts, _placed_commitments(today), show) if parts else {}),
    }


def _placed_commitments(today: date) -> list[PlacedCommitment]:
    """Return the commitments that name a place. One query."""
    placed: Any = (
        Record.objects.of_kind("commitment")
        .readable()
        .filter(item__has_key="area_codes")
        .with_reporting(today)
    )
    found = placed.values_list("key", "item__area_codes", "reporting")
    return [
        PlacedCommitment(key, frozenset(codes), reporting in rows.LATE_STATES)
        for key, codes, reporting in found
    ]


def _wider_places(place: places.Place) -> list[places.Place]:
    """Return what a place is part of, the nearest first."""
    up = places.get_place(place.parent)
    return [up, *_wider_places(up)] if up else []


def _region_contexts(
    place: places.Place, commitments: list[PlacedCommitment], show: str
) -> Iterable[dict[str, Any]]:
    """Yield a place that has parts, with its parts as rows; then the parts that have parts."""
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
    """Return the parts of a place that something is promised for as rows, the others by name, and
    a map of what is shown of them.
    """
    counts: Counter[str] = Counter()
    late: Counter[str] = Counter()
    for part in parts:
        within = set(places.codes_within(part.code))
        here = [commitment for commitment in commitments if commitment.codes & within]
        counts[part.code] = len(here)
        late[part.code] = sum(commitment.is_late for commitment in here)
    show = show if show in MAP_LAYERS else "promised"
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
    """Return places with commitments by name: how many there are, and how many are behind."""
    most = max(counts.values(), default=0)
    return [
        {
            "code": part.code,
            "name": part.name,
            "committed": count_noun(counts[part.code], "commitment"),
            "share": counts[part.code] * 100 // most,
            "late": f"{late[part.code]} of {counts[part.code]} not heard from in time"
            if late[part.code]
            else "",
            "late_share": late[part.code] * 100 // most if late[part.code] else 0,
        }
        for part in sorted(parts, key=lambda part: part.name)
        if counts[part.code]
    ]
