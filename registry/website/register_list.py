"""Finding commitments: filters with a count beside each value, an order, and pages without gaps."""

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
from registry.open_data.filters import CommitmentFilter, department_expression, due_year_expression
from registry.reference_data import places, sectors
from registry.schema import code_lists
from registry.website import rows as register_rows
from registry.wording.formatting import count_noun

ROWS = 25
NEVER, LONG_AGO = date(9999, 12, 31), date(1, 1, 1)
SORTS = {
    "relevance": "What fits best first",
    "newest": "Newest commitment first",
    "due": "Next due first",
    "heard": "Last heard from first",
}
Option = tuple[str, str]
# Filters with counts: the column that each counts, and whose field that column stands for.
PARENT_COLUMNS = {
    "size": "signatory",
    "sector": "signatory",
    "route": "signatory",
    "nature": "measure",
}
COLUMNS = {
    name: name
    for name in (
        "theme",
        "measure",
        "signatory",
        "delivery",
        "reporting",
        "level_of_proof",
        "department",
        "due_year",
    )
} | PARENT_COLUMNS


def register_context(query: QueryDict, today: date) -> dict[str, Any]:
    """Return what the register list shows for a query; values that mean nothing are passed over."""
    everything = Record.objects.of_kind("commitment").readable().with_reporting(today)
    filters = CommitmentFilter(query, queryset=everything)
    filters.is_valid()
    chosen = {
        name: value for name, value in filters.form.cleaned_data.items() if value and name in query
    }
    facets = Facets(filters, everything, chosen)
    found = facets.filter_except("")
    parents = Parents.load_all()
    counts = found.aggregate(
        total=Count("key"),
        late=Count("key", filter=Q(reporting__in=register_rows.LATE_STATES)),
        weakened=Count("key", filter=~Q(weakenings=[])),
    )
    sort = _chosen_sort(query, chosen)
    ordered = _apply_sort(found, sort, chosen.get("q", ""), parents)
    records = list(_rows_after(ordered, sort, query.get("before", ""))[: ROWS + 1])
    known = parents.names
    page = register_rows.FilteredList(query, reverse("website:commitments"), CommitmentFilter)
    return {
        "rows": [register_rows.commitment_row(record, known) for record in records[:ROWS]],
        "sentence": count_sentence(counts),
        "chosen": list(page.chosen_filters(chosen, known)),
        "values": register_rows.control_values(chosen),
        "choices": {"area": places.grouped_choices(), **_counted_choices(facets, parents)},
        "sort": sort,
        "sorts": [sort for sort in SORTS.items() if sort[0] != "relevance" or "q" in chosen],
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
    """Return "48 commitments, 6 not heard from in time, 2 weakened"."""
    if not counts["total"]:
        return "No commitment fits."
    parts = [count_noun(counts["total"], "commitment")]
    if counts["late"]:
        parts.append(f"{counts['late']:,} not heard from in time")
    if counts["weakened"]:
        parts.append(f"{counts['weakened']:,} weakened")
    return f"{', '.join(parts)}."


@dataclass(frozen=True)
class Parents:
    """What commitments refer to, read once: themes, measures and signatories."""

    rows: dict[str, list[Record]]

    @classmethod
    def load_all(cls) -> "Parents":
        """Read the parents. One query."""
        rows: dict[str, list[Record]] = {"theme": [], "measure": [], "signatory": []}
        found = Record.objects.filter(kind__in=rows).readable()
        for row in found.only("key", "kind", "name", "code", "item"):
            rows[row.kind].append(row)
        return cls(rows)

    @property
    def names(self) -> dict[str, str]:
        return {row.key: row.name or row.key for rows in self.rows.values() for row in rows}

    def field_values(self, kind: str, name: str) -> dict[str, str]:
        """Return a field of the items of a kind, by key."""
        return {row.key: (row.item or {}).get(name, "") for row in self.rows[kind]}


class Facets:
    """The counts of each filter's values among what all the other filters leave."""

    def __init__(
        self, filters: CommitmentFilter, everything: RecordQuerySet, chosen: Mapping[str, Any]
    ) -> None:
        self.filters = filters
        self.chosen = chosen
        self.base: Any = everything
        if "q" in chosen:
            self.base = filters.filters["q"].filter(everything, chosen["q"])

    def filter_except(self, facet: str) -> Any:
        """Return what fits all filters but one."""
        found = self.base
        for name, value in self.chosen.items():
            if name not in ("q", facet):
                found = self.filters.filters[name].filter(found, value)
        return found

    def count_values(self, columns: Mapping[str, str]) -> dict[str, Counter[str]]:
        """Return for each filter how many commitments have each value of its column. One query."""
        parts = {(column, self._excluded_filter(facet)) for facet, column in columns.items()}
        first, *others = [self._count_query(*part) for part in sorted(parts)]
        known: dict[tuple[str, str], Counter[str]] = {part: Counter() for part in parts}
        for column, left_out, value, count in first.union(*others, all=True):
            if value:
                known[column, left_out][value] = count
        return {
            facet: known[column, self._excluded_filter(facet)] for facet, column in columns.items()
        }

    def _excluded_filter(self, facet: str) -> str:
        return facet if facet in self.chosen else ""

    def _count_query(self, column: str, left_out: str) -> Any:
        return (
            self.filter_except(left_out)
            .order_by()
            .alias(department=department_expression(), due_year=due_year_expression())
            .annotate(
                column=Value(column, TextField()),
                left_out=Value(left_out, TextField()),
                of=Cast(F(column), TextField()),
            )
            .values_list("column", "left_out", "of")
            .annotate(count=Count("key"))
        )


def _counted_choices(facets: Facets, parents: Parents) -> dict[str, list[Option]]:
    """Return the values of each filter with their counts; those that would find nothing are left
    out.
    """
    themes = sorted(parents.rows["theme"], key=lambda row: (row.item or {}).get("position", 0))
    signatories = sorted(parents.rows["signatory"], key=lambda row: (row.name or "").upper())
    measures = sorted(parents.rows["measure"], key=lambda row: row.code or "")
    counted = facets.count_values(COLUMNS)
    for facet, kind in PARENT_COLUMNS.items():
        counted[facet] = _group_counts(counted[facet], parents.field_values(kind, facet))
    options: dict[str, Iterable[Option]] = {
        "theme": _name_options(themes),
        "measure": _name_options(measures),
        "signatory": _name_options(signatories),
        "delivery": code_lists.DELIVERY.items(),
        "reporting": code_lists.REPORTING.items(),
        "level_of_proof": code_lists.LEVELS_OF_PROOF.items(),
        "size": code_lists.SIZES.items(),
        "sector": sectors.section_titles().items(),
        "route": code_lists.ROUTES.items(),
        "nature": code_lists.NATURES.items(),
        "department": [(name, name) for name in sorted(counted["department"])],
        "due_year": [(year, year) for year in sorted(counted["due_year"])],
    }
    return {
        facet: [
            (code, f"{text} ({counted[facet][code]:,})")
            for code, text in values
            if counted[facet][code] or code in facets.chosen.get(facet, ())
        ]
        for facet, values in options.items()
    }


def _group_counts(counts: Counter[str], values: Mapping[str, str]) -> Counter[str]:
    """Return counts by what a column stands for, such as a signatory for its size."""
    through: Counter[str] = Counter()
    for key, count in counts.items():
        through[values.get(key, "")] += count
    return through


def _name_options(rows: Iterable[Record]) -> list[Option]:
    return [(row.key, row.name or row.key) for row in rows]


def _chosen_sort(query: QueryDict, chosen: Mapping[str, Any]) -> str:
    sort = query.get("sort", "")
    if sort in SORTS and (sort != "relevance" or "q" in chosen):
        return sort
    return "relevance" if "q" in chosen else "newest"


def _apply_sort(found: Any, sort: str, text: str, parents: Parents) -> Any:
    """Annotate the value that a list is sorted by; its order is total with the first entry."""
    place: Any = F("first_entry")
    if sort == "due":
        running = When(status=Record.Status.LIVE, then=Coalesce("next_due_on", Value(NEVER)))
        place = Case(running, default=Value(NEVER), output_field=DateField())
    elif sort == "heard":
        place = Coalesce("last_heard_on", Value(LONG_AGO), output_field=DateField())
    elif sort == "relevance":
        place = _relevance_score(text, parents)
    ordered = found.annotate(place=place, place_text=Cast(place, TextField()))
    return ordered.order_by("place" if sort == "due" else "-place", "-first_entry")


def _relevance_score(text: str, parents: Parents) -> Any:
    """Return how well a commitment fits words: the obvious first, then by rank of the words."""
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
    """Return where a page of the list ended."""
    return f"{record.place_text}.{record.first_entry}"


def _rows_after(ordered: Any, sort: str, before: str) -> Any:
    """Return the rows after a position; one that cannot be read is the beginning."""
    text, _, number = before.rpartition(".")
    place: Any = None
    if number.isdecimal() and len(number) < 16:
        try:
            place = date.fromisoformat(text) if sort in ("due", "heard") else int(text)
        except ValueError:
            return ordered
    if place is None or isinstance(place, int) and not -(2**62) < place < 2**62:
        return ordered
    beyond = Q(place__gt=place) if sort == "due" else Q(place__lt=place)
    return ordered.filter(beyond | Q(place=place, first_entry__lt=int(number)))
