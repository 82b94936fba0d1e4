"""Build the list of commitments: filters with counts, sort orders and pages by keyset."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, IntegerField, TextField, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.http import QueryDict
from django.urls import reverse

from registry.models import ListedCommitment, Record
from registry.models.listing import PROMISED_OR_LEAST
from registry.open_data.filters import CommitmentFilter
from registry.open_data.search import Found, relevance
from registry.reference_data import places
from registry.website import rows as register_rows
from registry.website.charts.outcomes import outcome_bar
from registry.website.facets import MOST_COUNTED, Facets, Option
from registry.website.parameters import ParameterError, check_filters, chosen_option
from registry.wording.formatting import count_noun

ROWS = 25
SORTS = {
    "relevance": "What fits best first",
    "newest": "Newest commitment first",
    "due": "Next due first",
    "heard": "Last heard from first",
    "size": "Most promised first",
}
# The column of each sort order but relevance; the first entry breaks ties, so the order is total.
SORT_COLUMNS: dict[str, Any] = {
    "newest": F("first_entry"),
    "due": F("due_on"),
    "heard": F("heard_on"),
    "size": PROMISED_OR_LEAST,
}


def _parse_amount(text: str) -> Decimal:
    amount = Decimal(text)
    if not amount.is_finite():
        raise ValueError
    return amount


PLACE_PARSERS: dict[str, Callable[[str], date | int | Decimal]] = {
    "relevance": int,
    "newest": int,
    "due": date.fromisoformat,
    "heard": date.fromisoformat,
    "size": _parse_amount,
}


def register_context(query: QueryDict, today: date) -> dict[str, Any]:
    """Return the context of the register list for a query, or raise ParameterError."""
    is_stored = ListedCommitment.objects.are_of(today)
    commitments = ListedCommitment.objects.readable().on(today, is_stored=is_stored)
    filters = CommitmentFilter(query, queryset=commitments)
    check_filters(filters)
    selection = {
        name: value for name, value in filters.form.cleaned_data.items() if value and name in query
    }
    facets = Facets(filters, selection, is_stored=is_stored)
    sort = _sort_order(query, selection)
    matches = facets.filter_except("")
    if sort == "size":
        matches = matches.filter(measure=selection["measure"][0])  # The index begins with it.
    sorted_matches = _apply_sort(matches, sort, filters.found)
    listed = _rows_after(sorted_matches, sort, query.get("before", ""))
    records = register_rows.read_records([row.key for row in listed[:ROWS]], today)
    counts = facets.count_for("")
    parents = _Parents.load(records, facets)
    page = register_rows.FilteredList(query, reverse("website:commitments"), CommitmentFilter)
    chosen = list(page.chosen_filters(selection, parents.names))
    return {
        "rows": [register_rows.commitment_row(record, parents.names, today) for record in records],
        "sentence": count_sentence(counts.in_short(), is_partial=counts.is_partial),
        "search_note": register_rows.search_note(filters.found),
        "outcomes": outcome_bar(
            counts.values_of("counted_as"), lambda code: page.list_url(counted_as=code)
        ),
        "newest_counted": f"{MOST_COUNTED:,}" if counts.is_partial else "",
        "chosen": chosen,
        "signatories": [each for each in chosen if each.value in selection.get("signatory", ())],
        "values": register_rows.control_values(filters, selection),
        "choices": {
            "area": places.grouped_choices(),
            **facets.count_choices(parents.options()),
        },
        "sort": sort,
        "sorts": [option for option in SORTS.items() if _is_possible(option[0], selection)],
        "next": page.list_url(before=_page_position(listed[ROWS - 1]))
        if len(listed) > ROWS
        else "",
        "first": page.list_url() if "before" in query else "",
        "about": page.file_url(""),
        "csv": page.file_url(reverse("website:commitments_csv")),
        "summary": page.file_url(reverse("website:summary")),
        "report": page.file_url(reverse("website:report")),
    }


def count_sentence(counts: Mapping[str, int], *, is_partial: bool = False) -> str:
    """Return "48 commitments, 6 not heard from in time, 2 weakened, 4 ended unanswered".

    Partial counts are of the newest commitments only.
    """
    if not counts["total"]:
        return "No commitment fits."
    texts = {
        "late": "not heard from in time",
        "weakened": "weakened",
        "corrected": "corrected downwards",
        "unanswered": "ended unanswered",
    }
    parts = [f"{counts[name]:,} {text}" for name, text in texts.items() if counts[name]]
    total = count_noun(counts["total"], "commitment")
    if not is_partial:
        return f"{', '.join([total, *parts])}."
    newest = f" Of the newest {counts['total']:,}: {', '.join(parts)}." if parts else ""
    return f"At least {total}.{newest}"


@dataclass(frozen=True)
class _Parents:
    """The records that the page names: those of its rows, of its filters and chosen ones."""

    rows: Collection[Any]

    @classmethod
    def load(cls, records: Collection[Record], facets: Facets) -> "_Parents":
        """Read them. One query, and those of the counts."""
        keys = {key for record in records for key in (record.signatory, record.theme)}
        keys |= facets.named_values()
        for name in ("charter", "signatory"):
            keys |= set(facets.selection.get(name, ()))
        # Only the items of themes are read: others are long.
        position = Case(When(kind="theme", then=Cast(KT("item__position"), IntegerField())))
        rows = Record.objects.filter(key__in=keys - {None}).annotate(position=position)
        return cls(list(rows.only("key", "kind", "name", "code")))

    @property
    def names(self) -> dict[str, str]:
        return {row.key: row.name or row.key for row in self.rows}

    def options(self) -> dict[str, list[Option]]:
        """Return themes in the order of the charter, and measures by code."""
        by_position = sorted(self.rows, key=lambda row: row.position or 0)
        by_code = sorted(self.rows, key=lambda row: row.code or "")
        return {
            kind: [(row.key, row.name or row.key) for row in rows if row.kind == kind]
            for kind, rows in (("theme", by_position), ("measure", by_code))
        }


def _sort_order(query: QueryDict, selection: Mapping[str, Any]) -> str:
    sort = chosen_option(query, "sort", SORTS)
    if sort and _is_possible(sort, selection):
        return sort
    return "relevance" if "q" in selection else "newest"


def _is_possible(sort: str, selection: Mapping[str, Any]) -> bool:
    """Return True if a list can be in an order: amounts of several measures are not compared."""
    if sort == "size":
        return len(selection.get("measure", ())) == 1
    return sort != "relevance" or "q" in selection


def _apply_sort(matches: Any, sort: str, found: Found | None) -> Any:
    """Sort by a value annotated as `place`, and by the first entry.

    Only the newest matches of a search are compared.
    """
    if sort == "relevance" and found:
        newest = matches.order_by("-first_entry").values("key")[:MOST_COUNTED]
        matches = ListedCommitment.objects.filter(key__in=newest)
        place: Any = relevance(found.search)
    else:
        place = SORT_COLUMNS[sort]
    placed = matches.annotate(place=place, place_text=Cast(place, TextField()))
    return placed.order_by("place" if sort == "due" else "-place", "-first_entry")


def _page_position(listed: Any) -> str:
    """Return the position of the last commitment on a page."""
    return f"{listed.place_text}.{listed.first_entry}"


def _rows_after(matches: Any, sort: str, before: str) -> list[Any]:
    """Return a page of sorted rows after a position, from the start for "", and one row more.

    Raise ParameterError for a position that cannot be. The rest of its ties come first, then what
    is after them: an index leads to each.
    """
    matches = matches.values_list("key", "first_entry", "place_text", named=True)
    if not before:
        return list(matches[: ROWS + 1])
    place, number = _parse_position(sort, before)
    ties = list(matches.filter(place=place, first_entry__lt=number)[: ROWS + 1])
    after = matches.filter(**{"place__gt" if sort == "due" else "place__lt": place})
    return [*ties, *after[: ROWS + 1 - len(ties)]]


def _parse_position(sort: str, before: str) -> tuple[date | int | Decimal, int]:
    text, _, number = before.rpartition(".")
    place: date | int | Decimal | None = None
    # Numbers from an address must fit a bigint column.
    if number.isdecimal() and len(number) < 16:
        try:
            place = PLACE_PARSERS[sort](text)
        except (ValueError, ArithmeticError):
            place = None
    if place is None or not isinstance(place, date) and not -(2**62) < place < 2**62:
        raise ParameterError("before", "This is no page of the list.")
    return place, int(number)
