"""Put figures into words, each beside its target."""

import re
from decimal import Decimal
from typing import Any

from registry.log.progress import parse_progress
from registry.schema.code_lists import Delivery
from registry.schema.measure_codes import Unit
from registry.wording.formatting import format_against_target, format_amount

Item = dict[str, Any]
AMOUNT = r"−?£?[\d,.]+%?"
NUMBER = re.compile(rf"(?:Yes|No|{AMOUNT}(?: of {AMOUNT})?)(?![^\s:])")


def progress_text(published: Item, item: Item, *, is_over: bool = False) -> str:
    """Return the latest figure beside the target; "" before the first figure.

    `published` is the progress of a record.
    """
    if published.get("value") is None:
        return ""
    progress = parse_progress(published)
    value = Decimal(published["value"])
    if progress.keeps_start:
        amount = format_amount(value, item.get("unit"), item.get("unit_label"))
        return f"{amount} (target: {keep_text(published, item)})"
    return figure_text(
        value, progress.target, item=item, direction=progress.direction, is_over=is_over
    )


def split_figure(figure: str) -> tuple[str, str]:
    """Return the number of a figure beside its target, and the words after it."""
    number = NUMBER.match(figure)
    length = number.end() if number else 0
    return figure[:length], figure[length:].lstrip(": ")


def figure_label(delivery: str) -> str:
    """Return what the figure of an ended commitment is called: it is final only with a result."""
    return "Final figure" if delivery in Delivery.final_results() else "Last figure"


def keep_text(published: Item, item: Item) -> str:
    """Return "keep 95% or more" if the target is the starting point; "" if not."""
    progress = parse_progress(published) if published else None
    if progress is None or progress.target is None or not progress.keeps_start:
        return ""
    is_whole = item.get("unit") == Unit.PERCENT and progress.target == 100
    limit = " or less" if progress.less_is_better else "" if is_whole else " or more"
    amount = format_amount(progress.target, item.get("unit"), item.get("unit_label"))
    return f"keep {amount}{limit}"


def figure_text(
    value: Decimal,
    target: Decimal | None,
    *,
    item: Item,
    direction: str | None,
    is_over: bool = False,
) -> str:
    """Return "14 of 20 apprenticeships", or "14 apprenticeships" without a target.

    `direction` is the measure's.
    """
    unit, label = item.get("unit"), item.get("unit_label")
    if target is None:
        return format_amount(value, unit, label)
    return format_against_target(
        value, target, unit=unit, label=label, direction=direction, is_over=is_over
    )
