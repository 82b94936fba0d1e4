"""The register as of an earlier entry: the entries up to it, folded as the log folds them.

The result for an entry never changes, except for text redacted since.
"""

import json
from datetime import date
from operator import itemgetter
from typing import Any

from django.db.models import Q

from registry import clock
from registry.log import folding
from registry.models import Entry, Record, RecordQuerySet
from registry.schema import kinds
from registry.schema.code_lists import NoticeType

# The kinds that derived fields are folded from: commitments, their parents and their children.
FOLDED_KINDS = (
    "commitment",
    *kinds.commitment_parents(),
    *(spec.name for spec in kinds.KINDS.values() if spec.parent == "commitment"),
)
# A list folds every entry up to the requested one; this many take about a second.
MOST_FOLDED = 20_000


def last_entry_on(on: date) -> Entry | None:
    """Return the last entry at the end of a day; its hash is the register's fingerprint."""
    return Entry.objects.filter(at__lt=clock.end_of_day(on)).order_by("-number").first()


def entry_number_on(on: date) -> int:
    """Return the number of the last entry at the end of a day; 0 before the first."""
    last = last_entry_on(on)
    return last.number if last else 0


def record_at(kind: str, key: str, number: int) -> Record | None:
    """Return a record as of an entry, or None if it was not yet public. Six queries.

    States that depend on the date are those of the entry's day.
    """
    current = Record.objects.of_kind(kind).filter(pk=key).first()
    if current is None or current.first_entry > number:
        return None
    if kinds.derived_fields(kind):
        entries = entries_of_commitment(current.commitment or key, number)
    else:
        entries = entries_up_to([key], number)
    return _with_dated_state(folding.fold(entries)[key], {key: current}, _entry_date(number))


def records_at(kind: str, number: int) -> list[Record]:
    """Return all records of a kind as of an entry, in the order of publication.

    Three queries; folds every entry up to that one.
    """
    needed_kinds = FOLDED_KINDS if kinds.derived_fields(kind) else (kind,)
    records = [row for row in records_by_key(number, needed_kinds).values() if row.kind == kind]
    return sorted(records, key=lambda row: row.first_entry)


def records_by_key(
    number: int, needed_kinds: tuple[str, ...] = FOLDED_KINDS, on: date | None = None
) -> dict[str, Record]:
    """Return the records of some kinds by key, as of an entry. Three queries.

    States that depend on the date are those of `on`, by default the entry's day.
    """
    entries = Entry.objects.filter(kind__in=needed_kinds, number__lte=number).order_by("number")
    folded = folding.fold(entries)
    current = Record.objects.in_bulk(list(folded))
    on = on or _entry_date(number)
    return {key: _with_dated_state(row, current, on) for key, row in folded.items()}


def records_about(key: str) -> RecordQuerySet:
    """Return the records about a commitment: its periods, updates, successes and letters."""
    about = Q(commitment=key) | Q(item__contains={"commitments": [key]})
    return Record.objects.filter(
        about | Q(item__contains={"type": NoticeType.LETTER, "about": key})
    )


def entries_of_commitment(key: str, number: int) -> list[Entry]:
    """Return the entries of a commitment, of records about it and of records it refers to."""
    superseding = Q(kind="commitment", item__contains={"supersedes": key})
    records = records_about(key) | Record.objects.filter(Q(pk=key) | superseding)
    return with_parent_entries(entries_up_to(records.values("key"), number), number)


def entries_up_to(keys: Any, number: int) -> list[Entry]:
    """Return the entries of `keys` up to a number, which is included."""
    return list(Entry.objects.filter(key__in=keys, number__lte=number).order_by("number"))


def with_parent_entries(entries: list[Entry], number: int) -> list[Entry]:
    """Add the entries of the records to which `entries` refer directly, in the log's order."""
    parents = {
        content[name]
        for entry in entries
        if (content := json.loads(entry.item or "{}"))
        for name in kinds.commitment_parents()
        if content.get(name)
    }
    known = {entry.key for entry in entries}
    parent_entries = entries_up_to(parents - known, number)
    return sorted([*entries, *parent_entries], key=lambda entry: entry.number)


def _entry_date(number: int) -> date:
    return clock.local_date(Entry.objects.get(number=number).at)


def _with_dated_state(row: Record, current: dict[str, Record], on: date) -> Record:
    """Add the states of the day `on` to a folded record, and notes of all redactions of its text.

    The redactions come from the current records: one may be later than the entry, and its note
    explains the missing text.
    """
    row.reporting = row.state = row.state_on(on)
    latest = current[row.key].redactions
    row.redactions = [note for note in latest if note["entry"] <= row.entry]
    if row.item is None and row.structure is None and row.redactions:
        row.structure = _structure_of_last(row.redactions)
    return row


def _structure_of_last(redactions: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return what stays of the latest redacted version. One query, for redacted records alone."""
    last = max(redactions, key=itemgetter("entry"))
    note = json.loads(Entry.objects.get(number=last["redact_entry"]).item or "{}")
    structure: dict[str, Any] | None = note["structure"].get(str(last["entry"]))
    return structure
