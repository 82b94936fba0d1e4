"""The median way from start to target of commitments, from counts that the log keeps."""

from bisect import bisect_right
from collections import Counter
from decimal import Decimal
from itertools import accumulate

from registry.log.progress import parse_progress
from registry.models import ComparisonCount, Record
from registry.website.charts.dots import MIN_FOR_MEDIAN, percent_text
from registry.website.comparison_blocks import SizeMedian

NO_SHARES = ("", ComparisonCount.REPORTING)


def read_facts(measure: str) -> dict[str, Counter[str]]:
    """Return how many commitments of a measure there are with each fact, by size. One query."""
    facts: dict[str, Counter[str]] = {}
    kept = ComparisonCount.objects.filter(measure=measure, number__gt=0)
    for size, fact, number in kept.values_list("size", "fact", "number"):
        facts.setdefault(size, Counter())[fact] = number
    return facts


def median_share(counts: Counter[str]) -> Decimal | None:
    """Return the median share of the way; None for too few."""
    shares = sorted((Decimal(fact), number) for fact, number in _shares(counts).items())
    total = sum(number for _, number in shares)
    if total < MIN_FOR_MEDIAN:
        return None
    places = list(accumulate(number for _, number in shares))
    lower, upper = (
        shares[bisect_right(places, position)][0] for position in ((total - 1) // 2, total // 2)
    )
    return (lower + upper) / 2


def _shares(counts: Counter[str]) -> dict[str, int]:
    return {fact: n for fact, n in counts.items() if n > 0 and fact not in NO_SHARES}


def _way_done(record: Record) -> Decimal | None:
    """Return the share of the way from start to target; None without one.

    Withdrawn and replaced commitments have none, so that none counts twice.
    """
    if record.status == Record.Status.WITHDRAWN or record.superseded_by or not record.progress:
        return None
    return parse_progress(record.progress).way


def size_median(record: Record, size: str, facts: dict[str, Counter[str]]) -> SizeMedian:
    """Return the median for a commitment's size with its base, or the reason for having none."""
    if not size:
        return SizeMedian("Size not known: no median")
    counts = facts.get(size, Counter())
    middle = median_share(counts)
    if middle is None:
        return SizeMedian("Too few of its size for a median")
    way, total = _way_done(record), sum(_shares(counts).values())
    own_clause = f"{percent_text(way)} of the way; " if way is not None else ""
    text = f"{own_clause}median of {total} of its size: {percent_text(middle)}"
    return SizeMedian(text, round(middle, 3), total)


def measure_median(measure: str) -> Decimal | None:
    """Return the median share of all commitments with a measure. One query."""
    return median_share(sum(read_facts(measure).values(), Counter()))
