"""One bar of many commitments by outcome: its parts exclude each other and add up to the total."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from registry.schema.code_lists import COUNTED_DELIVERIES, ON_TRACK_BEFORE, Delivery, Ending
from registry.wording.formatting import count_noun

# What was only known, or given up, is striped.
STRIPED = {ON_TRACK_BEFORE, Delivery.WITHDRAWN, *Ending.without_result()}


@dataclass(frozen=True)
class OutcomePart:
    """Commitments of one outcome: position and width in per cent, and the list of them."""

    code: str
    label: str
    count: int
    at: float
    width: float
    address: str

    @property
    def is_striped(self) -> bool:
        return self.code in STRIPED


@dataclass(frozen=True)
class OutcomeBar:
    """All parts with a commitment, results first."""

    total: int
    parts: list[OutcomePart]

    @property
    def description(self) -> str:
        """Return the parts in words: "252 commitments: 18 met, 3 partly met and 231 on track"."""
        parts = ", ".join(f"{part.count:,} {part.label.lower()}" for part in self.parts)
        return f"{count_noun(self.total, 'commitment')}: {parts}"

    @property
    def finding(self) -> str:
        """Return the largest part: "35 of 52 commitments: on track"; all parts for a tie."""
        largest = max(self.parts, key=lambda part: part.count)
        if sum(part.count == largest.count for part in self.parts) > 1:
            return self.description
        noun = count_noun(self.total, "commitment")
        return f"{largest.count:,} of {noun}: {largest.label.lower()}"


def outcome_bar(
    counts: Mapping[str, int], address: Callable[[str], str], *, longest: int = 0
) -> OutcomeBar:
    """Return the bar of commitments by how they are counted, as `values_of("counted_as")` has them.

    `address` is called with a code, for the address of the list of these commitments. Bars beside
    each other share a scale: `longest` is the total of the longest one.
    """
    total = sum(counts.get(code, 0) for code in COUNTED_DELIVERIES)
    parts, before = [], 0
    for code, label in COUNTED_DELIVERIES.items():
        if count := counts.get(code, 0):
            at = _percent(before, longest or total)
            before += count
            width = round(_percent(before, longest or total) - at, 2)
            parts.append(OutcomePart(code, str(label), count, at, width, address(code)))
    return OutcomeBar(total, parts)


def _percent(part: int, total: int) -> float:
    return round(part * 100 / total, 2)
