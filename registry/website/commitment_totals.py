"""The totals of some commitments, as pages of themes, measures and places show them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Q
from django.db.models.functions import ExtractYear

from registry.models import Record, RecordQuerySet
from registry.open_data import totals
from registry.schema.code_lists import COUNTED_DELIVERIES, Ending, Reporting
from registry.website.charts import TotalChart, basis_text, total_chart
from registry.website.delivery_counts import count_parts
from registry.wording import sentences
from registry.wording.formatting import count_noun, format_day, join_list
from registry.wording.standings import unanswered_note

# The year of each end with the membership that left a reminder unanswered.
UNANSWERED_YEARS = ArrayAgg(
    ExtractYear("ended_on"), filter=Q(ended_unanswered__isnull=False), default=[]
)


@dataclass(frozen=True)
class TotalsBlock:
    charts: list[TotalChart]
    left_out: str  # A sentence on the commitments that are not in the totals, or "".


def build_totals(commitments: RecordQuerySet) -> TotalsBlock:
    """Return the totals of commitments by measure. Six queries."""
    return TotalsBlock(
        charts=[total_chart(total) for total in totals.totals_by_measure(commitments)],
        left_out=sentences.left_out_sentence(totals.excluded_counts(commitments)),
    )


def delivery_summary(commitments: RecordQuerySet, today: date) -> str:
    """Return sentences on delivery, with its total and date, and on unanswered ends. One query."""
    delivery_counts = {code: Count("key", filter=Q(counted_as=code)) for code in COUNTED_DELIVERIES}
    counts: Any = commitments.with_reporting(today).aggregate(
        total=Count("key"),
        signatories=Count("signatory", distinct=True),
        unanswered=UNANSWERED_YEARS,
        **delivery_counts,
    )
    if not counts["total"]:
        return "No commitments yet"
    parts = count_parts(counts)
    basis = basis_text(counts["total"], counts["signatories"])
    summary = f"{basis} on {format_day(today)}: {join_list(parts)}, as last reported."
    unanswered = unanswered_note(counts["unanswered"])
    return f"{summary} {unanswered}." if unanswered else summary


def unanswered_summary(commitments: RecordQuerySet) -> str:
    """Return how many commitments ended unanswered with a membership, or "". One query."""
    unanswered = unanswered_note(commitments.aggregate(years=UNANSWERED_YEARS)["years"])
    return f"{unanswered}." if unanswered else ""


def register_summary(commitments: RecordQuerySet) -> str:
    """Return "41 signatories have made 252 commitments." One query."""
    counts = commitments.aggregate(
        total=Count("key"), signatories=Count("signatory", distinct=True)
    )
    if not counts["total"]:
        return "No commitments have been published yet."
    signatories = count_noun(counts["signatories"], "signatory", "signatories")
    verb = "has" if counts["signatories"] == 1 else "have"
    return f"{signatories} {verb} made {count_noun(counts['total'], 'commitment')}."


def open_summary(commitments: RecordQuerySet, today: date) -> str:
    """Return how many commitments are open, and their reporting on a day; "" without any.

    `commitments` are annotated with `reporting` and `ending`. One query.
    """
    is_open = Q(status=Record.Status.LIVE)
    counts = commitments.aggregate(
        total=Count("key"),
        passed=Count("key", filter=Q(ending=Ending.FINAL_UPDATE_DUE)),
        **{state: Count("key", filter=is_open & Q(reporting=state)) for state in Reporting.values},
    )
    states = {state: counts[state] for state in Reporting if counts[state]}
    if not counts["total"]:
        return ""
    if not states:
        return "It is closed." if counts["total"] == 1 else "None of them is open."
    parts = [f"{count:,} {state.label.lower()}" for state, count in states.items()]
    is_or_are = _open_clause(sum(states.values()), counts["total"])
    passed = _passed_sentence(counts["passed"])
    return f"{is_or_are} open. Reporting on {format_day(today)}: {', '.join(parts)}.{passed}"


def _passed_sentence(count: int) -> str:
    """Return a sentence on commitments past their deadline without a final update, or ""."""
    if not count:
        return ""
    verb = "is" if count == 1 else "are"
    noun = count_noun(count, "commitment")
    return f" {noun} {verb} past the deadline without a final update."


def _open_clause(count: int, total: int) -> str:
    """Return "It is", "Both are", "All are" or "230 are"."""
    if count == 1:
        return "It is" if total == 1 else "1 is"
    if count == total:
        return "Both are" if total == 2 else "All are"
    return f"{count:,} are"
