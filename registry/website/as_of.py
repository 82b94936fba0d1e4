"""Build pages as they were at an earlier moment, with the code that builds those of today."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.log import as_of
from registry.log.as_of import Moment
from registry.log.past_tables import reading_at
from registry.models import Record
from registry.schema import kinds
from registry.schema.code_lists import Reporting
from registry.website import register_list, rows, signatories
from registry.website.parameters import ParameterError
from registry.website.record_pages import RecordPage, RemovedRecord, record_fields
from registry.wording.standings import charter_status_text
from registry.wording.weakenings import CORRECTED_DOWNWARDS, WEAKENED, weakening_marks

ROWS = 100  # The API has the whole list.


def page_at(
    key: str, moment: Moment, build_page: Callable[[Record, date], RecordPage]
) -> RecordPage | RemovedRecord | None:
    """Return the page of a record at a moment, or None if it was not yet public.

    Raise ParameterError if it would take too many entries.
    """
    try:
        records = as_of.records_around(key, moment)
    except as_of.TooManyEntriesError:
        detail = "The log is too long by then to show this page. The API has every entry."
        raise ParameterError("as_of", detail) from None
    record = records.get(key)
    if record is None:
        return None
    if record.item is None:
        return RemovedRecord(**record_fields(record))
    # Only the page of a commitment lists periods, and there are more of them than of all else.
    shown = [row for row in records.values() if row.kind != "period" or record.kind == "commitment"]
    with reading_at(moment.number, shown):
        return build_page(record, moment.day)


def register_at(moment: Moment) -> dict[str, Any]:
    """Return the list of all commitments at a moment, newest commitment first.

    The list is empty, with a sentence, if the log is too long to fold here. Two queries.
    """
    page: dict[str, Any] = {"rows": [], "more": False, "sentence": "Nothing was published yet."}
    if moment.number == 0:
        return page
    if moment.number > as_of.MOST_FOLDED:
        return page | {"sentence": "The log is too long by then to tell the whole list here."}
    records = as_of.records_by_key(moment)
    names = {key: _record_name(record) for key, record in records.items()}
    commitments = [row for row in records.values() if row.kind == "commitment" and row.item]
    commitments.sort(key=lambda row: -row.first_entry)
    counts = {
        "total": len(commitments),
        "late": sum(row.reporting in Reporting.late_states() for row in commitments),
        "unanswered": sum(bool(row.ended_unanswered) for row in commitments),
        **{
            name: sum(mark in weakening_marks(row.weakenings) for row in commitments)
            for name, mark in (("weakened", WEAKENED), ("corrected", CORRECTED_DOWNWARDS))
        },
    }
    return page | {
        "rows": [rows.commitment_row(row, names, moment.day) for row in commitments[:ROWS]],
        "more": len(commitments) > ROWS,
        "sentence": register_list.count_sentence(counts),
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


def _record_name(record: Record) -> str:
    item = record.item or {}
    return item.get("trading_name") or item.get("legal_name") or item.get("title") or record.key
