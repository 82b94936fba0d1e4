"""Places: what is promised and done in a ward, a city, a region; nothing counts twice."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry import places, postcodes, statistics
from registry.filters import covers
from registry.models import Record
from registry.website import bars, lists, maps, sentences, themes, words

ROWS = 10
STORIES = 5
# What a map can show of each ward.
SHOWN = {"promised": "Promised", "behind": "Behind in reporting"}


@dataclass(frozen=True)
class Promise:
    """What a list of places needs of a promise."""

    key: str
    codes: frozenset[str]
    behind: bool


def listed(today: date, show: str = "") -> dict[str, Any]:
    """Return all places from cities up, each with what is promised for it. One query."""
    promises = _promises(today)
    tops = [place for place in places.all_places().values() if not places.get(place.parent)]
    regions = [region for top in tops for region in _regions(top, promises, show)]
    return {
        "regions": regions[::-1],
        "placed": words.counted(len(promises), "commitment"),
        "today": today,
    }


def searched(text: str) -> dict[str, Any]:
    """Return which places a visitor may mean by a name or a postcode, and a sentence. One query,
    or two for a postcode.
    """
    if postcode := postcodes.written(text):
        ward = postcodes.ward_of(postcode)
        found, said = ([ward] if ward else []), postcodes.spoken(postcode)
        if ward:
            sentence = f"{said} is in {ward.name}."
        elif postcodes.are_loaded():
            sentence = f"{said} is in none of the wards that this register lists."
        else:
            sentence = (
                "This register has no list of postcodes yet, so it cannot tell the "
                f"ward of {said}. Please choose the ward by its name."
            )
        return {"found": found, "sentence": sentence}
    found = places.find(text)
    sentence = (
        f"{words.counted(len(found), 'place')} found."
        if found
        else "No place is called so. Try a part of the name, or choose from the list below."
    )
    return {"found": found, "sentence": sentence}


def shown(code: str, today: date, show: str = "") -> dict[str, Any] | None:
    """Return what is public about a place, or None for a code we do not know. Ten queries."""
    place = places.get(code)
    if place is None:
        return None
    within = set(places.within(code))
    promises = Record.objects.of_kind("commitment").readable().filter(covers(within))
    above = _above(place)
    wider = {up.code for up in above}
    own = list(promises.with_reporting(today).order_by("-first_entry")[: ROWS + 1])
    others = (
        Record.objects.of_kind("commitment").readable().filter(covers(wider))
        if wider
        else (Record.objects.none())
    )
    city_wide = list(
        others.exclude(covers(within)).with_reporting(today).order_by("-first_entry")[: ROWS + 1]
    )
    successes = list(
        Record.objects.of_kind("success")
        .live()
        .filter(covers(within))
        .order_by("-first_entry")[: STORIES + 1]
    )
    known = lists.names(
        key for row in (*own, *city_wide, *successes) for key in (row.signatory, row.theme)
    )
    parts = [part for part in places.all_places().values() if part.parent == code]
    return {
        "code": code,
        "name": place.name,
        "level": places.LEVELS[place.level],
        "above": above,
        "sentence": themes.delivery(promises, today),
        "left_out": sentences.left_out(statistics.left_out(promises)),
        "totals": [bars.beside(total) for total in statistics.totals(promises)],
        "promised": [lists.row(row, known) for row in own[:ROWS]],
        "more": len(own) > ROWS,
        "wider": [lists.row(row, known) for row in city_wide[:ROWS]],
        "wider_names": words.joined([up.name for up in above if up.code != "E92000001"]),
        "successes": [lists.story(row, known) for row in successes[:STORIES]],
        "more_successes": len(successes) > STORIES,
        "neighbours": places.neighbours(code),
        "map": maps.of_counts(place.parent, {}, current=code),
        "has_parts": bool(parts),
        **(_parts(place, parts, _promises(today), show) if parts else {}),
    }


def _promises(today: date) -> list[Promise]:
    """Return the promises that name a place. One query."""
    placed: Any = (
        Record.objects.of_kind("commitment")
        .readable()
        .filter(item__has_key="area_codes")
        .with_reporting(today)
    )
    found = placed.values_list("key", "item__area_codes", "reporting")
    return [
        Promise(key, frozenset(codes), reporting in lists.BEHIND) for key, codes, reporting in found
    ]


def _above(place: places.Place) -> list[places.Place]:
    """Return what a place is part of, the nearest first."""
    up = places.get(place.parent)
    return [up, *_above(up)] if up else []


def _regions(place: places.Place, promises: list[Promise], show: str) -> Iterable[dict[str, Any]]:
    """Yield a place that has parts, with its parts as rows; then the parts that have parts."""
    parts = [part for part in places.all_places().values() if part.parent == place.code]
    if not parts:
        return
    yield {"code": place.code, "name": place.name, **_parts(place, parts, promises, show)}
    for part in parts:
        yield from _regions(part, promises, show)


def _parts(
    place: places.Place, parts: list[places.Place], promises: list[Promise], show: str
) -> dict[str, Any]:
    """Return the parts of a place that something is promised for as rows, the others by name, and
    a map of what is shown of them.
    """
    counts: Counter[str] = Counter()
    behind: Counter[str] = Counter()
    for part in parts:
        within = set(places.within(part.code))
        here = [promise for promise in promises if promise.codes & within]
        counts[part.code] = len(here)
        behind[part.code] = sum(promise.behind for promise in here)
    show = show if show in SHOWN else "promised"
    others = [part for part in parts if not counts[part.code]]
    return {
        "rows": _rows(parts, counts, behind),
        "others": sorted(others, key=lambda part: part.name),
        "show": show,
        "shows": SHOWN.items(),
        "parts_map": maps.of_counts(place.code, behind if show == "behind" else counts),
    }


def _rows(
    parts: list[places.Place], counts: Counter[str], behind: Counter[str]
) -> list[dict[str, Any]]:
    """Return places with promises by name: how many there are, and how many are behind."""
    most = max(counts.values(), default=0)
    return [
        {
            "code": part.code,
            "name": part.name,
            "promised": words.counted(counts[part.code], "commitment"),
            "share": counts[part.code] * 100 // most,
            "behind": f"{behind[part.code]} of {counts[part.code]} not heard from in time"
            if behind[part.code]
            else "",
            "behind_share": behind[part.code] * 100 // most if behind[part.code] else 0,
        }
        for part in sorted(parts, key=lambda part: part.name)
        if counts[part.code]
    ]
