"""Build the list of themes, and the page of each with its commitments and measures."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q

from registry.models import Record
from registry.schema.code_lists import Delivery
from registry.website import charts, notices
from registry.website.commitment_totals import TotalsBlock, build_totals, delivery_summary
from registry.website.measures import MeasureRow, measure_row
from registry.website.record_pages import RecordPage, record_fields
from registry.website.rows import CommitmentRow, commitment_row, record_names
from registry.wording.formatting import count_noun, join_list

NEWEST = 5


@dataclass(frozen=True)
class ThemeRow:
    """A theme in the list; its commitments and measures are counted in words."""

    key: str
    title: str
    description: str
    commitments: str
    measures: str


@dataclass(frozen=True)
class ThemePage(RecordPage):
    title: str
    description: str
    charter: str
    sentence: str
    totals: TotalsBlock
    featured: list[notices.FeaturedRecord]
    newest: list[CommitmentRow]
    measures: list[MeasureRow]


def list_themes() -> list[ThemeRow]:
    """Return the themes in the charter's order, each with its commitments. Three queries."""
    commitments = Record.objects.of_kind("commitment").readable().values("theme")
    commitment_counts: dict[str, Any] = {
        row["theme"]: row
        for row in commitments.annotate(
            total=Count("key"),
            signatories=Count("signatory", distinct=True),
            unanswered=Count("key", filter=Q(ended_unanswered__isnull=False)),
            **{code: Count("key", filter=Q(delivery=code)) for code in Delivery.values},
        )
    }
    measures = Record.objects.of_kind("measure").readable().values_list("theme")
    measure_counts = dict(measures.annotate(count=Count("key")).order_by())
    themes = Record.objects.of_kind("theme").readable().order_by("item__position")
    return [
        ThemeRow(
            key=theme.key,
            title=theme.name or theme.key,
            description=(theme.item or {})["description"],
            commitments=_commitments_summary(commitment_counts.get(theme.key)),
            measures=count_noun(measure_counts.get(theme.key, 0), "measure"),
        )
        for theme in themes
    ]


def _commitments_summary(counts: dict[str, int] | None) -> str:
    """Return "7 commitments by 3 signatories: 2 met and 1 withdrawn"."""
    if not counts:
        return "No commitments yet"
    parts = [
        f"{counts[delivery]:,} {delivery.label.lower()}"
        for delivery in (Delivery.MET, Delivery.WITHDRAWN)
        if counts[delivery]
    ]
    if counts["unanswered"]:
        parts.append(f"{counts['unanswered']:,} ended unanswered")
    sentence = charts.basis_text(counts["total"], counts["signatories"])
    return f"{sentence}: {join_list(parts)}" if parts else sentence


def build_theme_page(record: Record, today: date) -> ThemePage:
    """Return the public page of a theme whose text is not removed.

    Eleven queries, and three more for featured records.
    """
    item = record.item or {}
    commitments = Record.objects.of_kind("commitment").readable().filter(theme=record.key)
    newest = list(commitments.with_reporting(today).order_by("-first_entry")[:NEWEST])
    names = record_names([record.charter, record.key, *(row.signatory for row in newest)])
    measures = (
        Record.objects.of_kind("measure").readable().filter(theme=record.key).order_by("code")
    )
    return ThemePage(
        **record_fields(record),
        title=names[record.key],
        description=item["description"],
        charter=names.get(record.charter, ""),
        sentence=delivery_summary(commitments, today),
        totals=build_totals(commitments),
        featured=notices.featured_records(theme=record.key)[:NEWEST],
        newest=[commitment_row(row, names, today) for row in newest],
        measures=[measure_row(measure) for measure in measures],
    )
