"""Folds the whole log in chunks of bounded memory, each with all that its records follow from.

A chunk is made of commitments with their periods and updates, or of other records. Signatories,
charters, themes and measures come last: what changes their pages is gathered from all chunks.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from registry.log import folding, keys
from registry.log.columns import named_keys
from registry.log.last_change import keep_later_change
from registry.models import Entry, Record
from registry.schema import kinds

# Records around which a chunk is made. A commitment has some 26 entries with all that is about it.
CHUNK = 100
KEY_IN_TEXT = re.compile(rf'"({keys.PATTERN})"')
# What commitments belong to, those that are shown on another one's page first.
WIDE_KINDS = tuple(kind for kind in reversed(kinds.KINDS) if kind in kinds.commitment_parents())
# What belongs to a commitment, and is folded with it.
PARTS = tuple(kind for kind, spec in kinds.KINDS.items() if spec.parent == "commitment")
CENTRES = tuple(kind for kind in kinds.KINDS if kind not in (*WIDE_KINDS, *PARTS))

EntriesByKey = dict[str, list[Entry]]


@dataclass(frozen=True)
class Chunk:
    """Some records as the whole log makes them, and how many entries they have.

    `folded` holds these and all that were folded with them, `entries` what they were folded from.
    """

    records: list[Record]
    entry_count: int
    folded: list[Record]
    entries: EntriesByKey


def fold_in_chunks() -> Iterator[Chunk]:
    """Yield every record of the log once, as folding all entries at once would make it.

    Read it in one transaction, so that all chunks come from one state of the log. Memory is
    constant but for one number and time for each signatory, theme and measure.
    """
    changes: dict[str, tuple[int, datetime]] = {}
    for centres in _chunks_of(CENTRES):
        entries = entries_around(centres)
        records = _fold_entries(entries, changes)
        yield _make_chunk(_owned_keys(centres, entries), records, entries)
    for strays in _stray_parts():
        entries = entries_by_key(strays)
        yield _make_chunk(strays, _fold_entries(entries, changes), entries)
    for wide_keys in _chunks_of(WIDE_KINDS):
        entries = entries_around(wide_keys)
        records = _fold_entries(entries, changes)
        for key in wide_keys:
            keep_later_change(records[key], *changes[key])
        yield _make_chunk(wide_keys, records, entries)


def entries_around(centres: Collection[str]) -> EntriesByKey:
    """Return all entries that some records follow from, by the key of each.

    These are their own, those of all records that name them, and of what any of these belongs to.
    A part that once named another commitment brings all that is about that one.
    """
    found: EntriesByKey = {}
    new = set(centres)
    inner = {key for key in new if keys.kind_of(key) not in WIDE_KINDS}
    looked_up: set[str] = set()
    while new or inner:
        looked_up |= inner
        new |= keys_naming(inner) - found.keys()
        added = entries_by_key(new)
        found |= added
        named = {key for entries in added.values() for key in named_in(entries)}
        inner = {key for key in added if keys.kind_of(key) in ("success", "notice")}
        inner |= {key for part in parts_of(added) for key in commitments_of(added[part])}
        inner -= looked_up
        wide = {key for key in named if keys.kind_of(key) in WIDE_KINDS}
        new = (wide | inner) - found.keys()
    return found


def _chunks_of(chosen_kinds: Iterable[str]) -> Iterator[list[str]]:
    """Yield all keys of some kinds in chunks, kind by kind, in the order of the keys."""
    for kind in chosen_kinds:
        letter = kinds.KINDS[kind].letter
        # Keys of one letter stand together in the index; the next letter ends them.
        rows = Entry.objects.filter(kind=kind, key__lt=chr(ord(letter) + 1)).order_by("key")
        last = letter
        while found := list(
            rows.filter(key__gt=last).values_list("key", flat=True).distinct()[:CHUNK]
        ):
            yield found
            last = found[-1]


def _stray_parts() -> Iterator[list[str]]:
    """Yield periods and updates whose texts were lost, so that nothing says of which commitment."""
    redacted = Entry.objects.filter(action=Entry.Action.REDACT, kind__in=PARTS).order_by("key")
    last = ""
    while found := list(
        redacted.filter(key__gt=last).values_list("key", flat=True).distinct()[:CHUNK]
    ):
        entries = entries_by_key(found)
        strays = [key for key in found if not commitments_of(entries[key])]
        if strays:
            yield strays
        last = found[-1]


def _fold_entries(
    entries: EntriesByKey, changes: dict[str, tuple[int, datetime]]
) -> dict[str, Record]:
    """Fold entries in their order, and note the last change of what commitments belong to."""
    in_order = sorted((e for group in entries.values() for e in group), key=attrgetter("number"))
    records = folding.fold(in_order)
    for key, record in records.items():
        if record.kind in WIDE_KINDS:
            change = record.changed_entry, record.changed_at
            changes[key] = max(changes.get(key, change), change)
    return records


def _owned_keys(centres: Collection[str], entries: EntriesByKey) -> list[str]:
    """Return the keys that a chunk alone answers for: its centres and the parts of these."""
    first_commitments = {
        part: min(commitments_of(entries[part]), default="") for part in parts_of(entries)
    }
    return [*centres, *(part for part, key in first_commitments.items() if key in centres)]


def _make_chunk(owned: list[str], records: dict[str, Record], entries: EntriesByKey) -> Chunk:
    entry_count = sum(len(entries[key]) for key in owned)
    return Chunk([records[key] for key in owned], entry_count, list(records.values()), entries)


def parts_of(entries: EntriesByKey) -> list[str]:
    """Return the keys of periods and updates."""
    return [key for key in entries if keys.kind_of(key) in PARTS]


def commitments_of(entries: Iterable[Entry]) -> set[str]:
    """Return the commitments that any version of a part names."""
    return {key for key in named_in(entries) if keys.kind_of(key) == "commitment"}


def named_in(entries: Iterable[Entry]) -> set[str]:
    """Return all keys that stand in items, or in what stays of redacted ones."""
    return {key for entry in entries if entry.item for key in KEY_IN_TEXT.findall(entry.item)}


def keys_naming(named: Collection[str]) -> set[str]:
    """Return the keys of all records of which any version names one of these.

    One query for each chunk: with more keys at once PostgreSQL would rather read the whole log.
    """
    found: set[str] = set()
    in_order = sorted(named)
    for start in range(0, len(in_order), CHUNK):
        chunk = in_order[start : start + CHUNK]
        naming = Entry.objects.alias(named=named_keys()).filter(named__has_any_keys=chunk)
        found.update(naming.order_by().values_list("key", flat=True).distinct())
    return found


def entries_by_key(found: Collection[str]) -> EntriesByKey:
    entries: EntriesByKey = {}
    for entry in Entry.objects.filter(key__in=found).order_by("number") if found else ():
        entries.setdefault(entry.key, []).append(entry)
    return entries
