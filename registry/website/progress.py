"""The figure of a commitment beside its target: in words, and as the shares of a bar."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from registry.models import Record
from registry.schema import code_lists
from registry.wording import sentences
from registry.wording.formatting import format_amount, format_day, format_difference, join_list

Item = dict[str, Any]
BACKED_LEVELS = ("checked_by_council", "confirmed_by_beneficiary")


def progress_context(record: Record, item: Item, measure: Item, updates: list[Item]) -> Item:
    """Return the figure beside its target, the bar's shares in per cent, and its level of proof."""
    measured = [update for update in updates if update["cumulative_value"] is not None]
    start = item["baseline"]
    unit = item["unit"]
    # What the block says is backed as far as the update that its figure comes from.
    backing = (measured or updates or [{}])[0]
    context: Item = {
        "disputed": backing.get("disputed"),
        "check": backing.get("check"),
        "confirmations": backing.get("confirmations"),
        "own_view_on": updates[0]["reported_on"] if updates else None,
        "own_view": updates[0]["self_assessment"] if updates else "",
        "level_of_proof": record.level_of_proof,
        "figure": "",
        "since": "",
        "backed": "",
        "met_on": updates[0]["reported_on"] if record.delivery == "met" and updates else None,
        "started": format_amount(start["value"], unit, item["unit_label"]) if start else "",
        "share": None,
        "line": figures_over_time(item, measured[::-1], _earlier_targets(record)),
    }
    if measured:
        context["figure"] = sentences.figure_to_date(measured[0], item, measure.get("direction"))
        context["level_of_proof"] = measured[0]["level_of_proof"]
        context["backed"] = _backed_part(measured, unit)
    if len(measured) > 1 and unit != "yesno":
        latest, earlier = measured[0], measured[1]
        change = format_difference(latest["cumulative_value"] - earlier["cumulative_value"], unit)
        earlier_amount = format_amount(earlier["cumulative_value"], unit)
        context["since"] = f"{change} since {earlier['to']:%B %Y} ({earlier_amount} then)"
    if item["target"] and measured:
        direction = measure.get("direction", "increase")
        value, target = measured[0]["cumulative_value"], item["target"]["value"]
        context |= _bar_shares(value, target, start, unit, direction)
    return context


def _backed_part(measured: list[Item], unit: str | None) -> str:
    """Return how much of the latest figure the council checked, or those who were helped confirmed,
    where the latest figure itself is not backed as far: "12 of the 14 checked by the council".
    """
    latest = measured[0]
    # Of a share or a yes no part can be checked.
    if latest["level_of_proof"] in BACKED_LEVELS or unit in ("percent", "yesno"):
        return ""
    for update in measured[1:]:
        if update["level_of_proof"] in BACKED_LEVELS and update["cumulative_value"]:
            least = min(update["cumulative_value"], latest["cumulative_value"])
            level = code_lists.LEVELS_OF_PROOF[update["level_of_proof"]].lower()
            of = format_amount(latest["cumulative_value"], unit)
            return f"{format_amount(least, unit)} of the {of} {level}"
    return ""


def latest_changes(keys: Iterable[str]) -> dict[str, str]:
    """Return for commitments how the latest figure differs from the one before. One query."""
    rows = (
        Record.objects.of_kind("update")
        .live()
        .filter(commitment__in=list(keys), item__has_key="cumulative_value")
        .exclude(item__unit="yesno")
        .order_by("item__to", "first_entry")
        .values_list("commitment", "item__cumulative_value", "item__to", "item__unit")
    )
    previous: dict[str, tuple[Decimal, date]] = {}
    found: dict[str, str] = {}
    for key, value, to, unit in rows:
        if key in previous:
            before, on = previous[key]
            found[key] = f"{format_difference(Decimal(value) - before, unit)} since {on:%B %Y}"
        previous[key] = Decimal(value), date.fromisoformat(to)
    return found


def figures_over_time(
    item: Item, updates: list[Item], earlier: list[tuple[date, Decimal]] | None = None
) -> Item | None:
    """Return the figures over time as points in per cent of a drawing, the oldest first; None below
    two figures.

    The value at the start is a point of its own where its date is known. The drawing reaches from
    the first point to the day of the target, and from nothing to a little above the most. `earlier`
    are targets that were lowered later, each with the day on which it ended.
    """
    if item["unit"] == "yesno":
        return None
    earlier = earlier or []
    start, target = item["baseline"], item["target"]
    points = [
        (update["to"], update["cumulative_value"], update["level_of_proof"]) for update in updates
    ]
    if start and start.get("on") and points and start["on"] < points[0][0]:
        points.insert(0, (start["on"], start["value"], "start"))
    aim = target["value"] if target else Decimal(0)
    aims = [aim, *(value for _, value in earlier)]
    most = max([*aims, *(value for _, value, _ in points)]) * Decimal("1.15")
    if len(points) < 2 or most <= 0 or min(value for _, value, _ in points) < 0:
        return None
    first, last = points[0][0], points[-1][0]
    end = max(last, (target or {}).get("by") or item["end_on"] or last)
    days = max((end - first).days, 1)

    def x_position(on: date) -> int:
        return 1 + max((on - first).days, 0) * 98 // days

    def y_position(value: Decimal) -> int:
        return int(100 - value * 100 / most)

    dots: list[Item] = [
        {"x": x_position(on), "y": y_position(value), "level": level} for on, value, level in points
    ]
    unit, label = item["unit"], item["unit_label"]
    readings = [f"{format_amount(value, unit)} on {format_day(on)}" for on, value, _ in points]
    against = f", against a target of {format_amount(aim, unit, label)}" if target else ""
    lowered = [
        f"{format_amount(value, unit, label)} until {format_day(on)}" for on, value in earlier
    ]
    if lowered:
        against += f", which was {join_list(lowered)}"
    ends = [0, *(x_position(on) for on, _ in earlier)]
    return {
        "dots": dots,
        "steps": list(zip(dots, dots[1:], strict=False)),
        "latest": format_amount(points[-1][1], unit),
        "earlier": [
            {"x": begin, "to_x": x_position(on), "y": y_position(value)}
            for begin, (on, value) in zip(ends, earlier, strict=False)
        ],
        "lowered": join_list(lowered),
        "target_x": ends[-1],
        "target_y": y_position(aim) if target else None,
        "target": format_amount(aim, unit, label) if target else "",
        "from": first,
        "to": end,
        "description": f"Figures over time: {join_list(readings)}{against}.",
    }


def _earlier_targets(record: Record) -> list[tuple[date, Decimal]]:
    """Return the targets that were lowered, each with the day on which it ended."""
    return [
        (date.fromisoformat(way["on"]), Decimal(way["before"]))
        for way in record.weakenings
        if way["what"] == "target_lowered"
    ]


def figure_text(value: str | None, item: Item) -> str:
    """Return a published value with its unit, or in words that there is none."""
    if value is None:
        return "No figure told yet"
    return format_amount(Decimal(value), item.get("unit"), item.get("unit_label"))


def _bar_shares(
    value: Decimal, target: Decimal, start: Item | None, unit: str | None, direction: str
) -> Item:
    """Return in per cent how long the bar is, where it began and where the target stands; nothing
    where a bar would mislead.

    The whole of a percentage is 100%, that of a number its target.
    """
    whole = Decimal(100) if unit == "percent" else target
    if unit == "yesno" or whole <= 0 or direction == "decrease" and unit != "percent":
        return {}
    shares = {
        "share": _capped_percent(value / whole),
        "target_share": _capped_percent(target / whole),
    }
    return shares | {"start_share": _capped_percent(start["value"] / whole) if start else 0}


def _capped_percent(part: Decimal) -> int:
    return int(max(Decimal(0), min(part, Decimal(1))) * 100)
