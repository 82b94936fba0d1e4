"""Themes and their measures: what they mean, what is promised, committed beside delivered."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Count, Q

from registry import codelists, kinds, statistics
from registry.models import Record, RecordQuerySet
from registry.website import bars, differences, figures, lists, notices, sentences, words

NEWEST = 5
ROWS = 50


def listed() -> dict[str, Any]:
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
                "sentence": _promised(counts.get(theme.key)),
                "measures": words.counted(measures.get(theme.key, 0), "measure"),
            }
            for theme in in_order(Record.objects.of_kind("theme").readable())
        ]
    }


def in_order(themes: Iterable[Record]) -> list[Record]:
    """Return themes in the order of their charter."""
    return sorted(themes, key=lambda theme: (theme.item or {})["position"])


def shown(key: str, today: date) -> dict[str, Any] | None:
    """Return what is public about a theme, or None for an unknown key. Eleven queries, and three
    more for examples.
    """
    record = Record.objects.of_kind("theme").filter(pk=key).first()
    if record is None:
        return None
    page = lists.foot(record)
    if record.item is None:
        return page
    promises = Record.objects.of_kind("commitment").readable().filter(theme=key)
    newest = list(promises.with_reporting(today).order_by("-first_entry")[:NEWEST])
    known = lists.names([record.charter, key, *(promise.signatory for promise in newest)])
    measures = Record.objects.of_kind("measure").readable().filter(theme=key).order_by("code")
    return page | {
        "title": record.name,
        "description": record.item["description"],
        "charter": known.get(record.charter, ""),
        "sentence": delivery(promises, today),
        "left_out": sentences.left_out(statistics.left_out(promises)),
        "totals": [bars.beside(total) for total in statistics.totals(promises)],
        "measures": [_measure(measure) for measure in measures],
        "newest": [lists.row(promise, known) for promise in newest],
        "examples": notices.examples(theme=key)[:NEWEST],
    }


def measure_list() -> dict[str, Any]:
    """Return every measure below its theme. Two queries."""
    rows = Record.objects.filter(kind__in=["theme", "measure"]).readable().order_by("code")
    found = list(rows)
    promised = dict(
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
                    _measure(row) | {"promised": promised.get(row.key, 0)}
                    for row in found
                    if row.kind == "measure" and row.theme == theme.key
                ],
            }
            for theme in in_order(row for row in found if row.kind == "theme")
        ]
    }


def measure(key: str, today: date) -> dict[str, Any] | None:
    """Return what is public about a measure, or None for an unknown key. Eleven queries, and three
    more for examples.
    """
    record = Record.objects.of_kind("measure").filter(pk=key).first()
    if record is None:
        return None
    page = lists.foot(record)
    if record.item is None:
        return page
    promises = Record.objects.of_kind("commitment").readable().filter(measure=key)
    rows = list(promises.with_reporting(today).order_by("-first_entry")[: ROWS + 1])
    known = lists.names([record.theme, *(row.signatory for row in rows)])
    changes = figures.changes(row.key for row in rows)
    return page | {
        **_measure(record),
        "theme": record.theme,
        "theme_title": known.get(record.theme, ""),
        "unit": record.item["unit_label"],
        "direction": record.item["direction"],
        "aggregation": record.item["aggregation"],
        "sentence": delivery(promises, today),
        "left_out": sentences.left_out(statistics.left_out(promises)),
        "totals": [bars.beside(total) for total in statistics.totals(promises)],
        "rows": sorted(
            (compared(row, known, changes) for row in rows[:ROWS]),
            key=lambda row: row["signatory"].upper(),
        ),
        "more": len(rows) > ROWS,
        "example": good_example(key),
        "examples": notices.examples(measure=key)[:NEWEST],
    }


def good_example(key: str) -> tuple[str, str] | None:
    """Return key and title of the newest promise of a measure that was met and shown to be."""
    met = Record.objects.of_kind("commitment").readable().filter(measure=key, delivery="met")
    shown = met.exclude(level_of_proof="said_by_business").order_by("-first_entry").first()
    return (shown.key, shown.name) if shown else None


def delivery(promises: RecordQuerySet, today: date) -> str:
    """Return promises in a sentence with denominator and date. One query."""
    counts = {code: Count("key", filter=Q(delivery=code)) for code in sentences.DELIVERY_ORDER}
    found = promises.aggregate(
        total=Count("key"), firms=Count("signatory", distinct=True), **counts
    )
    if not found["total"]:
        return "Nobody has promised anything here yet."
    told = [
        f"{found[code]:,} {codelists.DELIVERY[code].lower()}"
        for code in sentences.DELIVERY_ORDER
        if found[code]
    ]
    promised = bars.behind(found["total"], found["firms"])
    return f"{promised} on {words.day(today)}: {words.joined(told)}."


def compared(record: Record, known: dict[str, str], changes: dict[str, str]) -> dict[str, Any]:
    """Return a promise as a row that says target, value to date and its change since the last
    figure, each gap in words.
    """
    item = kinds.typed("commitment", record.item or {})
    progress = record.progress or {}
    start = item["baseline"]
    return lists.row(record, known) | {
        "signatory_key": record.signatory,
        "target": differences.target(item) or "No number",
        "start": words.amount(start["value"], item["unit"]) if start else "Not told",
        "value": figures.amount(progress.get("value"), item),
        "change": changes.get(record.key, ""),
        "as_of": date.fromisoformat(progress["as_of"]) if progress else None,
        "level": progress.get("level_of_proof", ""),
        "disputed": progress.get("disputed", False),
    }


def _promised(counts: dict[str, int] | None) -> str:
    if not counts:
        return "Nothing promised yet"
    told = [f"{counts[code]:,} {code}" for code in ("met", "withdrawn") if counts[code]]
    sentence = bars.behind(counts["commitments"], counts["signatories"])
    return f"{sentence}: {words.joined(told)}" if told else sentence


def _measure(record: Record) -> dict[str, Any]:
    item = record.item or {}
    return {
        "key": record.key,
        "title": record.name,
        "code": record.code,
        "definition": item.get("definition", ""),
        "nature": codelists.NATURES.get(item.get("nature", ""), ""),
        "evidence": item.get("usual_evidence", ""),
        "not_counted": item.get("not_counted", ""),
        "strength": codelists.EVIDENCE_STRENGTHS.get(item.get("evidence_strength", ""), ""),
    }
