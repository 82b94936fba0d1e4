"""Build pages as they were at an earlier moment, with the code that builds those of today."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from registry.log import as_of
from registry.log.as_of import Moment
from registry.log.past_tables import reading_at
from registry.models import Record
from registry.schema import kinds
from registry.schema.code_lists import Reporting
from registry.website import register_list, rows, signatories
from registry.website.record_pages import RecordPage, RemovedRecord, record_fields
from registry.wording.formatting import count_noun
from registry.wording.standings import charter_status_text
from registry.wording.weakenings import CORRECTED_DOWNWARDS, WEAKENED, weakening_marks

ROWS = 100


def page_at(
    key: str, moment: Moment, build_page: Callable[[Record, date], RecordPage]
) -> RecordPage | None:
    """Return the page of a record at a moment, or None if it was not yet public."""
    around = as_of.records_around(key, moment)
    record = around.records.get(key)
    if record is None:
        return None
    if record.item is None:
        return RemovedRecord(**record_fields(record))
    # Only the page of a commitment lists periods, and there are more of them than of all else.
    shown = [
        row
        for row in around.records.values()
        if row.kind != "period" or record.kind == "commitment"
    ]
    with reading_at(moment.number, moment.day, shown):
        page = build_page(record, moment.day)
    return replace(page, newest_only=as_of.MOST_COMMITMENTS) if around.is_partial else page


def register_at(moment: Moment, before: int | None) -> dict[str, Any]:
    """Return a page of the list of commitments at a moment, newest commitment first.

    `before` is the first entry of the last commitment on the page before. Some twelve queries.
    """
    page: dict[str, Any] = {"rows": [], "next": None, "sentence": "Nothing was published yet."}
    if moment.number == 0:
        return page
    limit = min(before - 1, moment.number) if before else moment.number
    published = Record.objects.of_kind("commitment").filter(first_entry__lte=limit)
    found = list(published.order_by("-first_entry").values_list("key", "first_entry")[: ROWS + 1])
    records = as_of.records_at("commitment", [key for key, _ in found[:ROWS]], moment)
    commitments = [row for row in records if row.item]
    items = [row.item or {} for row in commitments]
    parents = [item[name] for item in items for name in ("signatory", "theme")]
    names = as_of.names_at(parents, moment)
    has_more = len(found) > ROWS
    return page | {
        "rows": [rows.commitment_row(row, names, moment.day) for row in commitments],
        "next": found[ROWS - 1][1] if has_more else None,
        "sentence": count_noun(len(commitments), "earlier commitment")
        if before
        else register_list.count_sentence(_counts_of(commitments), is_partial=has_more),
    }


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


@dataclass(frozen=True)
class SignatoryStatement(RecordPage):
    """A signatory and its commitments on a day, oldest first."""

    name: str
    legal_name: str
    status: str
    standing: signatories.StandingBlock
    charter: str
    joined_on: date | None
    sentence: str
    commitments: list[rows.CommitmentRow]


def build_signatory_statement(record: Record, day: date) -> SignatoryStatement:
    """Return a signatory and its commitments on a day. Two queries."""
    item = kinds.parse_item("signatory", record.item or {})
    commitments = list(
        Record.objects.of_kind("commitment")
        .readable()
        .filter(signatory=record.key)
        .with_reporting(day)
        .order_by("first_entry")
    )
    themes = [row.theme for row in commitments]
    names = rows.record_names([record.key, item["charter"], *themes])
    return SignatoryStatement(
        **record_fields(record),
        name=names[record.key],
        legal_name=item["legal_name"],
        status=charter_status_text(item),
        standing=signatories.standing_block(item),
        charter=names.get(item["charter"], ""),
        joined_on=item["joined_on"],
        sentence=signatories.signatory_sentence(commitments),
        commitments=[rows.commitment_row(row, names, day) for row in commitments],
    )
