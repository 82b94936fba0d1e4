"""Build the list of commitments as it was at a moment, with the filters of today's list.

Each commitment is folded as it was, and filtered by what it was then. No index leads there, so one
page looks at a number of commitments only, the newest first.
"""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from registry.log import as_of
from registry.log.as_of import Moment
from registry.log.past_tables import reading_at
from registry.models import ListedCommitment, Record
from registry.open_data.filters import CommitmentFilter, chosen_values
from registry.schema import kinds
from registry.schema.code_lists import Reporting
from registry.website import register_list, rows
from registry.website.parameters import check_filters, entry_before
from registry.wording.formatting import count_noun
from registry.wording.weakenings import CORRECTED_DOWNWARDS, WEAKENED, weakening_marks

ROWS = 100
LOOKED_AT = 250  # commitments by a page with filters, which shows some of them


def past_list_context(query: QueryDict, moment: Moment) -> dict[str, Any]:
    """Return a page of the list at a moment, newest commitment first. Some twenty queries."""
    before = entry_before(query, "before")
    filters = CommitmentFilter(query)
    check_filters(filters)
    selection = chosen_values(filters)
    path = reverse("website:commitments_past")
    kept = {"as_of": str(moment.number), "day": moment.day.isoformat()}
    page = rows.FilteredList(query, path, CommitmentFilter, kept)
    published = _published_before(before, moment)
    most = LOOKED_AT if selection else ROWS
    found = list(published.order_by("-first_entry").values_list("key", "first_entry")[: most + 1])
    records = as_of.records_at("commitment", [key for key, _ in found[:most]], moment)
    commitments = [row for row in records if row.item]
    if selection:
        commitments = _matching(commitments, query, moment)
    has_more = len(found) > most
    parents = [item[name] for item in map(_item_of, commitments) for name in ("signatory", "theme")]
    chosen_keys = [key for name in kinds.commitment_parents() for key in selection.get(name, ())]
    names = as_of.names_at([*parents, *chosen_keys], moment)
    return {
        "moment": moment,
        "before": before,
        "rows": [rows.commitment_row(row, names, moment.day) for row in commitments],
        "sentence": _sentence(commitments, moment, before, is_partial=has_more),
        "looked_at": min(len(found), most) if selection and (has_more or before) else 0,
        "chosen": list(page.chosen_filters(selection, names)),
        "unfiltered": f"{path}?{moment.query}",
        "hidden": [(name, value) for name in selection for value in query.getlist(name)],
        "next": page.list_url(before=str(found[most - 1][1])) if has_more else "",
        "first": page.list_url() if before else "",
        "today_url": rows.FilteredList(
            query, reverse("website:commitments"), CommitmentFilter
        ).list_url(),
    }


def _published_before(before: int | None, moment: Moment) -> Any:
    """Return the commitments published by a moment, and before an entry if one is given."""
    limit = min(before - 1, moment.number) if before else moment.number
    return Record.objects.of_kind("commitment").filter(first_entry__lte=limit)


def _item_of(record: Record) -> Mapping[str, Any]:
    return record.item or {}


def _matching(commitments: list[Record], query: QueryDict, moment: Moment) -> list[Record]:
    """Return those of some commitments of a moment that match the filters in a query.

    Their signatories, measures and themes, by which some filters go, are those of then.
    """
    beside = [
        row
        for kind in kinds.commitment_parents()
        for row in as_of.records_at(kind, {_item_of(c).get(kind, "") for c in commitments}, moment)
    ]
    with reading_at(moment.number, moment.day, [*commitments, *beside], is_searched=True):
        listed = ListedCommitment.objects.readable().on(moment.day, is_stored=True)
        matches = CommitmentFilter(query, queryset=listed).qs
        keys = set(matches.values_list("key", flat=True))
    return [row for row in commitments if row.key in keys]


def _sentence(
    commitments: list[Record], moment: Moment, before: int | None, *, is_partial: bool
) -> str:
    if moment.number == 0:
        return "Nothing was published yet."
    if before:
        return count_noun(len(commitments), "earlier commitment")
    return register_list.count_sentence(_counts_of(commitments), is_partial=is_partial)


def _counts_of(commitments: list[Record]) -> dict[str, int]:
    return {
        "total": len(commitments),
        "late": sum(row.reporting in Reporting.late_states() for row in commitments),
        "unanswered": sum(bool(row.ended_unanswered) for row in commitments),
        **{
            name: sum(mark in weakening_marks(row.weakenings) for row in commitments)
            for name, mark in (("weakened", WEAKENED), ("corrected", CORRECTED_DOWNWARDS))
        },
    }
