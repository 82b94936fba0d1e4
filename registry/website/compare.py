"""Compare commitments with the same measure, beside the median of their size; no ranks."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from registry.log.progress import parse_progress
from registry.models import Record
from registry.open_data.csv_cells import csv_lines
from registry.open_data.filters import filter_by_signatory
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
COLUMNS = ("key", "title", "signatory", "signatory_name", "size", "unit", "starting_point",
           "target", "target_by", "value", "change", "on", "reported_on", "level_of_proof",
           "disputed", "delivery", "reporting", "ending", "weakened", "corrected_down", "share",
           "median_share", "median_of", "ended_unanswered", "signatory_standing")  # fmt: skip


def comparison_context(query: QueryDict, today: date) -> dict[str, Any]:
    """Return the commitments of a measure side by side, or only the options. Five queries."""
    measures = Record.objects.of_kind("measure").readable().order_by("code")
    measure_keys = set(
        Record.objects.of_kind("commitment")
        .readable()
        .filter(measure__isnull=False)
        .values_list("measure", flat=True)
        .distinct()
    )
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
        rows = [
            row
            for row in _comparison_rows(measure, today)
            if not page["size"] or row.size == page["size"]
        ]
        selection = set(query.getlist("commitment"))
        page["rows"] = [
            row for row in rows if not selection or row.commitment.headline.key in selection
        ][:MAX_ROWS]
        page["chosen"] = selection
        page["more"] = len(rows) > MAX_ROWS
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
    """Return the page of a commitment with similar commitments. One query more."""
    page = commitment.public_page(record, today)
    similar = _similar_commitments(page, today) if page.measure_key else None
    return replace(page, similar=similar)


def _similar_commitments(page: CommitmentPage, today: date) -> SimilarCommitments:
    """Return a sentence on commitments with the same measure and size, and a link to compare."""
    address = f"{reverse('website:compare')}?{urlencode({'measure': page.measure_key})}"
    if not page.size:
        return SimilarCommitments(
            "We do not know the size of this organisation, so we cannot show similar commitments.",
            address,
            "All commitments with this measure",
        )
    similar = list(
        filter_by_signatory(
            Record.objects.of_kind("commitment").readable().with_reporting(today),
            "size",
            [page.size],
        )
        .filter(measure=page.measure_key)
        .exclude(key=page.key)
    )
    band = f"organisation with {code_lists.Size.label_of(page.size)}"
    if not similar:
        return SimilarCommitments(f"No other {band} uses this measure.")
    ways = [way for other in similar if (way := _way_done(other)) is not None]
    reporting = sum(
        other.reporting not in code_lists.Reporting.late_states() and not other.ended_unanswered
        for other in similar
    )
    median_clause = (
        f"median: {_percent(median(ways))} of the way from start to target"
        if len(ways) >= MIN_FOR_MEDIAN
        else "too few figures for a median"
    )
    return SimilarCommitments(
        f"{count_noun(len(similar), 'similar commitment')}, same measure, each by an {band} "
        f"({median_clause}, {reporting} of {len(similar)} reporting).",
        f"{address}&{urlencode({'size': page.size})}",
        "Compare similar commitments",
    )


def _comparison_rows(measure: str, today: date) -> list[ComparisonRow]:
    """Return the commitments of a measure by name of the signatory. Three queries."""
    commitments = list(
        Record.objects.of_kind("commitment")
        .readable()
        .filter(measure=measure)
        .with_reporting(today)
        .order_by("first_entry")
    )
    signatories = Record.objects.in_bulk({record.signatory for record in commitments})
    changes = progress.latest_changes(record.key for record in commitments)
    names = {key: signatory.name or key for key, signatory in signatories.items()}
    sizes = {key: (signatory.item or {}).get("size", "") for key, signatory in signatories.items()}
    ways: dict[str, list[Decimal]] = {}
    for record in commitments:
        if (way := _way_done(record)) is not None:
            ways.setdefault(sizes[record.signatory], []).append(way)
    rows = [
        replace(
            comparison_row(
                register_rows.commitment_row(record, names, today),
                record,
                changes.get(record.key),
            ),
            size=sizes[record.signatory],
            median=_size_median(record, sizes[record.signatory], ways),
        )
        for record in commitments
    ]
    return sorted(rows, key=lambda row: row.commitment.headline.signatory.upper())


def _way_done(record: Record) -> Decimal | None:
    """Return the share of the way from start to target; None without one.

    Withdrawn and replaced commitments have none, so that none counts twice.
    """
    if record.status == Record.Status.WITHDRAWN or record.superseded_by or not record.progress:
        return None
    return parse_progress(record.progress).way


def _size_median(record: Record, size: str, ways: dict[str, list[Decimal]]) -> SizeMedian:
    """Return the median for a commitment's size with its base, or the reason for having none."""
    if not size:
        return SizeMedian("Size not known: no median")
    size_ways = ways.get(size, [])
    if len(size_ways) < MIN_FOR_MEDIAN:
        return SizeMedian("Too few of its size for a median")
    way, middle = _way_done(record), median(size_ways)
    own_clause = f"{_percent(way)} of the way; " if way is not None else ""
    text = f"{own_clause}median of {len(size_ways)} of its size: {_percent(middle)}"
    return SizeMedian(text, round(middle, 3), len(size_ways))


def _percent(share: Decimal) -> str:
    return f"{format_number(round(share * 100, 0))}%"
