"""Build printable reports of any list in the register: a one-page summary and a full report.

Both show the same dated figures, and both accept the filters of the register list.
"""

from datetime import date
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from registry.models import Record, RecordQuerySet
from registry.open_data import totals
from registry.open_data.filters import CommitmentFilter
from registry.website import charts, home, rows
from registry.website.commitment_totals import delivery_summary
from registry.wording import differences, sentences
from registry.wording.formatting import count_noun, join_list

MAX_MEASURES = 8
ROWS = 500


def summary_context(query: QueryDict, today: date) -> dict[str, Any]:
    """Return the one-page summary, with the most used measures only. Eleven queries."""
    context = _shared_context(query, today)
    measures = context.pop("measures")
    largest = sorted(measures, key=lambda line: line["commitments"], reverse=True)[:MAX_MEASURES]
    return context | {
        "measures": [line for line in measures if line in largest],
        "measures_left": len(measures) - len(largest),
    }


def report_context(query: QueryDict, today: date) -> dict[str, Any]:
    """Return the summary's figures with all records, oldest first, in pages. Twelve queries."""
    context = _shared_context(query, today)
    after = query.get("after", "")
    records = context["commitment_records"].order_by("first_entry")
    # A longer number would not fit the column.
    if after.isdecimal() and len(after) < 16:
        records = records.filter(first_entry__gt=int(after))
    page_records = list(records[: ROWS + 1])
    names = rows.record_names(
        key for row in page_records[:ROWS] for key in (row.signatory, row.theme)
    )
    page = rows.FilteredList(query, reverse("website:report"), CommitmentFilter)
    return context | {
        "measures_left": 0,
        "rows": [rows.commitment_row(row, names, today) for row in page_records[:ROWS]],
        # Successes follow the last page of records.
        "success_lines": [
            _success_line(success) for success in context["successes"].order_by("first_entry")
        ]
        if len(page_records) <= ROWS
        else [],
        "next": page.list_url(after=str(page_records[ROWS - 1].first_entry))
        if len(page_records) > ROWS
        else "",
        "first": page.list_url() if "after" in query else "",
    }


def _shared_context(query: QueryDict, today: date) -> dict[str, Any]:
    """Return the part of the context that summary and full report share."""
    public = Record.objects.of_kind("commitment").readable().with_reporting(today)
    filters = CommitmentFilter(query, queryset=public)
    filters.is_valid()
    commitments: RecordQuerySet = filters.qs
    selection = {
        name: value for name, value in filters.form.cleaned_data.items() if value and name in query
    }
    page = rows.FilteredList(query, reverse("website:summary"), CommitmentFilter)
    names = rows.record_names(
        value for values in selection.values() if isinstance(values, list) for value in values
    )
    keys = list(commitments.values_list("key", flat=True))
    successes = Record.objects.of_kind("success").live()
    successes = successes.filter(item__commitments__has_any_keys=keys)
    return {
        "title": join_list([each.label for each in page.chosen_filters(selection, names)])
        or "All commitments",
        "commitment_records": commitments,
        "successes": successes,
        "sentences": [
            delivery_summary(commitments, today),
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


def _success_line(record: Record) -> dict[str, Any]:
    item = record.item or {}
    return {
        "key": record.key,
        "title": item["title"],
        "on": date.fromisoformat(item["happened_from"]),
        "place": differences.places_text(item),
    }
