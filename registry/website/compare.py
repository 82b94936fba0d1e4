"""Compare commitments with the same measure, beside the median of their size; no ranks."""

from bisect import bisect_right
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef
from django.http import QueryDict
from django.urls import reverse

from registry.log.progress import parse_progress
from registry.models import ComparedCommitment, ComparisonCount, ListedCommitment, Record
from registry.open_data.csv_cells import csv_lines
from registry.schema import code_lists
from registry.website import commitment, progress
from registry.website import rows as register_rows
from registry.website.commitment_page import (
    CommitmentPage,
    SimilarCommitments,
)
from registry.website.measures import ComparisonRow, SizeMedian, comparison_row
from registry.website.parameters import chosen_option
from registry.wording.formatting import count_noun, format_number
from registry.wording.weakenings import CORRECTED_DOWNWARDS, WEAKENED

PARAMETERS = ("measure", "size", "commitment")
MAX_ROWS = 48
# A median of one or two commitments would only repeat their figures.
MIN_FOR_MEDIAN = 3
NO_SHARES = ("", ComparisonCount.REPORTING)
COLUMNS = ("key", "title", "signatory", "signatory_name", "size", "unit", "starting_point",
           "target", "target_by", "value", "change", "on", "reported_on", "level_of_proof",
           "disputed", "delivery", "reporting", "ending", "weakened", "corrected_down", "share",
           "median_share", "median_of", "ended_unanswered", "signatory_standing")  # fmt: skip


def comparison_context(query: QueryDict, today: date) -> dict[str, Any]:
    """Return the commitments of a measure side by side, or only the options. Six queries."""
    compared = ComparisonCount.objects.filter(measure=OuterRef("key"), fact="", number__gt=0)
    public: Any = Record.objects.of_kind("measure").readable().order_by("code")
    measures = list(public.annotate(is_compared=Exists(compared)))
    measure_keys = {row.key for row in measures if row.is_compared}
    options = [(row.key, row.name or row.key) for row in measures if row.key in measure_keys]
    measure = chosen_option(query, "measure", {row.key for row in measures})
    size = chosen_option(query, "size", code_lists.Size.values)
    page: dict[str, Any] = {
        "measures": options,
        "measure": measure if measure in measure_keys else "",
        "name": dict(options).get(measure, ""),
        "sizes": code_lists.Size.choices,
        "size": size,
        "rows": [],
    }
    if page["measure"]:
        selection = set(query.getlist("commitment"))
        matches = _comparable_keys(measure, size, selection)
        page["rows"] = _comparison_rows(measure, matches[:MAX_ROWS], today)
        page["chosen"] = selection
        page["more"] = len(matches) > MAX_ROWS
        page["csv"] = f"{reverse('website:compare_csv')}?{query.urlencode()}"
    return page


def as_csv(query: QueryDict, today: date) -> str:
    """Return the rows of a comparison as CSV."""
    rows = comparison_context(query, today)["rows"]
    return "".join(csv_lines([COLUMNS, *map(_csv_cells, rows)]))


def _csv_cells(row: ComparisonRow) -> list[Any]:
    """Return the cells of a row in the order of COLUMNS: one fact in each, figures as numbers."""
    headline, figures, of_size = row.commitment.headline, row.figures, row.median
    start, target, value, share = (
        _parse_figure(figures.get(name)) for name in ("start", "target", "value", "share")
    )
    return [
        *(headline.key, headline.title, row.commitment.signatory_key, headline.signatory),
        *(row.size, figures.get("unit"), start, target, row.target_by),
        *(value, row.change.amount if row.change else None, row.on, headline.reported_on),
        *(headline.level_of_proof, headline.disputed, headline.delivery, headline.reporting),
        headline.ending,
        *(WEAKENED in headline.marks, CORRECTED_DOWNWARDS in headline.marks, share),
        *(of_size and of_size.share, of_size and of_size.of),
        *(headline.ended_unanswered, headline.standing),
    ]


def _parse_figure(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def build_commitment_page(record: Record, today: date) -> CommitmentPage:
    """Return the page of a commitment with similar commitments. Three queries more."""
    page = commitment.public_page(record, today)
    similar = _similar_commitments(record, page, today) if page.measure_key else None
    return replace(page, similar=similar)


def _similar_commitments(record: Record, page: CommitmentPage, today: date) -> SimilarCommitments:
    """Return a sentence on commitments with the same measure and size, and a link to compare."""
    address = f"{reverse('website:compare')}?{urlencode({'measure': page.measure_key})}"
    if not page.size:
        return SimilarCommitments(
            "We do not know the size of this organisation, so we cannot show similar commitments.",
            address,
            "All commitments with this measure",
        )
    counts = _read_facts(page.measure_key or "").get(page.size, Counter())
    _leave_out(record, counts)
    number = counts[""]
    band = f"organisation with {code_lists.Size.label_of(page.size)}"
    if not number:
        return SimilarCommitments(f"No other {band} uses this measure.")
    middle = _median_share(counts)
    reporting = (
        counts[ComparisonCount.REPORTING]
        if ListedCommitment.objects.are_of(today)
        else _count_reporting(page, today)
    )
    median_clause = (
        f"median: {_percent(middle)} of the way from start to target"
        if middle is not None
        else "too few figures for a median"
    )
    return SimilarCommitments(
        f"{count_noun(number, 'similar commitment')}, same measure, each by an {band} "
        f"({median_clause}, {reporting} of {number} reporting).",
        f"{address}&{urlencode({'size': page.size})}",
        "Compare similar commitments",
    )


def _comparable_keys(measure: str, size: str, selection: set[str]) -> list[str]:
    """Return the commitments of a page by name of the signatory, and one more.

    All sizes without one: an index leads to the first of each. One query.
    """
    if selection:
        chosen = ComparedCommitment.objects.filter(measure=measure, key__in=list(selection))
        parts = [chosen.filter(size=size) if size else chosen]
    else:
        sizes = [size] if size else ["", *code_lists.Size.values]
        parts = [ComparedCommitment.objects.filter(measure=measure, size=each) for each in sizes]
    columns = ("place", "first_entry", "key")
    first, *others = (
        part.order_by("place", "first_entry").values_list(*columns)[: MAX_ROWS + 1]
        for part in parts
    )
    found = first.union(*others, all=True) if others else first
    return [key for _, _, key in sorted(found)[: MAX_ROWS + 1]]


def _comparison_rows(measure: str, keys: list[str], today: date) -> list[ComparisonRow]:
    """Return commitments of a measure as rows. Four queries."""
    found = Record.objects.with_reporting(today).in_bulk(keys)
    commitments = [found[key] for key in keys]
    signatories = Record.objects.in_bulk({record.signatory for record in commitments})
    changes = progress.latest_changes(record.key for record in commitments)
    names = {key: signatory.name or key for key, signatory in signatories.items()}
    sizes = {key: (signatory.item or {}).get("size", "") for key, signatory in signatories.items()}
    facts = _read_facts(measure)
    return [
        replace(
            comparison_row(
                register_rows.commitment_row(record, names, today),
                record,
                changes.get(record.key),
            ),
            size=sizes[record.signatory],
            median=_size_median(record, sizes[record.signatory], facts),
        )
        for record in commitments
    ]


def _read_facts(measure: str) -> dict[str, Counter[str]]:
    """Return how many commitments of a measure there are with each fact, by size. One query."""
    facts: dict[str, Counter[str]] = {}
    kept = ComparisonCount.objects.filter(measure=measure, number__gt=0)
    for size, fact, number in kept.values_list("size", "fact", "number"):
        facts.setdefault(size, Counter())[fact] = number
    return facts


def _leave_out(record: Record, counts: Counter[str]) -> None:
    """Take a commitment away from the counts of its measure and size."""
    own = ComparedCommitment.objects.get(pk=record.key)
    counts[""] -= 1
    counts[own.share] -= bool(own.share)
    counts[ComparisonCount.REPORTING] -= own.is_reporting


def _count_reporting(page: CommitmentPage, today: date) -> int:
    """Return how many similar commitments report, until their states are those of today."""
    listed: Any = ListedCommitment.objects.readable().on(today, is_stored=False)
    late = [f"reporting:{state}" for state in code_lists.Reporting.late_states()]
    number: int = (
        listed.exclude(key=page.key)
        .filter(tags__contains=[f"measure:{page.measure_key}", f"size:{page.size}"])
        .exclude(tags__contains=["ended_unanswered:true"])
        .exclude(day_tags__0__in=late)
        .count()
    )
    return number


def _median_share(counts: Counter[str]) -> Decimal | None:
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


def _size_median(record: Record, size: str, facts: dict[str, Counter[str]]) -> SizeMedian:
    """Return the median for a commitment's size with its base, or the reason for having none."""
    if not size:
        return SizeMedian("Size not known: no median")
    counts = facts.get(size, Counter())
    middle = _median_share(counts)
    if middle is None:
        return SizeMedian("Too few of its size for a median")
    way, total = _way_done(record), sum(_shares(counts).values())
    own_clause = f"{_percent(way)} of the way; " if way is not None else ""
    text = f"{own_clause}median of {total} of its size: {_percent(middle)}"
    return SizeMedian(text, round(middle, 3), total)


def _percent(share: Decimal) -> str:
    return f"{format_number(round(share * 100, 0))}%"
