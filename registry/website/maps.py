"""A map of a city's wards, drawn on the server: the shapes, and how dark each one is."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from registry.reference_data import places

WIDTH = 1000
DARKEST = 4


@dataclass(frozen=True)
class Shape:
    """The outline of a ward in units of the drawing, and where its number stands."""

    path: str
    x: int
    y: int


@dataclass(frozen=True)
class Drawing:
    height: int
    shapes: Mapping[str, Shape]


@cache
def city_drawing(city: str) -> Drawing | None:
    """Return the wards of a city, north on top; None where we have no boundaries of them."""
    rings = {
        code: ring
        for code, ring in places.ward_boundaries().items()
        if places.get_place(code) and places.all_places()[code].parent == city
    }
    if not rings:
        return None
    points = [point for ring in rings.values() for point in ring]
    west, north = min(x for x, _ in points), max(y for _, y in points)
    east, south = max(x for x, _ in points), min(y for _, y in points)
    # A degree of longitude is shorter than one of latitude, so far from the equator.
    narrow = math.cos(math.radians((north + south) / 2))
    scale = WIDTH / ((east - west) * narrow)

    def ward_shape(ring: places.Ring) -> Shape:
        placed = [(round((x - west) * narrow * scale), round((north - y) * scale)) for x, y in ring]
        (x, y), *rest = placed
        steps, before = [f"M{x} {y}l"], (x, y)
        for point in rest:
            if point != before:
                steps.append(f"{point[0] - before[0]} {point[1] - before[1]}")
                before = point
        middle = _polygon_centre(placed)
        return Shape(steps[0] + " ".join(steps[1:]) + "z", *middle)

    shapes = {code: ward_shape(ring) for code, ring in rings.items()}
    return Drawing(math.ceil((north - south) * scale), shapes)


def count_map(city: str, counts: Mapping[str, int], current: str = "") -> dict[str, Any] | None:
    """Return a map on which wards with more of something are darker; None without boundaries.

    Each shade stands for a range of numbers, which the legend names; the most is the darkest.
    """
    drawn = city_drawing(city)
    if drawn is None:
        return None
    most = max((counts.get(code, 0) for code in drawn.shapes), default=0)
    step = max(1, math.ceil(most / DARKEST))
    paler = DARKEST - math.ceil(most / step)
    beside = {place.code for place in places.neighbouring_wards(current)}
    return {
        "width": WIDTH,
        "height": drawn.height,
        "wards": [
            {
                "code": code,
                "name": places.place_name(code),
                "shape": shape,
                "count": counts.get(code, 0),
                "shade": math.ceil(counts[code] / step) + paler if counts.get(code) else 0,
                "current": code == current,
                "beside": code in beside,
            }
            # What is drawn last is not covered by its neighbours' lines.
            for code, shape in sorted(drawn.shapes.items(), key=lambda pair: pair[0] == current)
        ],
        "legend": [
            (paler + shade, _range_label((shade - 1) * step + 1, min(shade * step, most)))
            for shade in range(1, math.ceil(most / step) + 1)
        ],
    }


def _range_label(least: int, most: int) -> str:
    return str(least) if least == most else f"{least} to {most}"


def _polygon_centre(ring: list[tuple[int, int]]) -> tuple[int, int]:
    """Return the centre of gravity of a polygon."""
    area = x = y = 0
    for (x0, y0), (x1, y1) in zip(ring, [*ring[1:], ring[0]], strict=True):
        cross = x0 * y1 - x1 * y0
        area, x, y = area + cross, x + (x0 + x1) * cross, y + (y0 + y1) * cross
    return round(x / (3 * area)), round(y / (3 * area))
