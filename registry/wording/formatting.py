"""Format days, amounts and lists for readers: pure functions, plain English."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from registry.schema.measure_codes import Direction, Unit, ValueType

POUND_UNITS = [unit for unit in Unit if unit.value_type == ValueType.MONEY]
# Irregular singulars of unit labels; all others lose their final "s".
SINGULARS = {"people": "person", "businesses": "business", "days per FTE": "day per FTE"}

# Within a quotation.
SINGLE_QUOTES = str.maketrans("“”", "‘’")


def format_day(value: date, *, year: bool = True) -> str:
    """Return "1 July 2026", or "1 July" where the text around it makes the year plain."""
    return f"{value.day} {value:%B %Y}" if year else f"{value.day} {value:%B}"


def format_moment(value: datetime) -> str:
    """Return "1 July 2026, 3:05pm", or "1 July 2026, 9am" on the hour."""
    minutes = f":{value:%M}" if value.minute else ""
    half = "am" if value.hour < 12 else "pm"
    return f"{format_day(value.date())}, {value.hour % 12 or 12}{minutes}{half}"


def format_days(values: Sequence[date], *, year: int | None = None) -> str:
    """Return "5 May, 26 May and 4 June"; every day has its year if one is outside `year`."""
    same_year = all(value.year == year for value in values)
    return join_list([format_day(value, year=not same_year) for value in values])


def quote(text: str) -> str:
    """Return a text in quotation marks; those within it become single ones.

    Otherwise a text could end its own quotation, and go on in what looks like our words.
    """
    return f"“{text.translate(SINGLE_QUOTES)}”"


def quote_words(words: Iterable[str]) -> str:
    """Return "“a”, “b” and “c”"."""
    return join_list([quote(word) for word in words])


def join_list(parts: Sequence[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def format_number(value: Decimal) -> str:
    """Return "1,250", "0.5" or, with a true minus sign, "−2.3"."""
    text = f"{abs(value):,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"−{text}" if value < 0 else text


def format_amount(value: Decimal, unit: str | None = None, label: str | None = None) -> str:
    """Return "20 apprenticeships", "1 person", "−£30,000", "45%", "yes" or the bare number."""
    if unit in POUND_UNITS:
        return f"{'−' if value < 0 else ''}£{format_number(abs(value))}"
    if unit == Unit.PERCENT:
        return f"{format_number(value)}%"
    if unit == Unit.YESNO:
        return "yes" if value else "no"
    if label and value == 1:
        # A final "ss", as in "progress", is no plural.
        label = SINGULARS.get(label) or re.sub(r"(?<=[a-rt-z])s$", "", label)
    return f"{format_number(value)} {label}" if label else format_number(value)


def format_against_target(
    value: Decimal,
    target: Decimal,
    *,
    unit: str | None,
    label: str | None = None,
    direction: str | None = None,
    is_over: bool = False,
) -> str:
    """Return a figure with its target, such as "14 of 20 people" or "4% (target 3% or less)".

    `direction` is the measure's. With `is_over`, no better figure is expected.
    """
    less_is_better = direction == Direction.DECREASE
    is_met = value <= target if less_is_better else value >= target
    if unit == Unit.YESNO:
        outcome = "target met" if is_met else f"target not met{'' if is_over else ' yet'}"
        return f"{'Yes' if value else 'No'}: {outcome}"
    limit = " or less" if less_is_better else ""
    # Only a figure from zero up to its target reads well as a part of it.
    if less_is_better or unit == Unit.PERCENT or not 0 <= value <= target:
        figure = format_amount(value, unit, label)
        return f"{figure} (target {format_amount(target, unit)}{limit})"
    return f"{format_amount(value, unit)} of {format_amount(target, unit, label)}"


def format_change(before: Decimal, after: Decimal, unit: str | None = None) -> str:
    """Return a change between two figures: "Up 3", "Down £200", "No change"."""
    if before == after:
        return "No change"
    amount = format_difference(after - before, unit).lstrip("+−")
    return f"{'Up' if after > before else 'Down'} {amount}"


def count_noun(count: int, one: str, many: str = "") -> str:
    """Return "1 commitment" or "48 commitments"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def count_times(count: int) -> str:
    """Return "once", "twice" or "5 times"."""
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")


def join_dots(parts: Iterable[str | None]) -> str:
    """Return the parts that are not empty, joined by a middle dot."""
    return " · ".join(part for part in parts if part)


def time_ago(seconds: int) -> str:
    """Return "less than a minute ago", "3 minutes ago", "2 hours ago" or "5 days ago"."""
    for size, unit in [(86_400, "day"), (3_600, "hour"), (60, "minute")]:
        if seconds >= size:
            return f"{count_noun(seconds // size, unit)} ago"
    return "less than a minute ago"


def format_difference(value: Decimal, unit: str | None = None) -> str:
    """Return "+5", "−£200", "+4 percentage points" or "no change"."""
    if not value:
        return "no change"
    sign, size = "+" if value > 0 else "−", abs(value)
    if unit == Unit.PERCENT:
        return f"{sign}{format_amount(size, label='percentage points')}"
    return f"{sign}{format_amount(size, unit)}"
