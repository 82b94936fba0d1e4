"""Writes the records, and what lists read of them: after new entries those affected, or all."""

import json
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

from django.db import connection
from django.db.models import Q

from registry import clock
from registry.log import folding, keys, whole_log
from registry.log.columns import named_keys
from registry.log.documents import make_document
from registry.log.entry_lists import replace_listed_entries, update_listed_entries
from registry.log.history import continue_histories, remake_histories
from registry.log.kind_counts import add_counts, count_all_entries, count_entries, count_records
from registry.log.last_change import keep_later_change, shown_on
from registry.log.listed_signatories import update_signatories
from registry.log.listed_successes import replace_successes, successes_following, update_successes
from registry.log.listing import replace_listed, update_listed
from registry.log.searched_records import replace_searched, update_searched
from registry.log.wide_changes import add_changes
from registry.models import (
    CommitmentHistory,
    DayCount,
    Entry,
    KindCount,
    Record,
    StaleCommitment,
    WideChange,
)
from registry.schema import kinds

# Its document follows from these.
COLUMNS = [
    field.name
    for field in Record._meta.concrete_fields
    if not field.generated and field.name != "document"
]
column_values = attrgetter(*COLUMNS)
# Fields of a commitment that name the records which its own record is folded from.
COMMITMENT_PARENTS = kinds.commitment_parents()
BATCH = 1000
# Commitments that a publication folds with what they belong to: less than a second's work.
MOST_AT_ONCE = 200

# Kind, key, action and content of an entry to come.
PreparedEntry = tuple[str, str, str, dict[str, Any]]


def replace_records() -> int:
    """Fold all entries in chunks and replace every record; return the number of records."""
    StaleCommitment.objects.all().delete()
    Record.objects.all().delete()
    WideChange.objects.all().delete()
    for model in (KindCount, CommitmentHistory, DayCount):
        model.objects.all().delete()
    count, counts = 0, count_all_entries()
    for chunk in whole_log.fold_in_chunks():
        count += len(Record.objects.bulk_create(_with_documents(chunk.records)))
        counts.update(count_records(chunk.records))
        add_changes(chunk.folded)
        remake_histories([r.key for r in _commitments_in(chunk.records)], chunk.entries)
    add_counts(counts)
    replace_listed()
    replace_successes()
    replace_searched()
    replace_listed_entries()
    return count


def update_records(prepared: Sequence[PreparedEntry], known: dict[str, Record]) -> None:
    """Update the records of appended entries, and all records that depend on them.

    `known` holds the rows before the append. A change may point a record elsewhere, so records
    that depended on the old row are folded as well as those that depend on the new one. More
    commitments than one publication can fold are left to `log/refolding.py`.
    """
    changed_keys = {key for _, key, _, _ in prepared}
    known = {key: row for key, row in known.items() if key in changed_keys}
    add_counts(count_entries((kind, action) for kind, _, action, _ in prepared))
    commitments, parents = _affected_keys(prepared, known)
    _fold_again(changed_keys, commitments, parents, known, new_count=len(prepared))
    if any(action == Entry.Action.REDACT for _, _, action, _ in prepared):
        # Nobody must find a redacted name, not even until those left are folded.
        update_listed(StaleCommitment.objects.values_list("key", flat=True), clock.today())


def refold_commitments(commitments: set[str]) -> None:
    """Fold commitments again, and what is folded with them."""
    commitments, parents = _follow_links(commitments, set())
    _fold_again(set(), commitments, parents, {}, new_count=0)


def _fold_again(
    changed_keys: set[str],
    commitments: set[str],
    parents: set[str],
    known: dict[str, Record],
    *,
    new_count: int,
) -> None:
    """Fold records and write those that differ.

    The last `new_count` entries are new. Without any, an older one may be new to the commitments.

    Entries are read for changed records, for affected commitments, whose weakenings compare
    versions, and for what these belong to. The other records have no new entry: their rows are
    enough.
    """
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
        _with_documents(changed_records),
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=[*(name for name in COLUMNS if name != "key"), "document"],
    )
    changed_counts = count_records(changed_records)
    changed_counts.subtract(
        count_records(rows[record.key] for record in changed_records if record.key in rows)
    )
    add_counts(changed_counts)
    add_changes(records.values(), after=entries[-1].number - new_count if new_count else 0)
    if not new_count:
        # What follows late may have come and gone since, so that the record is as it was.
        remake_histories(commitments, whole_log.entries_around(commitments))
    elif any(entry.action == Entry.Action.REDACT for entry in entries[-new_count:]):
        emptied = [record.key for record in _commitments_in(changed_records)]
        remake_histories(emptied, whole_log.entries_around(emptied))
    else:
        today = clock.local_date(entries[-1].at)
        continue_histories(_commitments_in(changed_records), today)
    update_listed(commitments, clock.today())
    update_signatories(key for key in changed_keys if keys.kind_of(key) == "signatory")
    update_successes(successes_following(changed_keys | commitments))
    update_searched(record.key for record in changed_records)
    moved = {key for key in changed_keys & commitments if _belongs_elsewhere(rows, records[key])}
    update_listed_entries(changed_keys | {r.key for r in changed_records} | _parts_of(moved))


def _commitments_in(records: Iterable[Record]) -> list[Record]:
    return [record for record in records if record.kind == "commitment"]


def _with_documents(records: list[Record]) -> list[Record]:
    for record in records:
        record.document = make_document(record)
    return records


def _belongs_elsewhere(rows: dict[str, Record], record: Record) -> bool:
    """Return True if a commitment now belongs to other records or places than its row says."""
    before = rows[record.key].item or {} if record.key in rows else None
    after = record.item or {}
    names = (*COMMITMENT_PARENTS, "area_codes")
    return before is not None and any(before.get(name) != after.get(name) for name in names)


def _parts_of(commitments: set[str]) -> set[str]:
    """Return the keys of the updates, periods and successes of some commitments."""
    if not commitments:
        return set()
    parts = Q(commitment__in=commitments)
    for key in commitments:
        parts |= Q(item__contains={"commitments": [key]})
    return set(Record.objects.filter(parts).values_list("key", flat=True))


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


def _affected_keys(
    prepared: Sequence[PreparedEntry], known: dict[str, Record]
) -> tuple[set[str], set[str]]:
    """Return the keys of commitments affected by new entries, and of their parent records."""
    contents = {key: content for kind, key, _, content in prepared if kind == "commitment"}
    pages = _pages_showing({key for _, key, _, _ in prepared})
    commitments: set[Any] = {key for key in pages if keys.kind_of(key) == "commitment"}
    commitments |= {row.commitment for row in known.values()} | set(contents)
    commitments |= {content.get("supersedes") for content in contents.values()}
    parents: set[Any] = {
        content.get(name) for content in contents.values() for name in COMMITMENT_PARENTS
    }
    parents |= pages - commitments
    commitments |= _followers({entry[1] for entry in prepared if _has_followers(entry, known)})
    superseded = {content.get("supersedes") for content in contents.values()}
    linked, parents_of_linked = _follow_links(commitments, superseded)
    return linked, {key for key in parents | parents_of_linked if key}


def _has_followers(entry: PreparedEntry, known: dict[str, Record]) -> bool:
    """Return True if what is made of commitments may follow from what an entry changes.

    Of a charter only the thresholds matter, and of a theme its title, by which they are found.
    """
    kind, key, action, content = entry
    if kind not in COMMITMENT_PARENTS or key not in known:
        return False
    before = known[key].item
    if kind in ("signatory", "measure") or before is None or action == Entry.Action.REDACT:
        return True
    return any(before.get(n) != content.get(n) for n in kinds.KINDS[kind].folded_fields)


def _followers(parents: set[str]) -> set[str]:
    """Return the commitments that ever belonged to records; if these are many, note them as stale.

    They are looked for in all versions: those of two measures are compared.
    """
    if not parents:
        return set()
    naming = Entry.objects.alias(named=named_keys()).filter(
        kind="commitment", named__has_any_keys=list(parents)
    )
    followers = naming.order_by().values_list("key", flat=True).distinct()
    found = set(followers[: MOST_AT_ONCE + 1])
    if len(found) <= MOST_AT_ONCE:
        return found
    statement, values = followers.query.sql_with_params()
    table = StaleCommitment._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} (key) {statement} ON CONFLICT DO NOTHING", values)  # noqa: S608
    return set()


def _follow_links(commitments: set[Any], superseded: set[Any]) -> tuple[set[str], set[str]]:
    """Return commitments with all that replaced them or were replaced, and what they belong to.

    Follows chains of superseded commitments in both directions; `superseded` holds some that have
    no row yet that says so.
    """
    found, parents = set(commitments), set()
    new_keys = found
    while new_keys := new_keys - {None}:
        linked = Record.objects.filter(key__in=new_keys)
        rows = list(linked.values_list(*COMMITMENT_PARENTS, "item__supersedes", "superseded_by"))
        parents |= {key for row in rows for key in row[: len(COMMITMENT_PARENTS)]}
        new_keys = {key or None for row in rows for key in row[len(COMMITMENT_PARENTS) :]}
        superseded = superseded | {row[-2] for row in rows}
        new_keys |= _successors({key for key in superseded if key})
        new_keys -= found
        found |= new_keys
    return {key for key in found if key}, {key for key in parents if key}


def _successors(keys: set[str]) -> set[str]:
    """Return the commitments that supersede any of these; several may supersede the same one."""
    if not keys:
        return set()
    names_one = Q()
    for key in keys:
        names_one |= Q(item__contains={"supersedes": key})
    commitments = Record.objects.of_kind("commitment").filter(names_one)
    return set(commitments.values_list("key", flat=True))
