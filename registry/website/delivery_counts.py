"""Commitments counted by delivery, where the last report says too much once the deadline passed.

A commitment without its result is counted as that, not as it was last reported.
"""

from typing import Any

from registry.schema.code_lists import COUNTED_DELIVERIES


def count_parts(counts: dict[str, Any]) -> list[str]:
    """Return "3 met", "2 on track" and so on, without what is not there."""
    return [
        f"{counts[code]:,} {label.lower()}"
        for code, label in COUNTED_DELIVERIES.items()
        if counts[code]
    ]
