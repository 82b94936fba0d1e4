"""Writes the records: after new entries those that they affect, or all of them at once."""

import json
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from django.db.models import Q

from registry.log import folding
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
    """Fold all entries and replace every record; return the number of records."""
    records = folding.fold(Entry.objects.order_by("number").iterator())
    Record.objects.all().delete()
    Record.objects.bulk_create(records.values(), batch_size=BATCH)
    return len(records)


def update_records(prepared: Sequence[PreparedEntry], known: dict[str, Record]) -> None:
    """Update the records of appended entries, and all records that depend on them.

    `known` holds the rows before the append. A change may point a record elsewhere, so records
    that depended on the old row are folded as well as those that depend on the new one. Entries
    are read for changed records and, because weakenings compare versions, for affected
    commitments. The other records have no new entry: their rows are enough.
    """
    changed_keys = {key for _, key, _, _ in prepared}
    known = {key: row for key, row in known.items() if key in changed_keys}
    commitments, parents = _affected_keys(prepared, known)
    needed = Q(key__in=commitments | parents) | Q(commitment__in=commitments)
    rows = known | Record.objects.filter(needed).in_bulk()
    refolded = commitments | changed_keys
    entries = list(Entry.objects.filter(key__in=refolded).order_by("number"))
    rows |= Record.objects.in_bulk(_measures_named(entries) - rows.keys())
    records = folding.fold(entries, [row for key, row in rows.items() if key not in refolded])
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


def _measures_named(entries: Sequence[Entry]) -> set[str]:
    """Return the keys of the measures that any version of a commitment names.

    The present version may name another, or none once its text is removed.
    """
    items = [
        json.loads(entry.item) for entry in entries if entry.kind == "commitment" and entry.item
    ]
    return {item["measure"] for item in items if item.get("measure")}


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
    commitments = {content.get("commitment") for _, _, _, content in prepared}
    commitments |= {row.commitment for row in known.values()} | set(contents)
    commitments |= {content.get("supersedes") for content in contents.values()}
    parents = {content.get(name) for content in contents.values() for name in COMMITMENT_PARENTS}
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
