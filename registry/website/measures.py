"""Build the list of measures, and the page of each with the commitments that use it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.models import ListedCommitment, Record
from registry.models.listing import IS_PROVEN
from registry.open_data.counts import count_each
from registry.open_data.figures import kept_figures
from registry.schema.measure_codes import Counts, EvidenceStrength, Nature
from registry.website import notices, progress
from registry.website.commitment_totals import TotalsBlock, build_totals, delivery_summary
from registry.website.comparison_blocks import ComparisonBlock, comparison_block, comparison_row
from registry.website.medians import measure_median
from registry.website.record_pages import RecordLink, RecordPage, record_fields
from registry.website.rows import commitment_row, newest_records, record_names
from registry.website.theme_looks import theme_look

Item = dict[str, Any]
FEATURED = 5
ROWS = 50


@dataclass(frozen=True)
class MeasureRow:
    key: str
    title: str
    nature: str
    evidence: str
    commitments: int  # 0 where they are not counted.


@dataclass(frozen=True)
class ThemeMeasures:
    theme: RecordLink
    measures: list[MeasureRow]


@dataclass(frozen=True)
class DefinitionBlock:
    """What the measure counts, and how a figure is usually shown; texts are "" if not given."""

    definition: str
    not_counted: str
    covers: str
    covers_reason: str
    nature: str
    unit: str
    evidence: str
    evidence_strength: str
    example: RecordLink | None


@dataclass(frozen=True)
class MeasurePage(RecordPage):
    code: str
    title: str
    theme: RecordLink
    look: str  # The name of the theme's colour and icon.
    sentence: str
    definition: DefinitionBlock
    totals: TotalsBlock
    featured: list[notices.FeaturedRecord]
    comparison: ComparisonBlock
    has_more: bool


def list_measures(today: date) -> list[ThemeMeasures]:
    """Return the themes in the charter's order, each with its measures. Three queries."""
    records = Record.objects.filter(kind__in=["theme", "measure"]).readable()
    sorted_records = list(records.order_by("item__position", "code"))
    tags = [f"measure:{record.key}" for record in sorted_records if record.kind == "measure"]
    counts = count_each([""], tags, today)[""]
    return [
        ThemeMeasures(
            theme=RecordLink(theme.key, theme.name or theme.key),
            measures=[
                measure_row(record, counts[f"measure:{record.key}"])
                for record in sorted_records
                if record.kind == "measure" and record.theme == theme.key
            ],
        )
        for theme in sorted_records
        if theme.kind == "theme"
    ]


def measure_row(record: Record, commitments: int = 0) -> MeasureRow:
    item = record.item or {}
    return MeasureRow(
        key=record.key,
        title=record.name or record.key,
        nature=_nature_text(item.get("nature")),
        evidence=item.get("usual_evidence", ""),
        commitments=commitments,
    )


def build_measure_page(record: Record, today: date) -> MeasurePage:
    """Return the public page of a measure whose text is not removed.

    Twelve queries, and three more for featured records.
    """
    item = record.item or {}
    figures = kept_figures(f"measure:{record.key}", today)
    records = newest_records(figures.listed, ROWS + 1, today)
    names = record_names([record.theme, *(row.signatory for row in records)])
    changes = progress.latest_changes(row.key for row in records)
    records_by_name = sorted(records[:ROWS], key=lambda row: names.get(row.signatory, "").upper())
    rows = [
        comparison_row(commitment_row(row, names, today), row, changes.get(row.key))
        for row in records_by_name
    ]
    return MeasurePage(
        **record_fields(record),
        code=item["code"],
        title=item["title"],
        theme=RecordLink(record.theme, names.get(record.theme, record.theme)),
        look=theme_look(
            Record.objects.filter(pk=record.theme).values_list("code", flat=True).first()
        ),
        sentence=delivery_summary(figures, today),
        definition=_definition_block(record),
        totals=build_totals(figures),
        featured=notices.featured_records(measure=record.key)[:FEATURED],
        comparison=comparison_block(rows, records_by_name, measure_median(record.key)),
        has_more=len(records) > ROWS,
    )


def _code_of(key: str | None) -> str | None:
    return Record.objects.filter(pk=key).values_list("code", flat=True).first()


def _definition_block(record: Record) -> DefinitionBlock:
    item = record.item or {}
    return DefinitionBlock(
        definition=item["definition"],
        not_counted=item.get("not_counted", ""),
        covers=Counts.label_of(item["counts"]),
        covers_reason=item["counts_reason"],
        nature=_nature_text(item.get("nature")),
        unit=item["unit_label"],
        evidence=item.get("usual_evidence", ""),
        evidence_strength=EvidenceStrength.label_of(item.get("evidence_strength")),
        example=newest_met_commitment(record.key),
    )


def _nature_text(code: str | None) -> str:
    """Return "Output: what is done", or "" if a measure's text was removed."""
    if not code:
        return ""
    nature = Nature.from_code(code)
    return f"{nature.label}: {nature.description.lower()}"


def newest_met_commitment(key: str) -> RecordLink | None:
    """Return a measure's newest met commitment that is not only self-reported. One query."""
    commitments = ListedCommitment.objects.readable().filter(IS_PROVEN, measure=key)
    proven = commitments.order_by("-first_entry").first()
    return RecordLink(proven.key, proven.name or proven.key) if proven else None
