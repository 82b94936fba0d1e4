"""A list in one page, and in full: the same figures, dated, to print and hand on.

Any list of the register can be told so: of a place, a theme, a charter, a search. Both forms take
the filters of the register list from their address.
"""

from datetime import date
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from registry.models import Record, RecordQuerySet
from registry.open_data import totals
from registry.open_data.filters import CommitmentFilter
from registry.website import charts, home, progress, rows, themes
from registry.wording import differences, sentences
from registry.wording.formatting import count_noun, join_list

MAX_MEASURES = 8
ROWS = 500


def summary_context(query: QueryDict, today: date) -> dict[str, Any]:
    """Return what fits one page. Eleven queries."""
    context = _shared_context(query, today)
    measures = context.pop("measures")
    most = sorted(measures, key=lambda line: line["commitments"], reverse=True)[:MAX_MEASURES]
    return context | {
        "measures": [line for line in measures if line in most],
        "measures_left": len(measures) - len(most),
    }


def report_context(query: QueryDict, today: date) -> dict[str, Any]:
    """Return the same figures with every record, oldest first, in parts. Twelve queries."""
    context = _shared_context(query, today)
    after = query.get("after", "")
    records = context["commitment_records"].order_by("first_entry")
    if after.isdecimal() and len(after) < 16:
        records = records.filter(first_entry__gt=int(after))
    found = list(records[: ROWS + 1])
    known = rows.record_names(key for row in found[:ROWS] for key in (row.signatory, row.theme))
    page = rows.FilteredList(query, reverse("website:report"), CommitmentFilter)
    return context | {
        "rows": [_report_row(row, known) for row in found[:ROWS]],
        "success_lines": [
            _success_line(success) for success in context["successes"].order_by("first_entry")
        ]
        if len(found) <= ROWS
        else [],
        "next": page.list_url(after=str(found[ROWS - 1].first_entry)) if len(found) > ROWS else "",
        "first": page.list_url() if "after" in query else "",
    }


def _shared_context(query: QueryDict, today: date) -> dict[str, Any]:
    """Return what both forms say: whatever stands in both comes from here."""
    everything = Record.objects.of_kind("commitment").readable().with_reporting(today)
    filters = CommitmentFilter(query, queryset=everything)
    filters.is_valid()
    commitments: RecordQuerySet = filters.qs
    chosen = {
        name: value for name, value in filters.form.cleaned_data.items() if value and name in query
    }
    page = rows.FilteredList(query, reverse("website:summary"), CommitmentFilter)
    named = rows.record_names(
        value for values in chosen.values() if isinstance(values, list) for value in values
    )
    keys = list(commitments.values_list("key", flat=True))
    successes = Record.objects.of_kind("success").live()
    successes = successes.filter(item__commitments__has_any_keys=keys)
    return {
        "title": join_list([one.label for one in page.chosen_filters(chosen, named)])
        or "All commitments",
        "commitment_records": commitments,
        "successes": successes,
        "sentences": [
            themes.delivery_summary(commitments, today),
            home.open_reporting_sentence(commitments, today),
            f"{commitments.exclude(weakenings=[]).count():,} of them promise less than at first.",
            f"{count_noun(successes.count(), 'success', 'successes')} told.",
        ],
        "measures": [charts.total_line(total) for total in totals.totals_by_measure(commitments)],
        "left_out": sentences.left_out_sentence(totals.excluded_counts(commitments)),
        "summary": page.list_url(),
        "report": page.list_url(reverse("website:report")),
        "list": page.list_url(reverse("website:commitments")),
        "csv": page.file_url(reverse("website:commitments_csv")),
    }


def _report_row(record: Record, known: dict[str, str]) -> dict[str, Any]:
    item = record.item or {}
    latest = record.progress or {}
    row = rows.commitment_row(record, known)
    return row | {
        "target": row["target"] or "No number",
        "value": progress.figure_text(latest.get("value"), item),
        "level": latest.get("level_of_proof", ""),
        "disputed": latest.get("disputed", False),
    }


def _success_line(record: Record) -> dict[str, Any]:
    item = record.item or {}
    return {
        "key": record.key,
        "title": item["title"],
        "on": date.fromisoformat(item["happened_from"]),
        "place": differences.places_text(item),
    }
