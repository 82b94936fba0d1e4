"""What a page said on an earlier day: the entries up to that day, folded as the log folds them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.http import QueryDict

from registry.log import as_of, folding
from registry.models import Record
from registry.schema import kinds
from registry.website import commitment, progress, register_list, rows, signatories
from registry.wording import differences

ROWS = 100  # of the whole list; the API has them all


@dataclass(frozen=True)
class RequestedDay:
    """The day that a reader asks for; `problem` says why another day is shown instead."""

    on: date
    problem: str = ""


def requested_day(query: QueryDict, today: date) -> RequestedDay:
    """Return the day in a query, `at=2026-03-31`; today where there is none."""
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


def commitment_on(key: str, on: date) -> dict[str, Any] | None:
    """Return what the page of a commitment said at the end of a day; None: not yet public."""
    entries = as_of.entries_of_commitment(key, as_of.entry_number_on(on))
    records = folding.fold(entries)
    record = records.pop(key, None)
    if record is None:
        return None
    record.reporting = as_of.reporting_state(record, on)
    for other in records.values():
        other.state = as_of.period_state(other, on)
    related = [
        other
        for other in records.values()
        if not (other.kind == "success" and other.status == Record.Status.WITHDRAWN)
    ]
    timeline_entries = [
        e for e in entries if e.key == key or e.kind in commitment.TIMELINE_KINDS[1:]
    ]
    return commitment.build_page(record, related, timeline_entries, on)


def register_on(on: date) -> dict[str, Any]:
    """Return how the list of all commitments stood at the end of a day, newest commitment first, or
    that the log is too long to tell it here. Four queries.
    """
    number = as_of.entry_number_on(on)
    page: dict[str, Any] = {"number": number, "rows": [], "sentence": "Nothing was published yet."}
    if number == 0:
        return page
    if number > as_of.MOST_FOLDED:
        return page | {"sentence": "The log is too long by then to tell the whole list here."}
    records = as_of.records_by_key(number, on=on)
    names = {key: _record_name(record) for key, record in records.items()}
    own = [row for row in records.values() if row.kind == "commitment" and row.item is not None]
    own.sort(key=lambda row: -row.first_entry)
    counts = {
        "total": len(own),
        "late": sum(row.reporting in rows.LATE_STATES for row in own),
        "weakened": sum(bool(row.weakenings) for row in own),
    }
    return page | {
        "rows": [rows.commitment_row(row, names) for row in own[:ROWS]],
        "more": len(own) > ROWS,
        "sentence": register_list.count_sentence(counts),
    }


def signatory_on(key: str, on: date) -> dict[str, Any] | None:
    """Return how a signatory and all its commitments stood at the end of a day; None: not yet
    public.
    """
    commitments = Record.objects.filter(kind="commitment", signatory=key).values("key")
    concerned = Record.objects.filter(
        Q(key=key)
        | Q(key__in=commitments)
        | Q(kind__in=["period", "update"], commitment__in=commitments)
    )
    number = as_of.entry_number_on(on)
    entries = as_of.with_parent_entries(
        as_of.entries_up_to(concerned.values("key"), number), number
    )
    records = folding.fold(entries)
    record = records.get(key)
    if record is None:
        return None
    page = rows.page_footer(record)
    if record.item is None:
        return page
    item = kinds.parse_item("signatory", record.item)
    own = [row for row in records.values() if row.kind == "commitment" and row.item is not None]
    for row in own:
        row.reporting = as_of.reporting_state(row, on)
    names = {other.key: _record_name(other) for other in records.values()}
    own.sort(key=lambda row: row.first_entry)
    return page | {
        "name": _record_name(record),
        "legal_name": item["legal_name"],
        "standing": signatories.standing_text(item),
        "charter": names.get(item["charter"], ""),
        "joined_on": item["joined_on"],
        "sentence": signatories.signatory_sentence(own),
        "rows": [_statement_row(row, names) for row in own],
    }


def _record_name(record: Record) -> str:
    item = record.item or {}
    return item.get("trading_name") or item.get("legal_name") or item.get("title") or record.key


def _statement_row(record: Record, names: dict[str, str]) -> dict[str, Any]:
    item = kinds.parse_item("commitment", record.item or {})
    latest = record.progress or {}
    return rows.commitment_row(record, names) | {
        "target": differences.target_text(item),
        "value": progress.figure_text(latest.get("value"), item),
        "level": latest.get("level_of_proof", ""),
        "disputed": latest.get("disputed", False),
        "entry": record.entry,
    }
