"""A list in one page, and in full: the same figures, dated, to print and hand on.

Any list of the register can be told so: of a place, a theme, a charter, a search. Both forms take
the filters of the register list from their address.
"""

from datetime import date
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from registry import statistics
from registry.filters import CommitmentFilter
from registry.models import Record, RecordQuerySet
from registry.website import bars, differences, figures, home, lists, sentences, themes, words

MEASURES = 8
ROWS = 500


def summary(query: QueryDict, today: date) -> dict[str, Any]:
    """Return what fits one page. Eleven queries."""
    told = _told(query, today)
    measures = told.pop("measures")
    most = sorted(measures, key=lambda line: line["commitments"], reverse=True)[:MEASURES]
    return told | {
        "measures": [line for line in measures if line in most],
        "measures_left": len(measures) - len(most),
    }


def full(query: QueryDict, today: date) -> dict[str, Any]:
    """Return the same figures with every record, oldest first, in parts. Twelve queries."""
    told = _told(query, today)
    after = query.get("after", "")
    rows = told["promises"].order_by("first_entry")
    if after.isdecimal() and len(after) < 16:
        rows = rows.filter(first_entry__gt=int(after))
    found = list(rows[: ROWS + 1])
    known = lists.names(key for row in found[:ROWS] for key in (row.signatory, row.theme))
    page = lists.Page(query, reverse("website:report"), CommitmentFilter)
    return told | {
        "rows": [_row(row, known) for row in found[:ROWS]],
        "stories": [_story(story) for story in told["successes"].order_by("first_entry")]
        if len(found) <= ROWS
        else [],
        "next": page.address(after=str(found[ROWS - 1].first_entry)) if len(found) > ROWS else "",
        "first": page.address() if "after" in query else "",
    }


def _told(query: QueryDict, today: date) -> dict[str, Any]:
    """Return what both forms say: whatever stands in both comes from here."""
    everything = Record.objects.of_kind("commitment").readable().with_reporting(today)
    filters = CommitmentFilter(query, queryset=everything)
    filters.is_valid()
    promises: RecordQuerySet = filters.qs
    chosen = {
        name: value for name, value in filters.form.cleaned_data.items() if value and name in query
    }
    page = lists.Page(query, reverse("website:summary"), CommitmentFilter)
    named = lists.names(
        value for values in chosen.values() if isinstance(values, list) for value in values
    )
    keys = list(promises.values_list("key", flat=True))
    successes = Record.objects.of_kind("success").live()
    successes = successes.filter(item__commitments__has_any_keys=keys)
    return {
        "title": words.joined([one.words for one in page.chosen(chosen, named)]) or "All promises",
        "promises": promises,
        "successes": successes,
        "sentences": [
            themes.delivery(promises, today),
            home.running(promises, today),
            f"{promises.exclude(weakenings=[]).count():,} of them promise less than at first.",
            f"{words.counted(successes.count(), 'success', 'successes')} told.",
        ],
        "measures": [bars.in_line(total) for total in statistics.totals(promises)],
        "left_out": sentences.left_out(statistics.left_out(promises)),
        "summary": page.address(),
        "report": page.address(reverse("website:report")),
        "list": page.address(reverse("website:commitments")),
        "csv": page.file(reverse("website:commitments_csv")),
    }


def _row(record: Record, known: dict[str, str]) -> dict[str, Any]:
    item = record.item or {}
    progress = record.progress or {}
    row = lists.row(record, known)
    return row | {
        "target": row["target"] or "No number",
        "value": figures.amount(progress.get("value"), item),
        "level": progress.get("level_of_proof", ""),
        "disputed": progress.get("disputed", False),
    }


def _story(record: Record) -> dict[str, Any]:
    item = record.item or {}
    return {
        "key": record.key,
        "title": item["title"],
        "on": date.fromisoformat(item["happened_from"]),
        "place": differences.area(item),
    }
