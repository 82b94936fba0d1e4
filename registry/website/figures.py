"""The figure of a commitment beside its target: in words, and as the shares of a bar."""

from decimal import Decimal
from typing import Any

from registry.models import Record
from registry.website import sentences, words

Item = dict[str, Any]


def beside_target(record: Record, item: Item, measure: Item, updates: list[Item]) -> Item:
    """Return the figure beside its target, the bar's shares in per cent, and its level of proof."""
    measured = [update for update in updates if update["cumulative_value"] is not None]
    start = item["baseline"]
    unit = item["unit"]
    shown: Item = {
        "own_view_on": updates[0]["reported_on"] if updates else None,
        "level_of_proof": record.level_of_proof,
        "figure": "",
        "since": "",
        "started": words.amount(start["value"], unit, item["unit_label"]) if start else "",
        "share": None,
    }
    if measured:
        shown["figure"] = sentences.to_date(measured[0], item)
        shown["level_of_proof"] = measured[0]["level_of_proof"]
    if len(measured) > 1:
        earlier = measured[1]
        shown["since"] = (
            f"{words.amount(earlier['cumulative_value'], unit)} in {earlier['to']:%B %Y}"
        )
    if item["target"] and measured:
        direction = measure.get("direction", "increase")
        shown |= _shares(measured[0]["cumulative_value"], item["target"]["value"], start, direction)
    return shown


def amount(value: str | None, item: Item) -> str:
    """Return a published value with its unit, or in words that there is none."""
    if value is None:
        return "No figure told yet"
    return words.amount(Decimal(value), item.get("unit"), item.get("unit_label"))


def _shares(value: Decimal, target: Decimal, start: Item | None, direction: str) -> Item:
    """Return how long the bar is and where it began; nothing where a bar would mislead."""
    began = start["value"] if start else Decimal(0)
    if direction == "increase" and target > 0:
        return {"share": _percent(value / target), "start_share": _percent(began / target)}
    if direction == "decrease" and start and began > target:
        return {"share": _percent((began - value) / (began - target)), "start_share": 0}
    return {}


def _percent(part: Decimal) -> int:
    return int(max(Decimal(0), min(part, Decimal(1))) * 100)
