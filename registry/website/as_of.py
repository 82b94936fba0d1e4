"""Build pages as they were on an earlier day, from the log's entries up to that day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.http import QueryDict

from registry.log import as_of, folding
from registry.models import Record
from registry.schema import kinds
from registry.schema.code_lists import Reporting
from registry.website import commitment, register_list, rows, signatories
from registry.website.commitment_blocks import build_page
from registry.website.commitment_page import CommitmentPage
from registry.website.record_pages import RecordPage, RemovedRecord, record_fields

ROWS = 100  # The API has the whole list.


@dataclass(frozen=True)
class RequestedDay:
    """The day for a page, and the problem with the day in the query if it is another."""

    on: date
    problem: str = ""


def requested_day(query: QueryDict, today: date) -> RequestedDay:
    """Return the day in a query, `at=2026-03-31`, or today if it is missing or invalid."""
    text = query.get("at", "")
    if not text:
        return RequestedDay(today)
    try:
        on = date.fromisoformat(text)
    except ValueError:
        return RequestedDay(today, "Give the day as year, month and day, such as 2026-03-31.")
    if on > today:
        return RequestedDay(today, "That day is still to come. This is how it stands today.")
    return RequestedDay(on)


def commitment_on(key: str, on: date) -> CommitmentPage | RemovedRecord | None:
    """Return the page of a commitment at the end of a day, or None if it was not yet public."""
    entries = as_of.entries_of_commitment(key, as_of.entry_number_on(on))
    records = folding.fold(entries)
    record = records.pop(key, None)
    if record is None:
        return None
    if record.item is None:
        return RemovedRecord(**record_fields(record))
    record.reporting = record.state_on(on)
    for other in records.values():
        other.state = other.state_on(on)
    related = [
        other
        for other in records.values()
        if not (other.kind == "success" and other.status == Record.Status.WITHDRAWN)
    ]
    # Entries of other commitments are there only as references.
    timeline_entries = [
        entry
        for entry in entries
        if entry.key == key
        or entry.kind != "commitment"
        and entry.kind in commitment.TIMELINE_KINDS
    ]
    return build_page(record, related, timeline_entries, on)


def register_on(on: date) -> dict[str, Any]:
    """Return the list of all commitments at the end of a day, newest commitment first.

    The list is empty, with a sentence, if the log is too long to fold here. Four queries.
    """
    number = as_of.entry_number_on(on)
    page: dict[str, Any] = {
        "number": number,
        "rows": [],
        "more": False,
        "sentence": "Nothing was published yet.",
    }
    if number == 0:
        return page
    if number > as_of.MOST_FOLDED:
        return page | {"sentence": "The log is too long by then to tell the whole list here."}
    records = as_of.records_by_key(number, on=on)
    names = {key: _record_name(record) for key, record in records.items()}
    commitments = _readable_commitments(records.values())
    commitments.sort(key=lambda row: -row.first_entry)
    counts = {
        "total": len(commitments),
        "late": sum(row.reporting in Reporting.late_states() for row in commitments),
        "weakened": sum(bool(row.weakenings) for row in commitments),
    }
    return page | {
        "rows": [rows.commitment_row(row, names, on) for row in commitments[:ROWS]],
        "more": len(commitments) > ROWS,
        "sentence": register_list.count_sentence(counts),
    }


@dataclass(frozen=True)
class SignatoryStatement(RecordPage):
    """A signatory and its commitments on a day, oldest first."""

    name: str
    legal_name: str
    status: str
    charter: str
    joined_on: date | None
    sentence: str
    commitments: list[rows.CommitmentRow]


def signatory_on(key: str, on: date) -> SignatoryStatement | RemovedRecord | None:
    """Return a signatory and its commitments at the end of a day, or None if not yet public."""
    commitment_keys = Record.objects.filter(kind="commitment", signatory=key).values("key")
    related = Record.objects.filter(
        Q(key=key) | Q(key__in=commitment_keys) | Q(commitment__in=commitment_keys)
    )
    number = as_of.entry_number_on(on)
    entries = as_of.with_parent_entries(as_of.entries_up_to(related.values("key"), number), number)
    records = folding.fold(entries)
    record = records.get(key)
    if record is None:
        return None
    if record.item is None:
        return RemovedRecord(**record_fields(record))
    item = kinds.parse_item("signatory", record.item)
    commitments = _readable_commitments(records.values())
    for row in commitments:
        row.reporting = row.state_on(on)
    names = {other.key: _record_name(other) for other in records.values()}
    commitments.sort(key=lambda row: row.first_entry)
    return SignatoryStatement(
        **record_fields(record),
        name=_record_name(record),
        legal_name=item["legal_name"],
        status=signatories.charter_status_text(item),
        charter=names.get(item["charter"], ""),
        joined_on=item["joined_on"],
        sentence=signatories.signatory_sentence(commitments),
        commitments=[rows.commitment_row(row, names, on) for row in commitments],
    )


def _readable_commitments(records: Iterable[Record]) -> list[Record]:
    return [record for record in records if record.kind == "commitment" and record.item is not None]


def _record_name(record: Record) -> str:
    item = record.item or {}
    return item.get("trading_name") or item.get("legal_name") or item.get("title") or record.key
