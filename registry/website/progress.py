"""Show a commitment's figure beside its target: in words, as a bar and over time."""

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
    """Return the figure beside its target, the bar's shares in per cent, and its level of proof.

    `updates` are typed items, newest first.
    """
    measured = [update for update in updates if update["cumulative_value"] is not None]
    baseline = item["baseline"]
    unit = item["unit"]
    # Check and confirmations must belong to the update with the figure, not to a later one.
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
        "started": format_amount(baseline["value"], unit, item["unit_label"]) if baseline else "",
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
        context |= _bar_shares(value, target, baseline, unit, direction)
    return context


def _backed_part(measured: list[Item], unit: str | None) -> str:
    """Return the backed part of a latest figure that is not itself checked or confirmed.

    For example "12 of the 14 checked by the council"; "" where there is none.
    """
    latest = measured[0]
    # A percentage or a yes has no part that could be checked on its own.
    if latest["level_of_proof"] in BACKED_LEVELS or unit in ("percent", "yesno"):
        return ""
    for update in measured[1:]:
        if update["level_of_proof"] in BACKED_LEVELS and update["cumulative_value"]:
            # A figure may fall after its check: no more than all of it can be backed.
            part = min(update["cumulative_value"], latest["cumulative_value"])
            level = code_lists.LevelOfProof.label_of(update["level_of_proof"]).lower()
            whole = format_amount(latest["cumulative_value"], unit)
            return f"{format_amount(part, unit)} of the {whole} {level}"
    return ""


def latest_changes(keys: Iterable[str]) -> dict[str, str]:
    """Return the change from the previous figure to the latest, by commitment. One query."""
    rows = (
        Record.objects.of_kind("update")
        .live()
        .filter(commitment__in=list(keys), item__has_key="cumulative_value")
        .exclude(item__unit="yesno")
        .order_by("item__to", "first_entry")
        .values_list("commitment", "item__cumulative_value", "item__to", "item__unit")
    )
    previous: dict[str, tuple[Decimal, date]] = {}
    changes: dict[str, str] = {}
    for key, value, to, unit in rows:
        if key in previous:
            before, on = previous[key]
            changes[key] = f"{format_difference(Decimal(value) - before, unit)} since {on:%B %Y}"
        previous[key] = Decimal(value), date.fromisoformat(to)
    return changes


def figures_over_time(
    item: Item, updates: list[Item], earlier: list[tuple[date, Decimal]] | None = None
) -> Item | None:
    """Return the figures over time as points in per cent of a drawing, the oldest first.

    None below two figures. The starting point is a point of its own where its date is known. The
    drawing reaches from the first point to the deadline, and from zero to a little above the
    highest figure or target. `earlier` are later lowered targets, each with its last day.
    """
    if item["unit"] == "yesno":
        return None
    earlier = earlier or []
    baseline, target = item["baseline"], item["target"]
    points = [
        (update["to"], update["cumulative_value"], update["level_of_proof"]) for update in updates
    ]
    if baseline and baseline.get("on") and points and baseline["on"] < points[0][0]:
        points.insert(0, (baseline["on"], baseline["value"], "start"))
    target_value = target["value"] if target else Decimal(0)
    targets = [target_value, *(value for _, value in earlier)]
    top = max([*targets, *(value for _, value, _ in points)]) * Decimal("1.15")
    if len(points) < 2 or top <= 0 or min(value for _, value, _ in points) < 0:
        return None
    first, last = points[0][0], points[-1][0]
    end = max(last, (target or {}).get("by") or item["end_on"] or last)
    days = max((end - first).days, 1)

    def x_position(on: date) -> int:
        return 1 + max((on - first).days, 0) * 98 // days

    def y_position(value: Decimal) -> int:
        return int(100 - value * 100 / top)

    dots: list[Item] = [
        {"x": x_position(on), "y": y_position(value), "level": level} for on, value, level in points
    ]
    unit, label = item["unit"], item["unit_label"]
    readings = [f"{format_amount(value, unit)} on {format_day(on)}" for on, value, _ in points]
    target_text = format_amount(target_value, unit, label) if target else ""
    target_clause = f", against a target of {target_text}" if target else ""
    earlier_targets = [
        f"{format_amount(value, unit, label)} until {format_day(on)}" for on, value in earlier
    ]
    if earlier_targets:
        target_clause += f", which was {join_list(earlier_targets)}"
    # The line of each target begins where the one before it ended.
    starts = [0, *(x_position(on) for on, _ in earlier)]
    return {
        "dots": dots,
        "steps": list(zip(dots, dots[1:], strict=False)),
        "latest": format_amount(points[-1][1], unit),
        "earlier": [
            {"x": start, "to_x": x_position(on), "y": y_position(value)}
            for start, (on, value) in zip(starts, earlier, strict=False)
        ],
        "lowered": join_list(earlier_targets),
        "target_x": starts[-1],
        "target_y": y_position(target_value) if target else None,
        "target": target_text,
        "from": first,
        "to": end,
        "description": f"Figures over time: {join_list(readings)}{target_clause}.",
    }


def _earlier_targets(record: Record) -> list[tuple[date, Decimal]]:
    """Return the later lowered targets, each with its last day."""
    return [
        (date.fromisoformat(way["on"]), Decimal(way["before"]))
        for way in record.weakenings
        if way["what"] == "target_lowered"
    ]


def figure_text(value: str | None, item: Item) -> str:
    """Return a published value with its unit, or a phrase for a missing one."""
    if value is None:
        return "No figure told yet"
    return format_amount(Decimal(value), item.get("unit"), item.get("unit_label"))


def _bar_shares(
    value: Decimal, target: Decimal, baseline: Item | None, unit: str | None, direction: str
) -> Item:
    """Return length, start and target of the bar in per cent; {} where a bar would mislead.

    The full length of the bar is 100% for a percentage, and the target for a number.
    """
    whole = Decimal(100) if unit == "percent" else target
    if unit == "yesno" or whole <= 0 or direction == "decrease" and unit != "percent":
        return {}
    shares = {
        "share": _capped_percent(value / whole),
        "target_share": _capped_percent(target / whole),
    }
    return shares | {"start_share": _capped_percent(baseline["value"] / whole) if baseline else 0}


def _capped_percent(part: Decimal) -> int:
    return int(max(Decimal(0), min(part, Decimal(1))) * 100)
