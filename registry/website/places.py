"""Build the pages of places: wards, cities and regions; no commitment counts twice in one."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from operator import attrgetter
from typing import Any

from registry.models import ListedCommitment, ListedSuccess, Record
from registry.models.listing import LATE_TAGS
from registry.open_data.counts import count_each
from registry.open_data.figures import kept_figures
from registry.reference_data import places, postcodes
from registry.website import maps, rows
from registry.website.commitment_totals import build_totals, delivery_summary
from registry.website.success_cards import success_cards
from registry.wording.formatting import count_noun, join_list

ROWS = 10
SUCCESSES = 5
# Left out of the names of wider places: readers of a ward's page do not need it.
ENGLAND = "E92000001"
# The counts a map can show for each ward.
MAP_LAYERS = {"promised": "Promised", "behind": "Behind in reporting"}
PLACED = "placed:true"  # The tag of all commitments that say where.
PlaceCounts = dict[str, tuple[int, int]]  # By code of the place: of all and of late commitments.


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
    """Return the page of a place, or None for an unknown code. Ten queries."""
    place = places.get_place(code)
    if place is None:
        return None
    figures = kept_figures(f"area:{code}", today)
    wider_places = _wider_places(place)
    wider_codes = {wider.code for wider in wider_places}
    newest = rows.newest_records(figures.listed, ROWS + 1, today)
    wider_commitments = (
        ListedCommitment.objects.readable()
        .filter(tags__overlap=[f"place:{wider}" for wider in wider_codes])
        .exclude(tags__contains=[f"area:{code}"])
    )
    newest_wider = rows.newest_records(wider_commitments, ROWS + 1, today)
    here = ListedSuccess.objects.live().filter(tags__contains=[f"area:{code}"])
    success_keys = here.order_by("-first_entry").values_list("key", flat=True)[: SUCCESSES + 1]
    found = Record.objects.in_bulk(list(success_keys))
    successes = sorted(found.values(), key=attrgetter("first_entry"), reverse=True)
    names = rows.record_names(
        key for row in (*newest, *newest_wider, *successes) for key in (row.signatory, row.theme)
    )
    parts = [part for part in places.all_places().values() if part.parent == code]
    return {
        "code": code,
        "name": place.name,
        "level": places.LEVELS[place.level],
        "above": wider_places,
        "sentence": delivery_summary(figures, today),
        "totals": build_totals(figures),
        "commitments": [rows.commitment_row(row, names, today) for row in newest[:ROWS]],
        "more": len(newest) > ROWS,
        "wider": [rows.commitment_row(row, names, today) for row in newest_wider[:ROWS]],
        "wider_names": join_list([wider.name for wider in wider_places if wider.code != ENGLAND]),
        "successes": success_cards(successes[:SUCCESSES], today),
        "more_successes": len(successes) > SUCCESSES,
        "neighbours": places.neighbouring_wards(code),
        "map": maps.count_map(place.parent, {}, current=code),
        "has_parts": bool(parts),
        **(_parts_context(place, parts, _part_counts(parts, today), show) if parts else {}),
    }


def _part_counts(parts: list[places.Place], today: date) -> PlaceCounts:
    return _count_places((part.code for part in parts), today)


def _count_places(codes: Iterable[str], today: date) -> PlaceCounts:
    """Return the numbers of commitments in places, each of all and of late ones. Two queries."""
    counts = count_each([f"area:{code}" for code in codes], ["", *LATE_TAGS], today)
    return {
        tag.removeprefix("area:"): (number[""], sum(number[late] for late in LATE_TAGS))
        for tag, number in counts.items()
    }


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
    committed = Counter({part.code: counts[part.code][0] for part in parts})
    late = Counter({part.code: counts[part.code][1] for part in parts})
    show = show or "promised"
    others = [part for part in parts if not committed[part.code]]
    return {
        "rows": _part_rows(parts, committed, late),
        "others": sorted(others, key=lambda part: part.name),
        "show": show,
        "shows": MAP_LAYERS.items(),
        "parts_map": maps.count_map(place.code, late if show == "behind" else committed),
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
