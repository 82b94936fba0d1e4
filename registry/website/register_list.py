"""Build the list of commitments: filters with counts, sort orders and pages by keyset."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    DateField,
    F,
    Q,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce
from django.http import QueryDict
from django.urls import reverse

from registry.models import Record, RecordQuerySet
from registry.open_data.filters import (
    IS_CORRECTED_DOWNWARDS,
    IS_WEAKENED,
    CommitmentFilter,
    department_expression,
    due_year_expression,
)
from registry.reference_data import places, sectors
from registry.schema import code_lists, kinds, measure_codes
from registry.website import rows as register_rows
from registry.website.parameters import ParameterError, check_filters, chosen_option
from registry.wording.formatting import count_noun

ROWS = 25
# They sort commitments without a date last; NULL could not be compared with a page's position.
NEVER, LONG_AGO = date(9999, 12, 31), date(1, 1, 1)
SORTS = {
    "relevance": "What fits best first",
    "newest": "Newest commitment first",
    "due": "Next due first",
    "heard": "Last heard from first",
}
Option = tuple[str, str]
# Filters on a field of a parent record: counted by the parent's key, then grouped by the field.
PARENT_COLUMNS = {
    "size": "signatory",
    "sector": "signatory",
    "route": "signatory",
    "nature": "measure",
}
# The column counted by each filter.
COLUMNS = {
    name: name
    for name in (
        "theme",
        "measure",
        "signatory",
        "counted_as",
        "reporting",
        "ending",
        "level_of_proof",
        "department",
        "due_year",
    )
} | PARENT_COLUMNS


def register_context(query: QueryDict, today: date) -> dict[str, Any]:
    """Return the context of the register list for a query, or raise ParameterError."""
    commitments = Record.objects.of_kind("commitment").readable().with_reporting(today)
    filters = CommitmentFilter(query, queryset=commitments)
    check_filters(filters)
    selection = {
        name: value for name, value in filters.form.cleaned_data.items() if value and name in query
    }
    facets = Facets(filters, commitments, selection)
    matches = facets.filter_except("")
    parents = Parents.load_all()
    counts = matches.aggregate(
        total=Count("key"),
        late=Count("key", filter=Q(reporting__in=code_lists.Reporting.late_states())),
        weakened=Count("key", filter=IS_WEAKENED),
        corrected=Count("key", filter=IS_CORRECTED_DOWNWARDS),
        unanswered=Count("key", filter=Q(ended_unanswered__isnull=False)),
    )
    sort = _sort_order(query, selection)
    sorted_matches = _apply_sort(matches, sort, selection.get("q", ""), parents)
    records = list(_rows_after(sorted_matches, sort, query.get("before", ""))[: ROWS + 1])
    names = parents.names
    page = register_rows.FilteredList(query, reverse("website:commitments"), CommitmentFilter)
    return {
        "rows": [register_rows.commitment_row(record, names, today) for record in records[:ROWS]],
        "sentence": count_sentence(counts),
        "chosen": list(page.chosen_filters(selection, names)),
        "values": register_rows.control_values(filters, selection),
        "choices": {"area": places.grouped_choices(), **_counted_choices(facets, parents)},
        "sort": sort,
        "sorts": [
            option for option in SORTS.items() if option[0] != "relevance" or "q" in selection
        ],
        "next": page.list_url(before=_page_position(records[ROWS - 1]))
        if len(records) > ROWS
        else "",
        "first": page.list_url() if "before" in query else "",
        "about": page.file_url(""),
        "csv": page.file_url(reverse("website:commitments_csv")),
        "summary": page.file_url(reverse("website:summary")),
        "report": page.file_url(reverse("website:report")),
    }


def count_sentence(counts: Mapping[str, int]) -> str:
    """Return "48 commitments, 6 not heard from in time, 2 weakened, 4 ended unanswered"."""
    if not counts["total"]:
        return "No commitment fits."
    parts = [count_noun(counts["total"], "commitment")]
    if counts["late"]:
        parts.append(f"{counts['late']:,} not heard from in time")
    if counts["weakened"]:
        parts.append(f"{counts['weakened']:,} weakened")
    if counts["corrected"]:
        parts.append(f"{counts['corrected']:,} corrected downwards")
    if counts["unanswered"]:
        parts.append(f"{counts['unanswered']:,} ended unanswered")
    return f"{', '.join(parts)}."


@dataclass(frozen=True)
class Parents:
    """The records that commitments belong to, such as their themes, read once, by kind."""

    rows: dict[str, list[Record]]

    @classmethod
    def load_all(cls) -> "Parents":
        """Read the parents. One query."""
        rows: dict[str, list[Record]] = {kind: [] for kind in kinds.commitment_parents()}
        records = Record.objects.filter(kind__in=rows).readable()
        for row in records.only("key", "kind", "name", "code", "item"):
            rows[row.kind].append(row)
        return cls(rows)

    @property
    def names(self) -> dict[str, str]:
        return {row.key: row.name or row.key for rows in self.rows.values() for row in rows}

    def field_values(self, kind: str, name: str) -> dict[str, str]:
        """Return the values of a field in items of a kind, by key."""
        return {row.key: (row.item or {}).get(name, "") for row in self.rows[kind]}


class Facets:
    """The counts of each filter's values among the matches of all other filters."""

    def __init__(
        self, filters: CommitmentFilter, commitments: RecordQuerySet, selection: Mapping[str, Any]
    ) -> None:
        self.filters = filters
        self.selection = selection
        self.base: Any = commitments
        if "q" in selection:
            self.base = filters.filters["q"].filter(commitments, selection["q"])

    def filter_except(self, facet: str) -> Any:
        """Return the commitments that match all filters but one, or all filters for ""."""
        matches = self.base
        for name, value in self.selection.items():
            if name not in ("q", facet):
                matches = self.filters.filters[name].filter(matches, value)
        return matches

    def count_values(self, columns: Mapping[str, str]) -> dict[str, Counter[str]]:
        """Return the number of commitments with each value of each filter's column. One query."""
        # Filters with the same column and no selection share a part of the query.
        parts = {(column, self._excluded_filter(facet)) for facet, column in columns.items()}
        first, *others = [self._count_query(*part) for part in sorted(parts)]
        counts: dict[tuple[str, str], Counter[str]] = {part: Counter() for part in parts}
        for column, excluded_filter, value, count in first.union(*others, all=True):
            if value:
                counts[column, excluded_filter][value] = count
        return {
            facet: counts[column, self._excluded_filter(facet)] for facet, column in columns.items()
        }

    def _excluded_filter(self, facet: str) -> str:
        return facet if facet in self.selection else ""

    def _count_query(self, column: str, excluded_filter: str) -> Any:
        return (
            self.filter_except(excluded_filter)
            .order_by()
            .alias(department=department_expression(), due_year=due_year_expression())
            .annotate(
                column=Value(column, TextField()),
                excluded_filter=Value(excluded_filter, TextField()),
                value=Cast(F(column), TextField()),
            )
            .values_list("column", "excluded_filter", "value")
            .annotate(count=Count("key"))
        )


def _counted_choices(facets: Facets, parents: Parents) -> dict[str, list[Option]]:
    """Return the values of each filter with their counts, without values that match nothing.

    A value in use stays even at 0, so that the reader can still see it.
    """
    themes = sorted(parents.rows["theme"], key=lambda row: (row.item or {}).get("position", 0))
    signatories = sorted(parents.rows["signatory"], key=lambda row: (row.name or "").upper())
    measures = sorted(parents.rows["measure"], key=lambda row: row.code or "")
    counts = facets.count_values(COLUMNS)
    for facet, kind in PARENT_COLUMNS.items():
        counts[facet] = _group_counts(counts[facet], parents.field_values(kind, facet))
    options: dict[str, Iterable[Option]] = {
        "theme": _name_options(themes),
        "measure": _name_options(measures),
        "signatory": _name_options(signatories),
        "counted_as": code_lists.COUNTED_DELIVERIES.items(),
        "reporting": code_lists.Reporting.choices,
        "ending": code_lists.Ending.choices,
        "level_of_proof": code_lists.LevelOfProof.choices,
        "size": code_lists.Size.choices,
        "sector": sectors.section_titles().items(),
        "route": code_lists.Route.choices,
        "nature": measure_codes.Nature.choices,
        "department": [(name, name) for name in sorted(counts["department"])],
        "due_year": [(year, year) for year in sorted(counts["due_year"])],
    }
    return {
        facet: [
            (code, f"{text} ({counts[facet][code]:,})")
            for code, text in values
            if counts[facet][code] or code in facets.selection.get(facet, ())
        ]
        for facet, values in options.items()
    }


def _group_counts(counts: Counter[str], values: Mapping[str, str]) -> Counter[str]:
    """Return counts by key as counts by value, for example by signatory as by size."""
    groups: Counter[str] = Counter()
    for key, count in counts.items():
        groups[values.get(key, "")] += count
    return groups


def _name_options(rows: Iterable[Record]) -> list[Option]:
    return [(row.key, row.name or row.key) for row in rows]


def _sort_order(query: QueryDict, selection: Mapping[str, Any]) -> str:
    sort = chosen_option(query, "sort", SORTS)
    if sort and (sort != "relevance" or "q" in selection):
        return sort
    return "relevance" if "q" in selection else "newest"


def _apply_sort(matches: Any, sort: str, text: str, parents: Parents) -> Any:
    """Sort by a value annotated as `place`; the first entry breaks ties, so the order is total."""
    place: Any = F("first_entry")
    if sort == "due":
        is_open = When(status=Record.Status.LIVE, then=Coalesce("next_due_on", Value(NEVER)))
        place = Case(is_open, default=Value(NEVER), output_field=DateField())
    elif sort == "heard":
        place = Coalesce("last_heard_on", Value(LONG_AGO), output_field=DateField())
    elif sort == "relevance":
        place = _relevance_score(text, parents)
    placed = matches.annotate(place=place, place_text=Cast(place, TextField()))
    return placed.order_by("place" if sort == "due" else "-place", "-first_entry")


def _relevance_score(text: str, parents: Parents) -> Any:
    """Return the relevance of a commitment: by tier of name or signatory, then by text rank."""
    text = text.strip()
    signatories = [
        row.key
        for row in parents.rows["signatory"]
        if (row.name or "").casefold().startswith(text.casefold())
    ]
    tier = Case(
        When(name__iexact=text, then=5),
        When(name__istartswith=text, then=4),
        When(signatory__in=signatories, then=3),
        When(name__icontains=text, then=2),
        default=1,
        output_field=BigIntegerField(),
    )
    rank = SearchRank(F("search"), SearchQuery(text, config="english", search_type="websearch"))
    return tier * 1_000_000 + Cast(rank * 1000, BigIntegerField())


def _page_position(record: Any) -> str:
    """Return the position of the last record on a page."""
    return f"{record.place_text}.{record.first_entry}"


def _rows_after(matches: Any, sort: str, before: str) -> Any:
    """Return the sorted rows after a position, all for "", or raise ParameterError."""
    if not before:
        return matches
    text, _, number = before.rpartition(".")
    place: Any = None
    # Numbers from an address must fit a bigint column.
    if number.isdecimal() and len(number) < 16:
        try:
            place = date.fromisoformat(text) if sort in ("due", "heard") else int(text)
        except ValueError:
            place = None
    if place is None or isinstance(place, int) and not -(2**62) < place < 2**62:
        raise ParameterError("before", "This is no page of the list.")
    later = Q(place__gt=place) if sort == "due" else Q(place__lt=place)
    return matches.filter(later | Q(place=place, first_entry__lt=int(number)))
