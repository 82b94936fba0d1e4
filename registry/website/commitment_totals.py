"""The totals of some commitments, as pages of themes, measures and places show them."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from registry.models import RecordQuerySet
from registry.open_data import totals
from registry.schema.code_lists import Delivery
from registry.website.charts import TotalChart, basis_text, total_chart
from registry.wording import sentences
from registry.wording.formatting import format_day, join_list


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
    """Return a sentence on delivery with its total and date. One query."""
    delivery_counts = {code: Count("key", filter=Q(delivery=code)) for code in Delivery.values}
    counts = commitments.aggregate(
        total=Count("key"), signatories=Count("signatory", distinct=True), **delivery_counts
    )
    if not counts["total"]:
        return "No commitments yet"
    parts = [
        f"{counts[delivery]:,} {delivery.label.lower()}"
        for delivery in Delivery.results_first()
        if counts[delivery]
    ]
    basis = basis_text(counts["total"], counts["signatories"])
    return f"{basis} on {format_day(today)}: {join_list(parts)}."
