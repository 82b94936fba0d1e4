"""Build the pages of themes and measures: definitions, commitments and totals."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q

from registry.models import Record, RecordQuerySet
from registry.open_data import totals
from registry.schema import kinds
from registry.schema.code_lists import Delivery, LevelOfProof
from registry.schema.measure_codes import Counts, EvidenceStrength, Nature
from registry.website import charts, notices, progress
from registry.website import rows as register_rows
from registry.website.record_pages import RemovedRecord, record_fields
from registry.wording import sentences
from registry.wording.formatting import count_noun, format_amount, format_day, join_list

NEWEST = 5
ROWS = 50


def theme_list_context() -> dict[str, Any]:
    """Return the themes in the charter's order, each with its commitments. Three queries."""
    counts: dict[str, Any] = {
        row["theme"]: row
        for row in Record.objects.of_kind("commitment")
        .readable()
        .values("theme")
        .annotate(
            commitments=Count("key"),
            signatories=Count("signatory", distinct=True),
            met=Count("key", filter=Q(delivery=Delivery.MET)),
            withdrawn=Count("key", filter=Q(delivery=Delivery.WITHDRAWN)),
        )
    }
    measures = dict(
        Record.objects.of_kind("measure")
        .readable()
        .values_list("theme")
        .annotate(count=Count("key"))
        .order_by()
    )
    return {
        "themes": [
            {
                "key": theme.key,
                "title": theme.name,
                "description": (theme.item or {})["description"],
                "sentence": _commitments_summary(counts.get(theme.key)),
                "measures": count_noun(measures.get(theme.key, 0), "measure"),
            }
            for theme in in_charter_order(Record.objects.of_kind("theme").readable())
        ]
    }


def in_charter_order(themes: Iterable[Record]) -> list[Record]:
    """Return themes in the order of their charter."""
    return sorted(themes, key=lambda theme: (theme.item or {})["position"])


def theme_context(key: str, today: date) -> dict[str, Any] | RemovedRecord | None:
    """Return the public page of a theme, or None for an unknown key.

    Eleven queries, and three more for featured records.
    """
    record = Record.objects.of_kind("theme").filter(pk=key).first()
    if record is None:
        return None
    page = record_fields(record)
    if record.item is None:
        return RemovedRecord(**page)
    commitments = Record.objects.of_kind("commitment").readable().filter(theme=key)
    newest = list(commitments.with_reporting(today).order_by("-first_entry")[:NEWEST])
    names = register_rows.record_names(
        [record.charter, key, *(commitment.signatory for commitment in newest)]
    )
    measures = Record.objects.of_kind("measure").readable().filter(theme=key).order_by("code")
    return page | {
        "title": record.name,
        "description": record.item["description"],
        "charter": names.get(record.charter, ""),
        "sentence": delivery_summary(commitments, today),
        "left_out": sentences.left_out_sentence(totals.excluded_counts(commitments)),
        "totals": [charts.total_chart(total) for total in totals.totals_by_measure(commitments)],
        "measures": [_measure_row(measure) for measure in measures],
        "newest": [register_rows.commitment_row(commitment, names, today) for commitment in newest],
        "featured": notices.featured_records(theme=key)[:NEWEST],
    }


def measure_list_context() -> dict[str, Any]:
    """Return the themes, each with its measures. Two queries."""
    records = list(Record.objects.filter(kind__in=["theme", "measure"]).readable().order_by("code"))
    commitment_counts = dict(
        Record.objects.of_kind("commitment")
        .readable()
        .filter(measure__isnull=False)
        .values_list("measure")
        .annotate(count=Count("key"))
        .order_by()
    )
    return {
        "themes": [
            {
                "key": theme.key,
                "title": theme.name,
                "measures": [
                    _measure_row(record) | {"committed": commitment_counts.get(record.key, 0)}
                    for record in records
                    if record.kind == "measure" and record.theme == theme.key
                ],
            }
            for theme in in_charter_order(record for record in records if record.kind == "theme")
        ]
    }


def measure_context(key: str, today: date) -> dict[str, Any] | RemovedRecord | None:
    """Return the public page of a measure, or None for an unknown key.

    Eleven queries, and three more for featured records.
    """
    record = Record.objects.of_kind("measure").filter(pk=key).first()
    if record is None:
        return None
    page = record_fields(record)
    if record.item is None:
        return RemovedRecord(**page)
    commitments = Record.objects.of_kind("commitment").readable().filter(measure=key)
    records = list(commitments.with_reporting(today).order_by("-first_entry")[: ROWS + 1])
    names = register_rows.record_names([record.theme, *(row.signatory for row in records)])
    changes = progress.latest_changes(row.key for row in records)
    return page | {
        **_measure_row(record),
        "theme": record.theme,
        "theme_title": names.get(record.theme, ""),
        "unit": record.item["unit_label"],
        "direction": record.item["direction"],
        "counts": Counts.label_of(record.item["counts"]),
        "counts_reason": record.item["counts_reason"],
        "sentence": delivery_summary(commitments, today),
        "left_out": sentences.left_out_sentence(totals.excluded_counts(commitments)),
        "totals": [charts.total_chart(total) for total in totals.totals_by_measure(commitments)],
        "rows": sorted(
            (
                comparison_row(
                    register_rows.commitment_row(row, names, today), row, changes.get(row.key, "")
                )
                for row in records[:ROWS]
            ),
            key=lambda row: row.commitment.headline.signatory.upper(),
        ),
        "more": len(records) > ROWS,
        "met_commitment": newest_met_commitment(key),
        "featured": notices.featured_records(measure=key)[:NEWEST],
    }


def newest_met_commitment(key: str) -> tuple[str, str] | None:
    """Return key and title of a measure's newest met commitment that is not only self-reported."""
    met = Record.objects.of_kind("commitment").readable().filter(measure=key, delivery=Delivery.MET)
    proven = met.exclude(level_of_proof=LevelOfProof.SELF_REPORTED).order_by("-first_entry").first()
    return (proven.key, proven.name) if proven else None


def delivery_summary(commitments: RecordQuerySet, today: date) -> str:
    """Return a sentence on delivery with its total and date. One query."""
    delivery_counts = {code: Count("key", filter=Q(delivery=code)) for code in Delivery.values}
    counts = commitments.aggregate(
        total=Count("key"), signatories=Count("signatory", distinct=True), **delivery_counts
    )
    if not counts["total"]:
        return "Nobody has promised anything here yet."
    parts = [
        f"{counts[delivery]:,} {delivery.label.lower()}"
        for delivery in Delivery.results_first()
        if counts[delivery]
    ]
    basis = charts.basis_text(counts["total"], counts["signatories"])
    return f"{basis} on {format_day(today)}: {join_list(parts)}."


@dataclass(frozen=True)
class ComparisonRow:
    """A commitment beside others of its measure; gaps are named in words."""

    commitment: register_rows.CommitmentRow
    start: str
    target: str
    value: str
    change: str
    as_of: date | None
    size: str = ""
    median: str = ""


def comparison_row(
    commitment: register_rows.CommitmentRow, record: Record, change: str
) -> ComparisonRow:
    """Return a row with start, target, value to date and change since the last figure."""
    item = kinds.parse_item("commitment", record.item or {})
    progress_item = record.progress or {}
    start, as_of = progress_item.get("start"), progress_item.get("as_of")
    return ComparisonRow(
        commitment=commitment,
        start=format_amount(Decimal(start), item["unit"]) if start else "Not known",
        target=commitment.headline.target or "No numerical target",
        value=progress.value_text(progress_item.get("value"), item),
        change=change,
        as_of=date.fromisoformat(as_of) if as_of else None,
    )


def _commitments_summary(counts: dict[str, int] | None) -> str:
    if not counts:
        return "Nothing promised yet"
    parts = [
        f"{counts[delivery]:,} {delivery.label.lower()}"
        for delivery in (Delivery.MET, Delivery.WITHDRAWN)
        if counts[delivery]
    ]
    sentence = charts.basis_text(counts["commitments"], counts["signatories"])
    return f"{sentence}: {join_list(parts)}" if parts else sentence


def _measure_row(record: Record) -> dict[str, Any]:
    item = record.item or {}
    return {
        "key": record.key,
        "title": record.name,
        "committed": 0,
        "code": record.code,
        "definition": item.get("definition", ""),
        "nature": _nature_text(item.get("nature")),
        "evidence": item.get("usual_evidence", ""),
        "not_counted": item.get("not_counted", ""),
        "strength": EvidenceStrength.label_of(item.get("evidence_strength")),
    }


def _nature_text(code: str | None) -> str:
    """Return "Output: what is done", or "" if a measure's text was removed."""
    if not code:
        return ""
    nature = Nature.from_code(code)
    return f"{nature.label}: {nature.description.lower()}"
