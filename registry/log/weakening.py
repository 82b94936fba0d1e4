"""How a new version of a commitment is weaker than the one before: one pure rule."""

from decimal import Decimal
from typing import Any

from registry.log.progress import deadline_of
from registry.schema.code_lists import Weakening
from registry.schema.measure_codes import Direction

Item = dict[str, Any]


def find_weakenings(
    before: Item,
    after: Item,
    *,
    measures: tuple[Item, Item],
    known_start: Item | None = None,
    is_withdrawn: bool = False,
) -> list[dict[str, Any]]:
    """Return the weakenings of a version: what, with the values before and after.

    The items hold decimals and dates as text. `measures` are the items of the measures of both
    versions, empty if unknown. `known_start` is the last starting point, which an earlier version
    may have removed: another one moves it, but one that was never known before is no weakening.
    """
    if is_withdrawn:
        return [{"what": Weakening.WITHDRAWN, "before": before["title"], "after": None}]
    # Figures of another measure or unit say nothing about which is more.
    has_same_unit = before.get("unit") == after.get("unit")
    has_same_measure = before.get("measure") == after.get("measure")
    is_replaced = not has_same_measure and _is_next_edition(*measures)
    is_comparable = has_same_unit and (has_same_measure or is_replaced)
    direction = measures[1].get("direction", Direction.INCREASE)
    found = []
    old, new = before.get("target") or {}, after.get("target") or {}
    if old and (not new or is_comparable and _is_lower(old["value"], new["value"], direction)):
        found.append((Weakening.TARGET_LOWERED, old["value"], new.get("value")))
    old_end, new_end = deadline_of(before), deadline_of(after)
    if old_end and (not new_end or new_end > old_end):
        found.append((Weakening.DATE_LATER, old_end, new_end))
    old, new = before.get("baseline") or {}, after.get("baseline") or {}
    if new and not old:
        old = known_start or {}
    if old and is_comparable and _are_different(old["value"], new.get("value")):
        found.append((Weakening.START_CHANGED, old["value"], new.get("value")))
    if before.get("measure") and not (has_same_measure and has_same_unit or is_replaced):
        name = "unit" if has_same_measure else "measure"
        found.append((Weakening.MEASURE_CHANGED, before.get(name), after.get(name)))
    return [{"what": what, "before": old, "after": new} for what, old, new in found]


def _is_next_edition(before: Item, after: Item) -> bool:
    """Return True if the council replaced one measure by the other.

    A measure in use is never changed: its next edition has the same theme and code.
    """
    names = ("theme", "code")
    return bool(before) and all(before.get(name) == after.get(name) for name in names)


def _is_lower(before: str, after: str, direction: str) -> bool:
    """Return True if a target is weaker than another; where less is better, a higher one."""
    if direction == Direction.DECREASE:
        return Decimal(after) > Decimal(before)
    return Decimal(after) < Decimal(before)


def _are_different(before: str, after: str | None) -> bool:
    return after is None or Decimal(after) != Decimal(before)
