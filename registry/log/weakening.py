"""How a new version of a commitment is weaker than the one before: one pure rule."""

from decimal import Decimal
from typing import Any

from registry.log.progress import deadline_of
from registry.schema.code_lists import Weakening
from registry.schema.measure_codes import Direction

Item = dict[str, Any]


def find_weakenings(
    before: Item, after: Item, *, direction: str, is_withdrawn: bool
) -> list[dict[str, Any]]:
    """Return the weakenings of a version: what, with the values before and after.

    The items hold decimals and dates as text. `direction` is the measure's: where less is better,
    a higher target is weaker.
    """
    if is_withdrawn:
        return [{"what": Weakening.WITHDRAWN, "before": before["title"], "after": None}]
    weakenings = []
    old, new = before.get("target") or {}, after.get("target") or {}
    same_unit = before.get("unit") == after.get("unit") and before.get("measure") == after.get(
        "measure"
    )
    if old and (not new or same_unit and _is_lower_target(old["value"], new["value"], direction)):
        weakenings.append(
            {"what": Weakening.TARGET_LOWERED, "before": old["value"], "after": new.get("value")}
        )
    old_end, new_end = deadline_of(before), deadline_of(after)
    if old_end and (not new_end or new_end > old_end):
        weakenings.append({"what": Weakening.DATE_LATER, "before": old_end, "after": new_end})
    return weakenings


def _is_lower_target(before: str, after: str, direction: str) -> bool:
    if direction == Direction.DECREASE:
        return Decimal(after) > Decimal(before)
    return Decimal(after) < Decimal(before)
