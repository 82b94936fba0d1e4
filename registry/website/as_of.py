"""Build pages as they were at an earlier moment, with the code that builds those of today."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from registry.log import as_of
from registry.log.as_of import Moment
from registry.log.past_tables import reading_at
from registry.models import Record
from registry.schema import kinds
from registry.website import rows, signatories
from registry.website.record_pages import RecordPage, RemovedRecord, record_fields
from registry.wording.standings import charter_status_text


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
    # These pages alone list periods, and there are more of them than of all else.
    shown = [
        row
        for row in around.records.values()
        if row.kind != "period" or record.kind in ("commitment", "signatory")
    ]
    with reading_at(moment.number, moment.day, shown):
        page = build_page(record, moment.day)
    return replace(page, newest_only=as_of.MOST_COMMITMENTS) if around.is_partial else page


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
        sentence=signatories.signatory_sentence(commitments, has_left=item["left_on"] is not None),
        commitments=[rows.commitment_row(row, names, day) for row in commitments],
    )
