"""The only writer of the register: publish, redact, restore and rebuild."""

import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, groupby, islice, repeat
from operator import attrgetter
from typing import Any

from django.db import connection, connections, router, transaction

from registry import clock
from registry.log import ledger
from registry.log.canonical import HASH_BEFORE_THE_FIRST, canonical, hash_entry, hash_item
from registry.log.freezing import Obstacle, find_obstacle
from registry.log.records import PreparedEntry, replace_records, update_records
from registry.log.redacting import prepare_redactions
from registry.models import Entry, Ledger, Record
from registry.schema import kinds

ENTRIES_AT_ONCE = 1000  # of the ledger, in memory
LOCK = 7_403_115_201  # any number that no other advisory lock of the database uses
# As text: each public answer begins with it.
READ_HEAD = """
    SELECT number, hash, at, coalesce((SELECT min(key) FROM registry_stalecommitment), '')
    FROM registry_entry ORDER BY number DESC LIMIT 1
"""
HEAD_CHANNEL = "register_head"  # each publication notifies it: head_watch.py

ACTIONS_NEEDING_REASON = {
    Entry.Action.AMEND,
    Entry.Action.CORRECT,
    Entry.Action.CLOSE,
    Entry.Action.WITHDRAW,
}


# Writes the act under way and returns its number. The private side sets it, and None outside acts.
record_act: ContextVar[Callable[[], int] | None] = ContextVar("record_act", default=None)

# Called with what is about to be published; each may refuse it. The private side adds them.
publication_checks: list[Callable[["Sequence[NewEntry]"], None]] = []


class LogError(Exception):
    """The log refuses an append."""


class ParentError(LogError):
    """The record that an item refers to was never published, or was withdrawn."""


class ReasonError(LogError):
    """A change of a public record lacks its public reason."""


class FrozenError(LogError):
    """The register has stopped, since it and its ledger do not fit: see log/freezing.py."""


class SequenceError(LogError):
    """The action does not fit the log's entries for that key."""


@dataclass(frozen=True)
class NewEntry:
    """An entry to append; `content` is JSON-ready, without salt, as kinds.py allows it.

    `act` is the number of the act that causes it, by default the one under way.
    """

    kind: str
    key: str
    action: str
    content: dict[str, Any]
    act: int | None = None


@dataclass(frozen=True)
class Head:
    """The latest entry. A copy of it is enough to detect any later change of earlier entries.

    `stale` is the first commitment that does not show it yet, "" for none (log/refolding.py): with
    it, the head says in which state the records are.
    """

    number: int
    hash: str
    at: datetime | None
    stale: str = ""


def head() -> Head:
    """Return the head of the log; number 0 while it is empty."""
    with connections[router.db_for_read(Entry)].cursor() as cursor:
        cursor.execute(READ_HEAD)
        if last := cursor.fetchone():
            return Head(*last)
    return Head(0, HASH_BEFORE_THE_FIRST, None)


def publish(items: Sequence[NewEntry]) -> list[Entry]:
    """Append items and update the records; return the new entries.

    Call it once and last in a transaction: its lock lasts until the commit. A plain publish of an
    item that equals the public one is dropped, so repeating it is idempotent.

    Raise FrozenError, InvalidItemError, ParentError, ReasonError or SequenceError; then nothing is
    written.
    """
    cleaned = [replace(item, content=kinds.clean_item(item.kind, item.content)) for item in items]
    if not cleaned:
        return []
    _refuse_if_frozen()
    for check in publication_checks:
        check(cleaned)
    cleaned = with_act(cleaned)
    with transaction.atomic():
        last = lock_log()
        known = Record.objects.in_bulk([item.key for item in cleaned])
        changes = list(_without_duplicates(cleaned, known))
        _check_entries(changes, known)
        prepared = [(i.kind, i.key, i.action, i.content) for i in changes]
        entries = _append_entries(last, prepared, [i.act for i in changes])
        update_records(prepared, known)
        transaction.on_commit(ledger.catch_up, robust=True)
    return entries


def redact(
    numbers: Iterable[int], *, reason_code: str, corrected: Sequence[NewEntry] = ()
) -> list[Entry]:
    """Empty the items of entries for good; return the appended redactions and corrected items.

    Append one visible redact entry per affected key, so that the head moves and every cache
    expires. Hashes stay valid. Entries without an item are skipped.

    Raise the errors of `publish` if a corrected item is refused; then nothing is written.
    """
    cleaned = [
        replace(item, content=kinds.clean_item(item.kind, item.content)) for item in corrected
    ]
    _refuse_if_frozen()
    act = _current_act()
    with transaction.atomic():
        last = lock_log()
        _check_entries(cleaned, Record.objects.in_bulk([item.key for item in cleaned]))
        emptied = list(
            Entry.objects.filter(number__in=list(numbers), item__isnull=False)
            .exclude(action=Entry.Action.REDACT)
            .order_by("number")
        )
        prepared = prepare_redactions(emptied, reason_code) + [
            (i.kind, i.key, i.action, i.content) for i in cleaned
        ]
        appended = _append_entries(last, prepared, repeat(act))
        _empty_items([entry.number for entry in emptied])
        update_records(prepared, Record.objects.in_bulk({entry.key for entry in appended}))
        transaction.on_commit(ledger.catch_up, robust=True)
    return appended


def restore_from_ledger() -> int:
    """Append the entries known only to the ledger, as after a restore; return their number.

    Numbers and hashes stay, so that heads stored elsewhere still verify. The texts are lost; a
    redact entry for each key says so. Redactions are repeated. Idempotent.

    Raise FrozenError if the ledger is not this register's, or remembers another log.
    """
    obstacle = find_obstacle()
    if obstacle not in (None, Obstacle.BEHIND):
        raise FrozenError(obstacle)
    act = _current_act()
    with transaction.atomic():
        last = lock_log()
        count = 0
        missing = _missing_entries(last)
        while entries := list(islice(missing, ENTRIES_AT_ONCE)):
            count += len(Entry.objects.bulk_create(entries))
        lines = ledger.remembered_entries()
        notes = (json.loads(line["item"]) for line in lines if "item" in line)
        emptied = {number for note in notes for number in note["entries"]}
        _empty_items(emptied)
        _append_losses(last.number if last else 0, emptied, act)
        replace_records()
        transaction.on_commit(ledger.catch_up, robust=True)
    return count


def _missing_entries(last: Entry | None) -> Iterator[Entry]:
    """Yield the entries that only the ledger knows, in their order.

    One is there twice if its first line could not be read when it was the last one.
    """
    expected, newest = (last.number if last else 0) + 1, 0
    for line in ledger.remembered_entries():
        newest = max(newest, line["number"])
        if last and line["number"] == last.number and line["hash"] != last.hash:
            raise FrozenError(Obstacle.DIFFERENT)
        if line["number"] == expected:
            yield _entry_from_ledger(line)
            expected += 1
    if newest >= expected:
        raise SequenceError(f"The ledger has no readable line for entry {expected}")


def _append_losses(known: int, emptied: set[int], act: int | None) -> None:
    """Append a redaction for each key that lost texts of entries after number `known`."""
    last = Entry.objects.order_by("-number").first()
    lost = Entry.objects.filter(number__gt=known, item=None).exclude(number__in=emptied)
    by_key = groupby(lost.order_by("key", "number").iterator(), attrgetter("key"))
    groups = (list(entries) for _, entries in by_key)
    while some := list(islice(groups, ENTRIES_AT_ONCE)):
        notes = prepare_redactions(chain.from_iterable(some), "lost")
        last = _append_entries(last, notes, repeat(act))[-1]


def _entry_from_ledger(line: dict[str, Any]) -> Entry:
    """Return the entry of a ledger line; only redactions have their item there."""
    columns = {
        name: line[name] for name in ("number", "kind", "key", "action", "item_hash", "hash")
    }
    return Entry(at=datetime.fromisoformat(line["at"]), item=line.get("item"), **columns)


def _empty_items(numbers: Iterable[int]) -> None:
    """Empty items that a redaction names, by the owner's function: the application cannot."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT empty_entries(%s::bigint[])", [list(numbers)])


def rebuild_records() -> int:
    """Rebuild all records from the entries; return their number. Idempotent."""
    with transaction.atomic():
        lock_log()
        return replace_records()


def _refuse_if_frozen() -> None:
    if obstacle := find_obstacle():
        raise FrozenError(obstacle)


def lock_log() -> Entry | None:
    """Lock the log until the commit; return the last entry."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    return Entry.objects.order_by("-number").first()


def announce_head() -> None:
    """Let every process read the head again once this transaction has committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [HEAD_CHANNEL])


def with_act(items: Iterable[NewEntry]) -> list[NewEntry]:
    """Return items with the number of the act under way, which is written now.

    It is written before the log is locked, because no table is written after.
    """
    act = _current_act()
    return [replace(item, act=item.act or act) for item in items]


def _current_act() -> int | None:
    write = record_act.get()
    return write() if write else None


def _append_entries(
    last: Entry | None, prepared: Sequence[PreparedEntry], acts: Iterable[int | None]
) -> list[Entry]:
    """Insert entries after the last one, each with its salt, its chained hash and its act."""
    at = clock.now().replace(microsecond=0)
    number, previous_hash = (last.number, last.hash) if last else (0, HASH_BEFORE_THE_FIRST)
    if last:
        at = max(at, last.at)  # times never decrease, even after the clock was set back
    else:
        Ledger.begin_first()
    entries = []
    for (kind, key, action, content), act in zip(prepared, acts, strict=False):
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
                act=act,
            )
        )
    announce_head()
    return Entry.objects.bulk_create(entries)


def _without_duplicates(items: Iterable[NewEntry], known: dict[str, Record]) -> Iterator[NewEntry]:
    """Skip plain publications that equal the public item, or an earlier item of `items`."""
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
    """Refuse orphans, changes without a reason, and changes to records that were never public."""
    new_keys = {item.key for item in items}
    parents = {
        item.content[parent]
        for item in items
        if (parent := kinds.KINDS[item.kind].parent) and item.key not in known
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
