"""Build printable reports of any list in the register: a one-page summary and a full report.

Both show the same dated figures, and both accept the filters of the register list.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count
from django.http import QueryDict
from django.urls import reverse

from registry.models import Record, RecordQuerySet
from registry.open_data import totals
from registry.open_data.filters import (
    IS_CORRECTED_DOWNWARDS,
    IS_WEAKENED,
    CommitmentFilter,
    filter_commitments,
    filter_records,
)
from registry.website import parameters
from registry.website.charts import TotalLine, total_line
from registry.website.commitment_totals import delivery_summary, open_summary
from registry.website.rows import CommitmentRow, FilteredList, commitment_row, record_names
from registry.wording import differences, sentences
from registry.wording.formatting import count_noun, format_day, join_list

MAX_MEASURES = 8
ROWS = 500


@dataclass(frozen=True)
class FiguresBlock:
    """What summary and full report say of the list, in sentences and by measure."""

    sentences: list[str]
    measures: list[TotalLine]
    more_measures: int  # In the full report only.
    left_out: str


@dataclass(frozen=True)
class ReportLinks:
    """The addresses of the list and of its reports, with the same filters."""

    summary: str
    report: str
    list: str
    csv: str


@dataclass(frozen=True)
class SummaryPage:
    title: str
    links: ReportLinks
    figures: FiguresBlock


@dataclass(frozen=True)
class SuccessLine:
    key: str
    title: str
    happened_from: date
    place: str


@dataclass(frozen=True)
class ReportPage(SummaryPage):
    """The figures, then all records; the addresses of other parts are "" without such a part."""

    commitments: list[CommitmentRow]
    successes: list[SuccessLine]  # They follow the last part of the commitments.
    first: str
    next: str


class Selection:
    """The commitments that match a query, with their successes and the filters in words."""

    def __init__(self, query: QueryDict, today: date) -> None:
        self.query, self.today = query, today
        self.filters = filter_commitments(query, today)
        parameters.check_filters(self.filters)
        public = Record.objects.of_kind("commitment").readable().with_reporting(today)
        self.commitments: RecordQuerySet = filter_records(public, self.filters)
        keys = list(self.commitments.values_list("key", flat=True))
        self.successes = (
            Record.objects.of_kind("success")
            .live()
            .filter(item__commitments__has_any_keys=keys)
            .order_by("first_entry")
        )

    def describe_filters(self) -> str:
        """Return the filters in words, such as "Local Employment and Aston". One query."""
        values: dict[str, Any] = {
            name: value
            for name, value in self.filters.form.cleaned_data.items()
            if value and name in self.query
        }
        names = record_names(
            key for keys in values.values() if isinstance(keys, list) for key in keys
        )
        page = FilteredList(self.query, reverse("website:summary"), CommitmentFilter)
        labels = [each.label for each in page.chosen_filters(values, names)]
        return join_list(labels) or "All commitments"

    def build_links(self) -> ReportLinks:
        page = FilteredList(self.query, reverse("website:summary"), CommitmentFilter)
        return ReportLinks(
            summary=page.list_url(),
            report=page.list_url(reverse("website:report")),
            list=page.list_url(reverse("website:commitments")),
            csv=page.file_url(reverse("website:commitments_csv")),
        )

    def build_figures(self, most_measures: int | None = None) -> FiguresBlock:
        """Return the figures, of all measures or only the most used ones. Nine queries."""
        measures = [total_line(total) for total in totals.totals_by_measure(self.commitments)]
        largest = sorted(measures, key=lambda line: line.commitments, reverse=True)[:most_measures]
        return FiguresBlock(
            sentences=list(filter(None, self._sentences())),
            measures=[line for line in measures if line in largest],
            more_measures=len(measures) - len(largest),
            left_out=sentences.left_out_sentence(totals.excluded_counts(self.commitments)),
        )

    def _sentences(self) -> list[str]:
        return [
            delivery_summary(self.commitments, self.today),
            open_summary(self.commitments, self.today),
            self._weakened_sentence(),
            f"{count_noun(self.successes.count(), 'success', 'successes')} published.",
        ]

    def _weakened_sentence(self) -> str:
        """Return how many had been weakened; "" without commitments. One query."""
        counts = self.commitments.aggregate(
            total=Count("key"),
            weakened=Count("key", filter=IS_WEAKENED),
            corrected=Count("key", filter=IS_CORRECTED_DOWNWARDS),
        )
        if not counts["total"]:
            return ""
        total = count_noun(counts["total"], "commitment")
        corrected = counts["corrected"]
        also = f", and {corrected:,} corrected downwards" if corrected else ""
        weakened = f"{counts['weakened']:,} of {total} had been weakened"
        return f"{weakened}{also} by {format_day(self.today)}."


def build_summary(query: QueryDict, today: date) -> SummaryPage:
    """Return the one-page summary, with the most used measures only. Twelve queries."""
    selection = Selection(query, today)
    return SummaryPage(
        title=selection.describe_filters(),
        links=selection.build_links(),
        figures=selection.build_figures(MAX_MEASURES),
    )


def build_report(query: QueryDict, today: date) -> ReportPage:
    """Return the summary's figures with all records, oldest first, in parts. 13 queries."""
    selection = Selection(query, today)
    matches = selection.commitments.order_by("first_entry")
    if after := parameters.entry_before(query, "after"):
        matches = matches.filter(first_entry__gt=after)
    records = list(matches[: ROWS + 1])
    has_more = len(records) > ROWS
    names = record_names(key for row in records[:ROWS] for key in (row.signatory, row.theme))
    page = FilteredList(query, reverse("website:report"), CommitmentFilter)
    return ReportPage(
        title=selection.describe_filters(),
        links=selection.build_links(),
        figures=selection.build_figures(),
        commitments=[commitment_row(row, names, today) for row in records[:ROWS]],
        successes=[] if has_more else [_success_line(record) for record in selection.successes],
        first=page.list_url() if "after" in query else "",
        next=page.list_url(after=str(records[ROWS - 1].first_entry)) if has_more else "",
    )


def _success_line(record: Record) -> SuccessLine:
    item = record.item or {}
    return SuccessLine(
        key=record.key,
        title=item["title"],
        happened_from=date.fromisoformat(item["happened_from"]),
        place=differences.places_text(item),
    )
