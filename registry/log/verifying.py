"""Verification of the log: every hash, the chain, the records and the ledger's copy."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from registry.log import folding, ledger
from registry.log.canonical import HASH_BEFORE_THE_FIRST, hash_entry, hash_item
from registry.log.publishing import lock_log
from registry.log.records import COLUMNS, column_values
from registry.models import Entry, Record


@dataclass(frozen=True)
class Fault:
    """A failed check; `number` is the first entry concerned, 0 for none."""

    number: int
    problem: str


def verify(progress: Callable[[int], None] = lambda number: None) -> list[Fault]:
    """Check every hash, the chain, the records and the ledger's copy; return the faults.

    `progress` is called with the number of each verified entry.
    """
    with transaction.atomic():
        lock_log()
        entries = list(Entry.objects.order_by("number"))
        faults = _verify_chain(entries, progress)
        if not faults:
            faults = _verify_records(entries)
    disagreements = ledger.find_disagreements(entries)
    return faults + [Fault(number, problem) for number, problem in disagreements]


def _verify_chain(entries: list[Entry], progress: Callable[[int], None]) -> list[Fault]:
    """Check numbers, hashes and times, and that a later redaction names each emptied entry."""
    redacted = {
        number: entry.number
        for entry in entries
        if entry.action == Entry.Action.REDACT and entry.item is not None
        for number in json.loads(entry.item).get("entries", [])
    }
    previous_hash, previous_at = HASH_BEFORE_THE_FIRST, None
    for expected, entry in enumerate(entries, start=1):
        if entry.number != expected:
            return [Fault(expected, f"entry {expected} is missing: entry {entry.number} follows")]
        if entry.item is None:
            if redacted.get(entry.number, 0) <= entry.number:
                return [Fault(expected, "the item is gone, and no later redaction names it")]
        elif hash_item(entry.item) != entry.item_hash:
            return [Fault(expected, "the item does not fit its hash")]
        fields = (entry.number, entry.at, entry.kind, entry.key, entry.action, entry.item_hash)
        if entry.at.microsecond or hash_entry(previous_hash, *fields) != entry.hash:
            return [
                Fault(expected, "the entry does not fit its hash, or the hash of the entry before")
            ]
        if previous_at and entry.at < previous_at:
            return [Fault(expected, "the entry is older than the one before")]
        previous_hash, previous_at = entry.hash, entry.at
        progress(entry.number)
    return []


def _verify_records(entries: list[Entry]) -> list[Fault]:
    """Compare the records with those folded from the entries."""
    expected = folding.fold(entries)
    rows = Record.objects.in_bulk()
    faults = [
        Fault(record.entry, f"the record {key} is missing")
        for key, record in expected.items()
        if key not in rows
    ]
    for key, row in rows.items():
        if key not in expected:
            faults.append(Fault(row.entry, f"the record {key} has no entry"))
        elif column_values(row) != column_values(expected[key]):
            names = [n for n in COLUMNS if getattr(row, n) != getattr(expected[key], n)]
            faults.append(
                Fault(row.entry, f"the record {key} differs from its entries in {', '.join(names)}")
            )
    return faults
