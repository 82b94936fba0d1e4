"""Build printable reports of any list in the register: a one-page summary and a full report.

Both show the same dated figures, and both accept the filters of the register list.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from registry.models import ListedCommitment, ListedSuccess, Record, TagSum
from registry.open_data import totals
from registry.open_data.counts import tags_with_kept_counts
from registry.open_data.figures import MOST_ADDED, Figures, added_figures, kept_figures
from registry.open_data.filters import CommitmentFilter, chosen_values, tags_of
from registry.website import parameters
from registry.website.charts.tables import TotalLine, total_line
from registry.website.commitment_totals import MOST_SHARES, delivery_summary, open_summary
from registry.website.rows import (
    CommitmentRow,
    FilteredList,
    commitment_row,
    read_records,
    record_names,
)
from registry.wording import differences, sentences
from registry.wording.formatting import count_noun, format_day, join_list

MAX_MEASURES = 8
ROWS = 500
PARTIAL = (
    f"At least {MOST_ADDED:,} commitments match. All figures are of the newest {MOST_ADDED:,}."
)


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
    has_more_successes: bool  # Than the newest, which are here.
    first: str
    next: str


class Selection:
    """The commitments that match a query, with their successes and the filters in words."""

    def __init__(self, query: QueryDict, today: date) -> None:
        self.query, self.today = query, today
        is_stored = ListedCommitment.objects.are_of(today)
        commitments = ListedCommitment.objects.readable().on(today, is_stored=is_stored)
        self.filters = CommitmentFilter(query, queryset=commitments)
        parameters.check_filters(self.filters)
        self.matches = self.filters.qs
        self._find_successes()

    def _find_successes(self) -> None:
        """Set the keys of the newest successes, and whether there can be more. Two queries."""
        successes, selection = ListedSuccess.objects.live(), chosen_values(self.filters)
        are_of_newest = False
        if set(selection) == {"theme"}:
            successes = successes.filter(tags__overlap=tags_of("theme", selection["theme"]))
        elif selection:
            newest = self.matches.order_by("-first_entry").values_list("key", flat=True)
            tags = [f"commitment:{key}" for key in newest[:MOST_ADDED]]
            successes = successes.filter(tags__overlap=tags)
            are_of_newest = len(tags) == MOST_ADDED
        latest = successes.order_by("-first_entry").values_list("key", flat=True)
        self.success_keys = list(latest[:MOST_ADDED])
        self.has_more_successes = are_of_newest or len(self.success_keys) == MOST_ADDED

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
        figures = self._read_figures()
        measures = [total_line(total) for total in totals.totals_by_measure(figures, MOST_SHARES)]
        largest = sorted(measures, key=lambda line: line.commitments, reverse=True)[:most_measures]
        return FiguresBlock(
            sentences=list(filter(None, self._sentences(figures))),
            measures=[line for line in measures if line in largest],
            more_measures=len(measures) - len(largest),
            left_out=sentences.left_out_sentence(totals.excluded_counts(figures)),
        )

    def _read_figures(self) -> Figures:
        """Return the figures that the log keeps for a tag, or those of the newest matches."""
        given = tags_with_kept_counts(chosen_values(self.filters)) or []
        if len(given) == 1 and given[0].partition(":")[0] in TagSum.GIVEN:
            return kept_figures(given[0], self.today)
        return added_figures(self.matches)

    def _sentences(self, figures: Figures) -> list[str]:
        return [
            PARTIAL if figures.is_partial else "",
            delivery_summary(figures, self.today),
            open_summary(figures, self.today),
            self._weakened_sentence(figures.counts),
            self._successes_sentence(),
        ]

    def _successes_sentence(self) -> str:
        """Return how many there are, or at least; "" if only others than the newest can be."""
        text = f"{count_noun(len(self.success_keys), 'success', 'successes')} published."
        if not self.has_more_successes:
            return text
        return f"At least {text}" if self.success_keys else ""

    def _weakened_sentence(self, counts: Counter[str]) -> str:
        """Return how many had been weakened; "" without commitments."""
        if not counts[""]:
            return ""
        total = count_noun(counts[""], "commitment")
        corrected = counts["corrected_down:true"]
        also = f", and {corrected:,} corrected downwards" if corrected else ""
        weakened = f"{counts['weakened:true']:,} of {total} had been weakened"
        return f"{weakened}{also} by {format_day(self.today)}."


def build_summary(query: QueryDict, today: date) -> SummaryPage:
    """Return the one-page summary, with the most used measures only. Nine queries."""
    selection = Selection(query, today)
    return SummaryPage(
        title=selection.describe_filters(),
        links=selection.build_links(),
        figures=selection.build_figures(MAX_MEASURES),
    )


def build_report(query: QueryDict, today: date) -> ReportPage:
    """Return the summary's figures with all records, oldest first, in parts. Twelve queries."""
    selection = Selection(query, today)
    matches = selection.matches.order_by("first_entry")
    if after := parameters.entry_before(query, "after"):
        matches = matches.filter(first_entry__gt=after)
    keys = matches.values_list("key", flat=True)[: ROWS + 1]
    records = read_records(list(keys), today)
    has_more = len(records) > ROWS
    names = record_names(key for row in records[:ROWS] for key in (row.signatory, row.theme))
    page = FilteredList(query, reverse("website:report"), CommitmentFilter)
    successes = Record.objects.filter(key__in=[] if has_more else selection.success_keys)
    return ReportPage(
        title=selection.describe_filters(),
        links=selection.build_links(),
        figures=selection.build_figures(),
        commitments=[commitment_row(row, names, today) for row in records[:ROWS]],
        successes=[_success_line(record) for record in successes.order_by("first_entry")],
        has_more_successes=selection.has_more_successes,
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
