"""How far a commitment has got: one pure rule, which every figure on progress follows.

Facts are decimals in the measure's unit. A figure of a measure that counts since the commitment
began starts from zero; all other figures start from a starting point, which may not be known.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from registry.schema.code_lists import Delivery
from registry.schema.fields import plain_decimal
from registry.schema.measure_codes import Counts, Direction, ValueType

Item = dict[str, Any]


@dataclass(frozen=True)
class Progress:
    """The way from start to target, and the value now.

    `start` is None if not known, `target` None without a number, `now` None before the first
    figure. `direction` is the measure's: increase, decrease, maintain or achieve.
    """

    start: Decimal | None
    now: Decimal | None
    target: Decimal | None
    direction: str = Direction.INCREASE

    @property
    def promised(self) -> Decimal | None:
        """Return what is to be gained from start to target; below zero for a loss.

        Where less is better, the gain is the cut.
        """
        return self._gain(self.target)

    @property
    def delivered(self) -> Decimal | None:
        """Return what has been gained from the start until now; below zero for a loss."""
        return self._gain(self.now)

    @cached_property
    def way(self) -> Decimal | None:
        """Return the share of the way that is done: 1 at the target, below 0 before the start.

        None if a fact is missing, or if the target is to keep what there was at the start.
        """
        if not self.promised or self.promised < 0 or self.delivered is None:
            return None
        return self.delivered / self.promised

    @property
    def is_met(self) -> bool | None:
        """Return whether the value now reaches the target; None if a fact is missing."""
        if self.now is None or self.target is None:
            return None
        return self.now <= self.target if self.less_is_better else self.now >= self.target

    @property
    def keeps_start(self) -> bool:
        """Return True if the target is to keep what there was at the start."""
        return self.target is not None and self.target == self.start

    @property
    def result(self) -> Delivery | None:
        """Return whether the final value met the target, partly or not; None if a fact is missing.

        Some of the way is partly met. Without a known way, only the target itself counts.
        """
        if self.is_met is None:
            return None
        if self.is_met:
            return Delivery.MET
        return Delivery.PARTLY_MET if self.way is not None and self.way > 0 else Delivery.NOT_MET

    @property
    def less_is_better(self) -> bool:
        return self.direction == Direction.DECREASE

    def _gain(self, value: Decimal | None) -> Decimal | None:
        if value is None or self.start is None:
            return None
        return self.start - value if self.less_is_better else value - self.start


def has_starting_point(value_type: str, counts: str) -> bool:
    """Return True if figures of a measure start from a starting point other than zero."""
    return value_type in ValueType.numeric_types() and counts != Counts.SINCE_PROMISE


def measure_progress(commitment: Item, measure: Item, value: str | None) -> Progress:
    """Return the progress of a commitment from its item, its measure's item and its latest value.

    The items hold decimals as text, as they are published.
    """
    baseline, target = commitment.get("baseline") or {}, commitment.get("target") or {}
    return Progress(
        start=_find_start(commitment.get("value_type", ""), measure.get("counts", ""), baseline),
        now=_parse_decimal(value),
        target=_parse_decimal(target.get("value")),
        direction=measure.get("direction", Direction.INCREASE),
    )


def deadline_of(commitment: Item) -> Any:
    """Return the day by which a commitment is to be met, in the form in which the item holds it.

    None without one. It may stand beside the target, or be the end of a commitment in words.
    """
    return (commitment.get("target") or {}).get("by") or commitment.get("end_on")


def published_progress(progress: Progress) -> Item:
    """Return the facts and what follows from them in their published form."""
    return {
        "start": _decimal_text(progress.start),
        "value": _decimal_text(progress.now),
        "target": _decimal_text(progress.target),
        "direction": progress.direction,
        "promised": _decimal_text(progress.promised),
        "delivered": _decimal_text(progress.delivered),
        "share": None if progress.way is None else plain_decimal(round(progress.way, 3)),
        "is_met": progress.is_met,
    }


def parse_progress(published: Item) -> Progress:
    """Return the progress that a record holds in its published form."""
    return Progress(
        start=_parse_decimal(published["start"]),
        now=_parse_decimal(published["value"]),
        target=_parse_decimal(published["target"]),
        direction=published["direction"],
    )


def _find_start(value_type: str, counts: str, baseline: Item) -> Decimal | None:
    if value_type not in ValueType.numeric_types():
        return None
    if has_starting_point(value_type, counts):
        return _parse_decimal(baseline.get("value"))
    return Decimal(0)


def _parse_decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _decimal_text(value: Decimal | None) -> str | None:
    return None if value is None else plain_decimal(value)
