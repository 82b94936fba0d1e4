"""Draw a map of a city's wards on the server: a shape and a shade for each ward."""

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
    """The outline of a ward in units of the drawing, and the position of its number."""

    path: str
    x: int
    y: int


@dataclass(frozen=True)
class Drawing:
    height: int
    shapes: Mapping[str, Shape]


@cache
def city_drawing(city: str) -> Drawing | None:
    """Return the wards of a city with north at the top; None without boundaries."""
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
    # Far from the equator a degree of longitude is shorter than one of latitude.
    narrow = math.cos(math.radians((north + south) / 2))
    scale = WIDTH / ((east - west) * narrow)

    def ward_shape(ring: places.Ring) -> Shape:
        corners = [
            (round((x - west) * narrow * scale), round((north - y) * scale)) for x, y in ring
        ]
        (x, y), *rest = corners
        steps, before = [f"M{x} {y}l"], (x, y)
        for point in rest:
            if point != before:
                steps.append(f"{point[0] - before[0]} {point[1] - before[1]}")
                before = point
        centre = _polygon_centre(corners)
        return Shape(steps[0] + " ".join(steps[1:]) + "z", *centre)

    shapes = {code: ward_shape(ring) for code, ring in rings.items()}
    return Drawing(math.ceil((north - south) * scale), shapes)


def count_map(city: str, counts: Mapping[str, int], current: str = "") -> dict[str, Any] | None:
    """Return a map with darker wards for higher counts; None without boundaries.

    Each shade stands for a range of counts, given in the legend; the highest is the darkest.
    """
    drawing = city_drawing(city)
    if drawing is None:
        return None
    highest = max((counts.get(code, 0) for code in drawing.shapes), default=0)
    step = max(1, math.ceil(highest / DARKEST))
    # With fewer ranges than shades, the palest shades are not used.
    offset = DARKEST - math.ceil(highest / step)
    neighbours = {place.code for place in places.neighbouring_wards(current)}
    return {
        "width": WIDTH,
        "height": drawing.height,
        "wards": [
            {
                "code": code,
                "name": places.place_name(code),
                "shape": shape,
                "count": counts.get(code, 0),
                "shade": math.ceil(counts[code] / step) + offset if counts.get(code) else 0,
                "current": code == current,
                "beside": code in neighbours,
            }
            # The current ward is drawn last, so that its neighbours' lines do not cover it.
            for code, shape in sorted(drawing.shapes.items(), key=lambda pair: pair[0] == current)
        ],
        "legend": [
            (offset + shade, _range_label((shade - 1) * step + 1, min(shade * step, highest)))
            for shade in range(1, math.ceil(highest / step) + 1)
        ],
    }


def _range_label(lowest: int, highest: int) -> str:
    return str(lowest) if lowest == highest else f"{lowest} to {highest}"


def _polygon_centre(ring: list[tuple[int, int]]) -> tuple[int, int]:
    """Return the centre of gravity of a polygon."""
    area = x = y = 0
    for (x0, y0), (x1, y1) in zip(ring, [*ring[1:], ring[0]], strict=True):
        cross = x0 * y1 - x1 * y0
        area, x, y = area + cross, x + (x0 + x1) * cross, y + (y0 + y1) * cross
    return round(x / (3 * area)), round(y / (3 * area))
