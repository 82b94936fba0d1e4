"""The register as it stood at an earlier entry: the entries up to it, folded as the log folds them.

Whoever asks again later gets the same, except for what was redacted.
"""

import json
from datetime import date
from typing import Any

from django.db.models import Q

from registry import clock, folding
from registry.models import Entry, Record

# What a record refers to, and what is folded into it.
PARENTS = ("signatory", "theme", "measure", "charter")
FOLDED = ("commitment", "period", "update", "signatory", "charter", "theme", "measure")
# Up to so many entries all of them are folded for one answer: about a second's work.
MOST_FOLDED = 20_000


def last_entry(on: date) -> Entry | None:
    """Return the last entry of the register at the end of a day: its hash is the fingerprint."""
    return Entry.objects.filter(at__lt=clock.end_of(on)).order_by("-number").first()


def number_on(on: date) -> int:
    """Return the number of that entry; 0 before the first."""
    last = last_entry(on)
    return last.number if last else 0


def record(kind: str, key: str, number: int) -> Record | None:
    """Return a record as it stood at an entry, with what follows for the day of that entry; None if
    it was not yet public. Six queries.
    """
    now = Record.objects.of_kind(kind).filter(pk=key).first()
    if now is None or now.first_entry > number:
        return None
    if kind in ("commitment", "period"):
        found = of_commitment(now.commitment or key, number)
    else:
        found = entries([key], number)
    return _stood(folding.fold(found)[key], {key: now}, _day(number))


def records(kind: str, number: int) -> list[Record]:
    """Return all records of a kind as they stood at an entry, in the order of publication. Three
    queries; folds all that was published until then.
    """
    kinds = FOLDED if kind in ("commitment", "period") else (kind,)
    stood = [row for row in register(number, kinds).values() if row.kind == kind]
    return sorted(stood, key=lambda row: row.first_entry)


def register(
    number: int, kinds: tuple[str, ...] = FOLDED, on: date | None = None
) -> dict[str, Record]:
    """Return the records of some kinds by key, as they stood at an entry; what depends on the day
    is that of the entry, or of a later one. Three queries.
    """
    found = Entry.objects.filter(kind__in=kinds, number__lte=number).order_by("number")
    folded = folding.fold(found)
    now = Record.objects.in_bulk(list(folded))
    on = on or _day(number)
    return {key: _stood(row, now, on) for key, row in folded.items()}


def of_commitment(key: str, number: int) -> list[Entry]:
    """Return the entries of a commitment, of all that is told of it, and of what it refers to."""
    news = Q(commitment=key) | Q(kind="success", item__contains={"commitments": [key]})
    news |= Q(kind="notice", item__contains={"type": "letter", "about": key})
    followed = Q(kind="commitment", item__contains={"supersedes": key})
    concerned = Record.objects.filter(Q(pk=key) | news | followed)
    return with_parents(entries(concerned.values("key"), number), number)


def entries(keys: Any, number: int) -> list[Entry]:
    """Return the entries of some keys up to a number."""
    return list(Entry.objects.filter(key__in=keys, number__lte=number).order_by("number"))


def with_parents(found: list[Entry], number: int) -> list[Entry]:
    """Return entries with those of what they refer to: one step up, and one more for charters."""
    parents = {
        content[name]
        for entry in found
        if (content := json.loads(entry.item or "{}"))
        for name in PARENTS
        if content.get(name)
    }
    known = {entry.key for entry in found}
    return sorted([*found, *entries(parents - known, number)], key=lambda entry: entry.number)


def reporting(record: Record, today: date) -> str:
    """Return what `with_reporting` annotates, for a record that is not in the database."""
    if record.status in (Record.Status.CLOSED, Record.Status.WITHDRAWN):
        return "closed"
    if paused(record, today):
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
    if paused(period, today):
        return "paused"
    overdue_on, lost = period.overdue_on, period.unreachable_since
    if period.asked_on and overdue_on and overdue_on <= today and not (lost and lost <= overdue_on):
        return "overdue"
    if period.open_due_on is None or period.open_due_on > today:
        return "scheduled"
    return "unreachable" if lost and lost <= today else "due"


def paused(record: Record, today: date) -> bool:
    """Tell whether reporting is paused on a day."""
    begun = record.pause_from is not None and record.pause_from <= today
    return begun and (record.pause_to is None or record.pause_to >= today)


def _day(number: int) -> date:
    return clock.local_date(Entry.objects.get(number=number).at)


def _stood(row: Record, now: dict[str, Record], on: date) -> Record:
    """Return a folded record with what depends on the day, and with the notes of redactions that
    came later: they say why its text is not there.
    """
    row.reporting, row.state = reporting(row, on), state(row, on)
    latest = now[row.key].redactions
    row.redactions = [note for note in latest if note["entry"] <= row.entry]
    return row
