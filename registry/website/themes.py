"""Themes and their measures: what they mean, what is promised, committed beside delivered."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Count, Q

from registry.models import Record, RecordQuerySet
from registry.open_data import totals
from registry.schema import code_lists, kinds
from registry.website import charts, notices, progress
from registry.website import rows as register_rows
from registry.wording import differences, sentences
from registry.wording.formatting import count_noun, format_amount, format_day, join_list

NEWEST = 5
ROWS = 50


def theme_list_context() -> dict[str, Any]:
    """Return the themes in the charter's order, each with what is promised. Three queries."""
    counts: dict[str, Any] = {
        row["theme"]: row
        for row in Record.objects.of_kind("commitment")
        .readable()
        .values("theme")
        .annotate(
            commitments=Count("key"),
            signatories=Count("signatory", distinct=True),
            met=Count("key", filter=Q(delivery="met")),
            withdrawn=Count("key", filter=Q(delivery="withdrawn")),
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


def theme_context(key: str, today: date) -> dict[str, Any] | None:
    """Return what is public about a theme, or None for an unknown key. Eleven queries, and three
    more for examples.
    """
    record = Record.objects.of_kind("theme").filter(pk=key).first()
    if record is None:
        return None
    page = register_rows.page_footer(record)
    if record.item is None:
        return page
    commitments = Record.objects.of_kind("commitment").readable().filter(theme=key)
    newest = list(commitments.with_reporting(today).order_by("-first_entry")[:NEWEST])
    known = register_rows.record_names(
        [record.charter, key, *(commitment.signatory for commitment in newest)]
    )
    measures = Record.objects.of_kind("measure").readable().filter(theme=key).order_by("code")
    return page | {
        "title": record.name,
        "description": record.item["description"],
        "charter": known.get(record.charter, ""),
        "sentence": delivery_summary(commitments, today),
        "left_out": sentences.left_out_sentence(totals.excluded_counts(commitments)),
        "totals": [charts.total_chart(total) for total in totals.totals_by_measure(commitments)],
        "measures": [_measure_row(measure) for measure in measures],
        "newest": [register_rows.commitment_row(commitment, known) for commitment in newest],
        "featured": notices.featured_records(theme=key)[:NEWEST],
    }


def measure_list_context() -> dict[str, Any]:
    """Return every measure below its theme. Two queries."""
    rows = Record.objects.filter(kind__in=["theme", "measure"]).readable().order_by("code")
    found = list(rows)
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
                    _measure_row(row) | {"committed": commitment_counts.get(row.key, 0)}
                    for row in found
                    if row.kind == "measure" and row.theme == theme.key
                ],
            }
            for theme in in_charter_order(row for row in found if row.kind == "theme")
        ]
    }


def measure_context(key: str, today: date) -> dict[str, Any] | None:
    """Return what is public about a measure, or None for an unknown key. Eleven queries, and three
    more for examples.
    """
    record = Record.objects.of_kind("measure").filter(pk=key).first()
    if record is None:
        return None
    page = register_rows.page_footer(record)
    if record.item is None:
        return page
    commitments = Record.objects.of_kind("commitment").readable().filter(measure=key)
    records = list(commitments.with_reporting(today).order_by("-first_entry")[: ROWS + 1])
    known = register_rows.record_names([record.theme, *(row.signatory for row in records)])
    changes = progress.latest_changes(row.key for row in records)
    return page | {
        **_measure_row(record),
        "theme": record.theme,
        "theme_title": known.get(record.theme, ""),
        "unit": record.item["unit_label"],
        "direction": record.item["direction"],
        "aggregation": record.item["aggregation"],
        "sentence": delivery_summary(commitments, today),
        "left_out": sentences.left_out_sentence(totals.excluded_counts(commitments)),
        "totals": [charts.total_chart(total) for total in totals.totals_by_measure(commitments)],
        "rows": sorted(
            (comparison_row(row, known, changes) for row in records[:ROWS]),
            key=lambda row: row["signatory"].upper(),
        ),
        "more": len(records) > ROWS,
        "met_commitment": newest_met_commitment(key),
        "featured": notices.featured_records(measure=key)[:NEWEST],
    }


def newest_met_commitment(key: str) -> tuple[str, str] | None:
    """Return key and title of the newest commitment of a measure that was met and shown to be."""
    met = Record.objects.of_kind("commitment").readable().filter(measure=key, delivery="met")
    proven = met.exclude(level_of_proof="self_reported").order_by("-first_entry").first()
    return (proven.key, proven.name) if proven else None


def delivery_summary(commitments: RecordQuerySet, today: date) -> str:
    """Return commitments in a sentence with denominator and date. One query."""
    counts = {code: Count("key", filter=Q(delivery=code)) for code in sentences.DELIVERY_ORDER}
    found = commitments.aggregate(
        total=Count("key"), signatories=Count("signatory", distinct=True), **counts
    )
    if not found["total"]:
        return "Nobody has promised anything here yet."
    parts = [
        f"{found[code]:,} {code_lists.DELIVERY[code].lower()}"
        for code in sentences.DELIVERY_ORDER
        if found[code]
    ]
    basis = charts.basis_text(found["total"], found["signatories"])
    return f"{basis} on {format_day(today)}: {join_list(parts)}."


def comparison_row(
    record: Record, known: dict[str, str], changes: dict[str, str]
) -> dict[str, Any]:
    """Return a commitment as a row that says target, value to date and its change since the last
    figure, each gap in words.
    """
    item = kinds.parse_item("commitment", record.item or {})
    latest = record.progress or {}
    start = item["baseline"]
    return register_rows.commitment_row(record, known) | {
        "signatory_key": record.signatory,
        "target": differences.target_text(item) or "No number",
        "start": format_amount(start["value"], item["unit"]) if start else "Not told",
        "value": progress.figure_text(latest.get("value"), item),
        "change": changes.get(record.key, ""),
        "as_of": date.fromisoformat(latest["as_of"]) if latest else None,
        "level": latest.get("level_of_proof", ""),
        "disputed": latest.get("disputed", False),
    }


def _commitments_summary(counts: dict[str, int] | None) -> str:
    if not counts:
        return "Nothing promised yet"
    parts = [f"{counts[code]:,} {code}" for code in ("met", "withdrawn") if counts[code]]
    sentence = charts.basis_text(counts["commitments"], counts["signatories"])
    return f"{sentence}: {join_list(parts)}" if parts else sentence


def _measure_row(record: Record) -> dict[str, Any]:
    item = record.item or {}
    return {
        "key": record.key,
        "title": record.name,
        "code": record.code,
        "definition": item.get("definition", ""),
        "nature": code_lists.NATURES.get(item.get("nature", ""), ""),
        "evidence": item.get("usual_evidence", ""),
        "not_counted": item.get("not_counted", ""),
        "strength": code_lists.EVIDENCE_STRENGTHS.get(item.get("evidence_strength", ""), ""),
    }
