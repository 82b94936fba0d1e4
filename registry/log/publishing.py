"""The only writer of the register: publish, redact, verify, rebuild."""

import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from registry import clock
from registry.log import folding, ledger
from registry.log.canonical import HASH_BEFORE_THE_FIRST, canonical, hash_entry, hash_item
from registry.models import Entry, Record
from registry.schema import code_lists, kinds

LOCK = 7_403_115_201  # any number that no other advisory lock of the database uses

ACTIONS_NEEDING_REASON = {
    Entry.Action.AMEND,
    Entry.Action.CORRECT,
    Entry.Action.CLOSE,
    Entry.Action.WITHDRAW,
}
FROZEN_MESSAGE = (
    "The database is behind its ledger, as after a restore. Nothing is published or sent until "
    "somebody runs put_back_from_ledger."
)
COLUMNS = [field.name for field in Record._meta.concrete_fields if not field.generated]
column_values = attrgetter(*COLUMNS)
# What a commitment names, and what its record follows from.
COMMITMENT_PARENTS = ("signatory", "charter", "measure")
BATCH = 1000


# Kind, key, action and content of an entry to come.
PreparedEntry = tuple[str, str, str, dict[str, Any]]


class LogError(Exception):
    """The log refuses what it was asked to append."""


class ParentError(LogError):
    """The record that an item refers to was never published, or was withdrawn."""


class ReasonError(LogError):
    """A change of what is public came without its public reason."""


class FrozenError(LogError):
    """The database is behind its ledger: a number would be given out twice."""


class SequenceError(LogError):
    """The action does not fit what stands in the log under that key."""


@dataclass(frozen=True)
class NewEntry:
    """Something to append: `content` is what kinds.py allows, JSON-ready, without salt."""

    kind: str
    key: str
    action: str
    content: dict[str, Any]


@dataclass(frozen=True)
class Head:
    """The latest entry: who remembers it can tell later whether anything before it was altered."""

    number: int
    hash: str
    at: datetime | None


_batch: ContextVar[list[NewEntry] | None] = ContextVar("gathering", default=None)


def head() -> Head:
    """Return the head of the log; number 0 while it is empty."""
    last = Entry.objects.order_by("-number").only("number", "hash", "at").first()
    return Head(last.number, last.hash, last.at) if last else Head(0, HASH_BEFORE_THE_FIRST, None)


def is_frozen() -> bool:
    """Say whether the ledger remembers entries that the log lacks."""
    remembered = ledger.last_entry_number()  # first: others may publish meanwhile
    return remembered > head().number


def publish(items: Sequence[NewEntry]) -> list[Entry]:
    """Append items and bring the records up to date; return the new entries.

    Called once and last in a transaction: the lock it takes lasts until the commit. An item that
    equals what is already public under its key is dropped when its action is a plain publish.

    Raises FrozenError, InvalidItemError, ParentError, ReasonError or SequenceError; then nothing is
    written.
    """
    cleaned = [
        NewEntry(i.kind, i.key, i.action, kinds.clean_item(i.kind, i.content)) for i in items
    ]
    if (pending := _batch.get()) is not None:
        pending += cleaned
        return []
    if not cleaned:
        return []
    _refuse_if_frozen()
    with transaction.atomic():
        last = lock_log()
        known = Record.objects.in_bulk([item.key for item in cleaned])
        fresh = list(_without_duplicates(cleaned, known))
        _check_entries(fresh, known)
        prepared = [(i.kind, i.key, i.action, i.content) for i in fresh]
        entries = _append_entries(last, prepared)
        _update_records(prepared, known)
        transaction.on_commit(ledger.catch_up, robust=True)
    return entries


@contextmanager
def batch() -> Iterator[None]:
    """Append what is published inside the block once, at its end: one lock, one folding.

    For many acts that are seen whole or not at all, such as those of a day of the demonstration.
    Nothing inside the block may read what the block publishes. If it fails, nothing is written.
    """
    items: list[NewEntry] = []
    token = _batch.set(items)
    try:
        yield
    finally:
        _batch.reset(token)
    if items:
        publish(items)


def redact(
    numbers: Iterable[int], *, reason_code: str, corrected: Sequence[NewEntry] = ()
) -> list[Entry]:
    """Empty the items of entries for good; return what is appended: notes, and corrected items.

    One visible redact entry follows for each key touched, so the head moves and every cache lets
    go. Hashes stay valid. What has no item any more is passed over.

    Raises as `publish` does when a corrected item may not be published; then nothing is written.
    """
    cleaned = [
        NewEntry(i.kind, i.key, i.action, kinds.clean_item(i.kind, i.content)) for i in corrected
    ]
    _refuse_if_frozen()
    with transaction.atomic():
        last = lock_log()
        _check_entries(cleaned, Record.objects.in_bulk([item.key for item in cleaned]))
        emptied = list(
            Entry.objects.filter(number__in=list(numbers), item__isnull=False)
            .exclude(action=Entry.Action.REDACT)
            .order_by("number")
        )
        prepared = _prepare_redactions(emptied, reason_code) + [
            (i.kind, i.key, i.action, i.content) for i in cleaned
        ]
        appended = _append_entries(last, prepared)
        Entry.objects.filter(number__in=[entry.number for entry in emptied]).update(item=None)
        _update_records(prepared, Record.objects.in_bulk({entry.key for entry in appended}))
        transaction.on_commit(ledger.catch_up, robust=True)
    return appended


def restore_from_ledger() -> int:
    """Put back the entries that only the ledger remembers, as after a restore; return how many.

    Numbers and hashes stay, so that heads remembered elsewhere still verify. Their texts are lost,
    which a redact entry says for each key. Redactions are repeated.
    """
    with transaction.atomic():
        last = lock_log()
        known = last.number if last else 0
        remembered = ledger.remembered_entries()
        missing = [_entry_from_ledger(line) for line in remembered if line["number"] > known]
        Entry.objects.bulk_create(missing)
        emptied = {
            number
            for line in remembered
            if "item" in line
            for number in json.loads(line["item"])["entries"]
        }
        Entry.objects.filter(number__in=emptied, item__isnull=False).update(item=None)
        lost = [e for e in missing if e.item is None and e.number not in emptied]
        _append_entries([last, *missing][-1], _prepare_redactions(lost, "lost"))
        _make_records()
        transaction.on_commit(ledger.catch_up, robust=True)
    return len(missing)


def _entry_from_ledger(line: dict[str, Any]) -> Entry:
    """Return an entry as the ledger tells it; only a redaction's item is among that."""
    columns = {
        name: line[name] for name in ("number", "kind", "key", "action", "item_hash", "hash")
    }
    return Entry(at=datetime.fromisoformat(line["at"]), item=line.get("item"), **columns)


def _prepare_redactions(emptied: Iterable[Entry], reason_code: str) -> list[PreparedEntry]:
    """Return the redactions that say of each key which of its entries have no item any more."""
    by_key: dict[str, list[Entry]] = {}
    for entry in emptied:
        by_key.setdefault(entry.key, []).append(entry)
    return [
        (
            entries[0].kind,
            key,
            Entry.Action.REDACT,
            {
                "entries": [entry.number for entry in entries],
                "reason_code": reason_code,
                "change_reason": code_lists.REDACTION_REASONS[reason_code],
            },
        )
        for key, entries in by_key.items()
    ]


def rebuild_records() -> int:
    """Make all records anew from the entries; return how many there are. Gives the same rows at any
    time.
    """
    with transaction.atomic():
        lock_log()
        return _make_records()


def _make_records() -> int:
    records = folding.fold(Entry.objects.order_by("number").iterator())
    Record.objects.all().delete()
    Record.objects.bulk_create(records.values(), batch_size=BATCH)
    return len(records)


def _refuse_if_frozen() -> None:
    if is_frozen():
        raise FrozenError(FROZEN_MESSAGE)


def lock_log() -> Entry | None:
    """Take the log's lock until the commit, then return the last entry."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    return Entry.objects.order_by("-number").first()


def _append_entries(last: Entry | None, prepared: Sequence[PreparedEntry]) -> list[Entry]:
    """Insert entries after the last one, each with its salt and chained hash."""
    at = clock.now().replace(microsecond=0)
    number, previous_hash = (last.number, last.hash) if last else (0, HASH_BEFORE_THE_FIRST)
    if last:
        at = max(at, last.at)
    entries = []
    for kind, key, action, content in prepared:
        number += 1
        text = canonical(content | {"salt": secrets.token_hex(32)})
        item_hash = hash_item(text)
        previous_hash = hash_entry(previous_hash, number, at, kind, key, action, item_hash)
        entries.append(
            Entry(
                number=number,
                at=at,
                kind=kind,
                key=key,
                action=action,
                item=text,
                item_hash=item_hash,
                hash=previous_hash,
            )
        )
    return Entry.objects.bulk_create(entries)


def _without_duplicates(items: Iterable[NewEntry], known: dict[str, Record]) -> Iterator[NewEntry]:
    """Leave out what only says again what is public, or what an item before it says."""
    public_content = {
        key: {name: value for name, value in record.item.items() if name != "salt"}
        for key, record in known.items()
        if record.item is not None
    }
    for item in items:
        if item.action != Entry.Action.PUBLISH or public_content.get(item.key) != item.content:
            public_content[item.key] = item.content
            yield item


def _check_entries(items: list[NewEntry], known: dict[str, Record]) -> None:
    """Refuse an orphan, a change without a reason, an act on what never was public."""
    new_keys = {item.key for item in items}
    parents = {
        item.content[kinds.PARENT_FIELDS[item.kind]]
        for item in items
        if item.kind in kinds.PARENT_FIELDS and item.key not in known
    }
    existing = Record.objects.exclude(status=Record.Status.WITHDRAWN).in_bulk(parents - new_keys)
    for missing in parents - new_keys - set(existing):
        raise ParentError(f"{missing} is not public: publish it first")
    published = set(known)
    for item in items:
        if item.action in ACTIONS_NEEDING_REASON and not item.content.get("change_reason"):
            raise ReasonError(f"{item.key}: to {item.action} needs a public reason")
        if item.action == Entry.Action.PUBLISH:
            published.add(item.key)
        elif item.key not in published:
            raise SequenceError(f"{item.key} was never published: nothing to {item.action}")


def _update_records(prepared: Sequence[PreparedEntry], known: dict[str, Record]) -> None:
    """Bring the records that acts touch, and all that follow from them, up to date.

    `known` holds the rows before. What they refer to may change with them: both what followed
    before and what follows now is folded. Entries are read of what is touched and, for what was
    weakened, of its commitments; of the others the rows, since they have no new one.
    """
    touched = {key for _, key, _, _ in prepared}
    known = {key: row for key, row in known.items() if key in touched}
    commitments, parents = _affected_keys(prepared, known)
    children = Q(commitment__in=commitments, kind__in=["period", "update"])
    rows = known | Record.objects.filter(Q(key__in=commitments | parents) | children).in_bulk()
    refolded = commitments | touched
    entries = Entry.objects.filter(key__in=refolded).order_by("number")
    records = folding.fold(entries, [row for key, row in rows.items() if key not in refolded])
    changed = [
        record
        for key, record in records.items()
        if key not in rows or column_values(rows[key]) != column_values(record)
    ]
    Record.objects.bulk_create(
        changed,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=[name for name in COLUMNS if name != "key"],
    )


def _affected_keys(
    prepared: Sequence[PreparedEntry], known: dict[str, Record]
) -> tuple[set[str], set[str]]:
    """Return the commitments whose records follow from acts, and what else decides these."""
    contents = {key: content for kind, key, _, content in prepared if kind == "commitment"}
    commitments = {content.get("commitment") for _, _, _, content in prepared}
    commitments |= {row.commitment for row in known.values()} | set(contents)
    commitments |= {content.get("supersedes") for content in contents.values()}
    parents = {content.get(name) for content in contents.values() for name in COMMITMENT_PARENTS}
    for name in COMMITMENT_PARENTS:
        if changed := {key for kind, key, _, _ in prepared if kind == name}:
            affected = Record.objects.of_kind("commitment").filter(**{f"{name}__in": changed})
            commitments |= set(affected.values_list("key", flat=True))
    fresh = commitments
    while fresh := fresh - {None}:
        linked = Record.objects.filter(key__in=fresh)
        rows = list(linked.values_list(*COMMITMENT_PARENTS, "item__supersedes", "superseded_by"))
        parents |= {key for row in rows for key in row[: len(COMMITMENT_PARENTS)]}
        fresh = {
            key or None for row in rows for key in row[len(COMMITMENT_PARENTS) :]
        } - commitments
        commitments |= fresh
    return {key for key in commitments if key}, {key for key in parents if key}
