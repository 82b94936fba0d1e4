"""Writes the records: after new entries those that they affect, or all of them at once."""

import json
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from django.db.models import Q

from registry.log import folding, keys, whole_log
from registry.log.last_change import keep_later_change, shown_on
from registry.models import Entry, Record
from registry.schema import kinds

COLUMNS = [field.name for field in Record._meta.concrete_fields if not field.generated]
column_values = attrgetter(*COLUMNS)
# Fields of a commitment that name the records which its own record is folded from.
COMMITMENT_PARENTS = kinds.commitment_parents()
BATCH = 1000

# Kind, key, action and content of an entry to come.
PreparedEntry = tuple[str, str, str, dict[str, Any]]


def replace_records() -> int:
    """Fold all entries in chunks and replace every record; return the number of records."""
    Record.objects.all().delete()
    count = 0
    for chunk in whole_log.fold_in_chunks():
        count += len(Record.objects.bulk_create(chunk.records))
    return count


def update_records(prepared: Sequence[PreparedEntry], known: dict[str, Record]) -> None:
    """Update the records of appended entries, and all records that depend on them.

    `known` holds the rows before the append. A change may point a record elsewhere, so records
    that depended on the old row are folded as well as those that depend on the new one. Entries
    are read for changed records, for affected commitments, whose weakenings compare versions, and
    for what these belong to. The other records have no new entry: their rows are enough.
    """
    changed_keys = {key for _, key, _, _ in prepared}
    known = {key: row for key, row in known.items() if key in changed_keys}
    commitments, parents = _affected_keys(prepared, known)
    parents |= _pages_showing(commitments) - commitments
    refolded = commitments | changed_keys | parents
    entries = _entries_of(refolded)
    rows = (
        known | Record.objects.filter(Q(key__in=refolded) | Q(commitment__in=commitments)).in_bulk()
    )
    records = folding.fold(entries, [row for key, row in rows.items() if key not in refolded])
    for key, row in rows.items():
        keep_later_change(records[key], row.changed_entry, row.changed_at)
    changed_records = [
        record
        for key, record in records.items()
        if key not in rows or column_values(rows[key]) != column_values(record)
    ]
    Record.objects.bulk_create(
        changed_records,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=[name for name in COLUMNS if name != "key"],
    )


def _entries_of(record_keys: set[str]) -> list[Entry]:
    return list(Entry.objects.filter(key__in=record_keys).order_by("number"))


def _pages_showing(record_keys: set[str]) -> set[str]:
    """Return the keys of the records on whose pages any version of some records was shown.

    The present version may name others, or none once its text is removed.
    """
    found: set[str] = set()
    new_keys = record_keys
    while new_keys:
        versions = [(entry.kind, json.loads(entry.item or "{}")) for entry in _entries_of(new_keys)]
        named = {key for kind, item in versions for key in shown_on(kind, item)}
        new_keys = named - found
        found |= named
    return found


def _commitments_naming(measures: set[str]) -> set[str]:
    """Return the commitments of which any version names one of these measures."""
    names_one = Q()
    for key in measures:
        names_one |= Q(item__contains=f'"measure":"{key}"')
    entries = Entry.objects.filter(names_one, kind="commitment")
    return set(entries.values_list("key", flat=True))


def _affected_keys(
    prepared: Sequence[PreparedEntry], known: dict[str, Record]
) -> tuple[set[str], set[str]]:
    """Return the keys of commitments affected by new entries, and of their parent records.

    Follows chains of superseded commitments in both directions.
    """
    contents = {key: content for kind, key, _, content in prepared if kind == "commitment"}
    pages = _pages_showing({key for _, key, _, _ in prepared})
    commitments: set[Any] = {key for key in pages if keys.kind_of(key) == "commitment"}
    commitments |= {row.commitment for row in known.values()} | set(contents)
    commitments |= {content.get("supersedes") for content in contents.values()}
    parents: set[Any] = {
        content.get(name) for content in contents.values() for name in COMMITMENT_PARENTS
    }
    parents |= pages - commitments
    for name in COMMITMENT_PARENTS:
        if parent_keys := {key for kind, key, _, _ in prepared if kind == name}:
            affected = Record.objects.of_kind("commitment").filter(**{f"{name}__in": parent_keys})
            commitments |= set(affected.values_list("key", flat=True))
    if measures := {key for kind, key, _, _ in prepared if kind == "measure"}:
        commitments |= _commitments_naming(measures)
    new_keys = commitments
    while new_keys := new_keys - {None}:
        linked = Record.objects.filter(key__in=new_keys)
        rows = list(linked.values_list(*COMMITMENT_PARENTS, "item__supersedes", "superseded_by"))
        parents |= {key for row in rows for key in row[: len(COMMITMENT_PARENTS)]}
        new_keys = {key or None for row in rows for key in row[len(COMMITMENT_PARENTS) :]}
        superseded = {row[-2] for row in rows} | {c.get("supersedes") for c in contents.values()}
        new_keys |= _successors({key for key in superseded if key})
        new_keys -= commitments
        commitments |= new_keys
    return {key for key in commitments if key}, {key for key in parents if key}


def _successors(keys: set[str]) -> set[str]:
    """Return the commitments that supersede any of these; several may supersede the same one."""
    if not keys:
        return set()
    names_one = Q()
    for key in keys:
        names_one |= Q(item__contains={"supersedes": key})
    commitments = Record.objects.of_kind("commitment").filter(names_one)
    return set(commitments.values_list("key", flat=True))
