"""The register as it stood at an earlier entry: the entries up to it, folded as the log folds them.

Whoever asks again later gets the same, except for what was redacted.
"""

import json
from datetime import date
from typing import Any

from django.db.models import Q

from registry import clock
from registry.log import folding
from registry.models import Entry, Record

# What a record refers to, and what is folded into it.
REFERENCE_FIELDS = ("signatory", "theme", "measure", "charter")
FOLDED_KINDS = ("commitment", "period", "update", "signatory", "charter", "theme", "measure")
# Up to so many entries all of them are folded for one answer: about a second's work.
MOST_FOLDED = 20_000


def last_entry_on(on: date) -> Entry | None:
    """Return the last entry of the register at the end of a day: its hash is the fingerprint."""
    return Entry.objects.filter(at__lt=clock.end_of_day(on)).order_by("-number").first()


def entry_number_on(on: date) -> int:
    """Return the number of that entry; 0 before the first."""
    last = last_entry_on(on)
    return last.number if last else 0


def record_at(kind: str, key: str, number: int) -> Record | None:
    """Return a record as it stood at an entry, with what follows for the day of that entry; None if
    it was not yet public. Six queries.
    """
    now = Record.objects.of_kind(kind).filter(pk=key).first()
    if now is None or now.first_entry > number:
        return None
    if kind in ("commitment", "period"):
        found = entries_of_commitment(now.commitment or key, number)
    else:
        found = entries_up_to([key], number)
    return _with_dated_state(folding.fold(found)[key], {key: now}, _entry_date(number))


def records_at(kind: str, number: int) -> list[Record]:
    """Return all records of a kind as they stood at an entry, in the order of publication. Three
    queries; folds all that was published until then.
    """
    kinds = FOLDED_KINDS if kind in ("commitment", "period") else (kind,)
    stood = [row for row in records_by_key(number, kinds).values() if row.kind == kind]
    return sorted(stood, key=lambda row: row.first_entry)


def records_by_key(
    number: int, kinds: tuple[str, ...] = FOLDED_KINDS, on: date | None = None
) -> dict[str, Record]:
    """Return the records of some kinds by key, as they stood at an entry; what depends on the day
    is that of the entry, or of a later one. Three queries.
    """
    found = Entry.objects.filter(kind__in=kinds, number__lte=number).order_by("number")
    folded = folding.fold(found)
    now = Record.objects.in_bulk(list(folded))
    on = on or _entry_date(number)
    return {key: _with_dated_state(row, now, on) for key, row in folded.items()}


def entries_of_commitment(key: str, number: int) -> list[Entry]:
    """Return the entries of a commitment, of all that is told of it, and of what it refers to."""
    related = Q(commitment=key) | Q(kind="success", item__contains={"commitments": [key]})
    related |= Q(kind="notice", item__contains={"type": "letter", "about": key})
    superseding = Q(kind="commitment", item__contains={"supersedes": key})
    records = Record.objects.filter(Q(pk=key) | related | superseding)
    return with_parent_entries(entries_up_to(records.values("key"), number), number)


def entries_up_to(keys: Any, number: int) -> list[Entry]:
    """Return the entries of some keys up to a number."""
    return list(Entry.objects.filter(key__in=keys, number__lte=number).order_by("number"))


def with_parent_entries(found: list[Entry], number: int) -> list[Entry]:
    """Return entries with those of what they refer to: one step up, and one more for charters."""
    parents = {
        content[name]
        for entry in found
        if (content := json.loads(entry.item or "{}"))
        for name in REFERENCE_FIELDS
        if content.get(name)
    }
    known = {entry.key for entry in found}
    return sorted([*found, *entries_up_to(parents - known, number)], key=lambda entry: entry.number)


def reporting_state(record: Record, today: date) -> str:
    """Return what `with_reporting` annotates, for a record that is not in the database."""
    if record.status in (Record.Status.CLOSED, Record.Status.WITHDRAWN):
        return "closed"
    if is_paused(record, today):
        return "paused"
    was_requested = record.asked_on is not None
    steps = [
        ("unreachable", record.unreachable_since),
        ("silent", record.silent_on if was_requested else None),
        ("overdue", record.overdue_on if was_requested else None),
        ("due", record.open_due_on),
    ]
    return next((code for code, since in steps if since and since <= today), "up_to_date")


def period_state(period: Record, today: date) -> str:
    """Return what `with_state` annotates, for a period that is not in the database."""
    if (period.item or {}).get("excused_reason") is not None:
        return "excused"
    if period.received:
        late = period.overdue_on is not None and period.received >= period.overdue_on
        return "received_late" if late else "received"
    if period.passed_over:
        return "not_received"
    if is_paused(period, today):
        return "paused"
    overdue_on, lost = period.overdue_on, period.unreachable_since
    if period.asked_on and overdue_on and overdue_on <= today and not (lost and lost <= overdue_on):
        return "overdue"
    if period.open_due_on is None or period.open_due_on > today:
        return "scheduled"
    return "unreachable" if lost and lost <= today else "due"


def is_paused(record: Record, today: date) -> bool:
    """Tell whether reporting is paused on a day."""
    begun = record.pause_from is not None and record.pause_from <= today
    return begun and (record.pause_to is None or record.pause_to >= today)


def _entry_date(number: int) -> date:
    return clock.local_date(Entry.objects.get(number=number).at)


def _with_dated_state(row: Record, now: dict[str, Record], on: date) -> Record:
    """Return a folded record with what depends on the day, and with the notes of redactions that
    came later: they say why its text is not there.
    """
    row.reporting, row.state = reporting_state(row, on), period_state(row, on)
    latest = now[row.key].redactions
    row.redactions = [note for note in latest if note["entry"] <= row.entry]
    return row
