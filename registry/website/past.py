"""What a page said on an earlier day: the entries up to that day, folded as the log folds them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.http import QueryDict

from registry import clock, folding, kinds
from registry.models import Entry, Record
from registry.website import commitment, differences, figures, lists, signatories


@dataclass(frozen=True)
class Asked:
    """The day that a reader asks for; `problem` says why another day is shown instead."""

    on: date
    problem: str = ""


def day(query: QueryDict, today: date) -> Asked:
    """Return the day in a query, `at=2026-03-31`; today where there is none."""
    text = query.get("at", "")
    if not text:
        return Asked(today)
    try:
        on = date.fromisoformat(text)
    except ValueError:
        return Asked(today, "Give the day as year, month and day, such as 2026-03-31.")
    if on > today:
        return Asked(today, "That day is still to come. This is how it stands today.")
    return Asked(on)


def commitment_on(key: str, on: date) -> dict[str, Any] | None:
    """Return what the page of a commitment said at the end of a day; None: not yet public."""
    entries = _entries({key, *commitment.news_of(key).values_list("key", flat=True)}, on)
    entries = _with_parents(entries, on)
    records = folding.fold(entries)
    record = records.pop(key, None)
    if record is None:
        return None
    record.reporting = reporting(record, on)
    for other in records.values():
        other.state = state(other, on)
    related = [
        other
        for other in records.values()
        if not (other.kind == "success" and other.status == Record.Status.WITHDRAWN)
    ]
    told = [entry for entry in entries if entry.kind in ("commitment", "update", "success")]
    return commitment.describe(record, related, told, on)


def signatory_on(key: str, on: date) -> dict[str, Any] | None:
    """Return how a signatory and all its promises stood at the end of a day; None: not yet
    public.
    """
    promises = Record.objects.filter(kind="commitment", signatory=key).values("key")
    concerned = Record.objects.filter(
        Q(key=key) | Q(key__in=promises) | Q(kind__in=["period", "update"], commitment__in=promises)
    )
    entries = _with_parents(_entries(set(concerned.values_list("key", flat=True)), on), on)
    records = folding.fold(entries)
    record = records.get(key)
    if record is None:
        return None
    page = lists.foot(record)
    if record.item is None:
        return page
    item = kinds.typed("signatory", record.item)
    own = [row for row in records.values() if row.kind == "commitment" and row.item is not None]
    for row in own:
        row.reporting = reporting(row, on)
    names = {other.key: _name(other) for other in records.values()}
    own.sort(key=lambda row: row.first_entry)
    return page | {
        "name": _name(record),
        "legal_name": item["legal_name"],
        "standing": signatories.standing(item),
        "charter": names.get(item["charter"], ""),
        "joined_on": item["joined_on"],
        "sentence": signatories.signatory_sentence(own),
        "rows": [_row(row, names) for row in own],
    }


def head_on(on: date) -> Entry | None:
    """Return the last entry of the register at the end of a day: its hash is the fingerprint."""
    return Entry.objects.filter(at__lt=clock.end_of(on)).order_by("-number").first()


def reporting(record: Record, today: date) -> str:
    """Return what `with_reporting` annotates, for a record that is not in the database."""
    if record.status in (Record.Status.CLOSED, Record.Status.WITHDRAWN):
        return "closed"
    if _paused(record, today):
        return "paused"
    asked = record.asked_on is not None
    steps = [
        ("unreachable", record.unreachable_since),
        ("silent", record.silent_on if asked else None),
        ("overdue", record.overdue_on if asked else None),
        ("due", record.open_due_on),
    ]
    return next((code for code, since in steps if since and since <= today), "up_to_date")


def state(period: Record, today: date) -> str:
    """Return what `with_state` annotates, for a period that is not in the database."""
    if (period.item or {}).get("excused_reason") is not None:
        return "excused"
    if period.received:
        late = period.overdue_on is not None and period.received >= period.overdue_on
        return "received_late" if late else "received"
    if period.passed_over:
        return "not_received"
    if _paused(period, today):
        return "paused"
    if period.asked_on and period.overdue_on and period.overdue_on <= today:
        return "overdue"
    return "due" if period.open_due_on and period.open_due_on <= today else "scheduled"


def _paused(record: Record, today: date) -> bool:
    begun = record.pause_from is not None and record.pause_from <= today
    return begun and (record.pause_to is None or record.pause_to >= today)


def _entries(keys: Iterable[str], on: date) -> list[Entry]:
    return list(Entry.objects.filter(key__in=keys, at__lt=clock.end_of(on)).order_by("number"))


def _with_parents(entries: list[Entry], on: date) -> list[Entry]:
    """Return entries with those of what they refer to: one step up, and one more for charters."""
    parents = {
        content[name]
        for entry in entries
        if (content := json.loads(entry.item or "{}"))
        for name in commitment.PARENTS
        if content.get(name)
    }
    known = {entry.key for entry in entries}
    return sorted([*entries, *_entries(parents - known, on)], key=lambda entry: entry.number)


def _name(record: Record) -> str:
    item = record.item or {}
    return item.get("trading_name") or item.get("legal_name") or item.get("title") or record.key


def _row(record: Record, names: dict[str, str]) -> dict[str, Any]:
    item = kinds.typed("commitment", record.item or {})
    progress = record.progress or {}
    return lists.row(record, names) | {
        "target": differences.target(item),
        "value": figures.amount(progress.get("value"), item),
        "level": progress.get("level_of_proof", ""),
        "entry": record.entry,
    }
