"""Compare commitments with the same measure, beside the median of their size; no ranks."""

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef
from django.http import QueryDict
from django.urls import reverse

from registry.models import ComparedCommitment, ComparisonCount, ListedCommitment, Record
from registry.schema import code_lists
from registry.website import commitment
from registry.website.basket import Basket
from registry.website.charts.dots import percent_text
from registry.website.commitment_page import (
    CommitmentPage,
    SimilarCommitments,
)
from registry.website.compare_basket import basket_rows
from registry.website.comparison_blocks import comparison_block
from registry.website.comparison_rows import comparison_rows, csv_text, read_in_order
from registry.website.medians import median_share, read_facts
from registry.website.parameters import chosen_option
from registry.wording.formatting import count_noun

PARAMETERS = ("measure", "size", "commitment", "compare", "add")
MAX_ROWS = 48


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
        records = read_in_order(matches[:MAX_ROWS], today)
        page["rows"] = comparison_rows(records, today, read_facts(measure))
        page["comparison"] = comparison_block(page["rows"], records)
        page["chosen"] = selection
        page["more"] = len(matches) > MAX_ROWS
        page["csv"] = f"{reverse('website:compare_csv')}?{query.urlencode()}"
    return page


def as_csv(query: QueryDict, today: date) -> str:
    """Return the rows of a comparison as CSV: of a basket, or of a measure."""
    basket = Basket.from_query(query)
    if basket.keys:
        rows, _ = basket_rows(basket, today)
        return csv_text(rows)
    return csv_text(comparison_context(query, today)["rows"])


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
    counts = read_facts(page.measure_key or "").get(page.size, Counter())
    _leave_out(record, counts)
    number = counts[""]
    band = f"organisation with {code_lists.Size.label_of(page.size)}"
    if not number:
        return SimilarCommitments(f"No other {band} uses this measure.")
    middle = median_share(counts)
    reporting = (
        counts[ComparisonCount.REPORTING]
        if ListedCommitment.objects.are_of(today)
        else _count_reporting(page, today)
    )
    median_clause = (
        f"median: {percent_text(middle)} of the way from start to target"
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
