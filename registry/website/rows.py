"""Build rows, names, filters and addresses for the lists of the register."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import QueryDict
from django_filters import FilterSet

from registry.models import ListedCommitmentQuerySet, Record
from registry.open_data.search import Found
from registry.reference_data import places, sectors
from registry.schema import kinds
from registry.schema.code_lists import COUNTED_DELIVERIES, Delivery
from registry.schema.codes import published_lists
from registry.website.charts.bars import CommitmentBar, commitment_bar
from registry.wording import differences
from registry.wording.formatting import quote, quote_words
from registry.wording.headline import Headline, build_headline
from registry.wording.sentences import find_next_due_day


@dataclass(frozen=True)
class ChosenFilter:
    """A filter in use, in words, and the address of the list without it."""

    label: str
    remove_url: str
    value: str


@dataclass(frozen=True)
class SummaryRow:
    """A row of a summary list; its value is a link if `href` is given."""

    key: str
    value: str
    href: str = ""


def newest_records(commitments: ListedCommitmentQuerySet, number: int, today: date) -> list[Record]:
    """Return the newest of some listed commitments, with their states on a day. Two queries."""
    newest = commitments.order_by("-first_entry").values_list("key", flat=True)[:number]
    return read_records(list(newest), today)


def read_records(keys: list[str], today: date) -> list[Record]:
    """Return the records of commitments with these keys in their order. One query."""
    records = Record.objects.with_reporting(today).in_bulk(keys)
    return [records[key] for key in keys]


def record_names(keys: Iterable[str | None]) -> dict[str, str]:
    """Return the names of records by key. One query."""
    present = {key for key in keys if key}
    return dict(Record.objects.filter(key__in=present).values_list("key", "name"))


@dataclass(frozen=True)
class CommitmentRow:
    """A commitment in a list."""

    headline: Headline
    signatory_key: str
    theme: str
    place: str
    bar: CommitmentBar | None
    next_due_on: date | None  # While reporting is up to date.
    entry: int


def commitment_row(record: Record, names: Mapping[str, str], today: date) -> CommitmentRow:
    """Return a commitment as a row; `names` are those of signatories and themes by key."""
    item = kinds.parse_item("commitment", record.item or {})
    headline = build_headline(record, item, names.get(item["signatory"], ""), today)
    return CommitmentRow(
        headline=headline,
        signatory_key=item["signatory"],
        theme=names.get(item["theme"], ""),
        place=differences.places_text(item),
        bar=commitment_bar(record, item, headline, today),
        next_due_on=find_next_due_day(record, today) if headline.is_current else None,
        entry=record.entry,
    )


@dataclass(frozen=True)
class FilteredList:
    """A filtered list: its query, path and set of filters, and what all its addresses keep."""

    query: QueryDict
    path: str
    filters: type[FilterSet]
    kept: Mapping[str, str] = field(default_factory=dict)

    def list_url(self, path: str = "", **changes: str) -> str:
        """Return the address of the list with its filters, from the first page."""
        return self._build_url(self.query, path or self.path, **changes)

    def file_url(self, path: str) -> str:
        """Return the address of the list as a file, without its sort order."""
        query = self.query.copy()
        query.pop("sort", None)
        return self._build_url(query, path)

    def _build_url(self, query: QueryDict, path: str, **changes: str) -> str:
        parameters = query.copy()
        for name in list(parameters):
            if name not in (*self.filters.base_filters, "sort") or not any(
                parameters.getlist(name)
            ):
                del parameters[name]
        for name, value in {**self.kept, **changes}.items():
            parameters[name] = value
        return f"{path}?{parameters.urlencode()}" if parameters else path

    def chosen_filters(
        self, selection: Mapping[str, Any], names: Mapping[str, str]
    ) -> Iterable[ChosenFilter]:
        """Yield each selected value in words, with the address of the list without it."""
        for name, selected in selection.items():
            for value in selected if isinstance(selected, list) else [selected]:
                query = self.query.copy()
                other_values = [
                    other
                    for other in query.getlist(name)
                    if isinstance(selected, list) and other != value
                ]
                query.setlist(name, other_values)
                yield ChosenFilter(
                    label=_filter_label(name, value, names),
                    remove_url=self._build_url(query, self.path),
                    value=str(value),
                )


def search_note(found: Found | None) -> str:
    """Return what a search of a list did beside looking for the typed words, or ""."""
    if found is None or not found.search.terms:
        return ""
    some = "" if found.has_all else "Nothing has all of these words. Rows have some of them. "
    others = quote_words(found.search.others)
    return f"{some}Also searched for: {others}." if others else some.strip()


def control_values(filters: FilterSet, selection: Mapping[str, Any]) -> dict[str, Any]:
    """Return the value of each form control, which can show only the first of several."""
    return dict.fromkeys(filters.filters, "") | {
        name: value[0] if isinstance(value, list) else value for name, value in selection.items()
    }


def _filter_label(name: str, value: Any, names: Mapping[str, str]) -> str:
    if name == "q":
        return quote(str(value))
    if name == "weakened":
        return "Weakened commitments"
    if name == "corrected_down":
        return "Commitments corrected downwards"
    if name == "ended_unanswered":
        return "Ended unanswered with the membership"
    if name == "area":
        return places.place_name(value)
    if name == "due_year":
        return f"To be kept in {value}"
    if name == "sector":
        return sectors.section_titles()[value]
    if name == "counted_as":
        return f"Delivery: {COUNTED_DELIVERIES[value].lower()}"
    if name == "delivery":
        return f"Last reported as: {Delivery.label_of(value).lower()}"
    if name in published_lists():
        label = published_lists()[name].label_of(value)
        has_name = name in ("reporting", "ending", "record_status")
        return f"{name.capitalize()}: {label.lower()}" if has_name else label
    return names.get(value, value)
