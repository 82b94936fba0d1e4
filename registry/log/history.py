"""Keeps how many commitments the register counted on each day, so that no page replays the log.

A commitment's history is a function of the entries alone: each day on which one may have changed
it, all until the end of that day are folded, and the states follow until the next such day. So the
figures of a day stay what the register said then. A redaction changes none of the days before it:
what stays of an item has no words, and all that is counted.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from itertools import chain, pairwise, product
from typing import Any

from django.db import connection

from registry import clock
from registry.log import folding, keys, whole_log
from registry.log.listed_rows import places_around
from registry.models import CommitmentHistory, DayCount, Entry, Record
from registry.models.history import Counted
from registry.schema import kinds
from registry.schema.code_lists import Delivery, Ending, Reporting

# A day in ISO format, tags and what is counted.
Step = Any
Histories = dict[str, list[Step]]
# By tag, what is counted, and day in ISO format.
Counts = Counter[tuple[str, str, str]]
BATCH = 1000
RESULTS: dict[str, Counted] = {
    Delivery.MET: Counted.MET,
    Delivery.PARTLY_MET: Counted.PARTLY_MET,
    Delivery.NOT_MET: Counted.NOT_MET,
    Delivery.WITHDRAWN: Counted.WITHDRAWN,
}
ADD = f"""
    INSERT INTO {DayCount._meta.db_table} (given, counted, "on", number)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::date[], %s::int[])
    ON CONFLICT (given, counted, "on")
    DO UPDATE SET number = {DayCount._meta.db_table}.number + excluded.number
"""  # noqa: S608 - no part of it is user input


def continue_histories(commitments: Iterable[Record], today: date) -> None:
    """Add what folded commitments count as from today on, for a publication of today.

    What the register said before stays. Call it with the log's lock.
    """
    known = CommitmentHistory.objects.in_bulk([record.key for record in commitments])
    made = {}
    for record in commitments:
        steps = known[record.key].steps if record.key in known else []
        made[record.key] = [step for step in steps if step[0] < str(today)]
        _add_steps(made[record.key], record, today, date.max)
    _write(known, made)


def remake_histories(commitments: Collection[str], entries: whole_log.EntriesByKey) -> None:
    """Make the histories of some commitments again, and count them.

    `entries` has all that is about them. Call it with the log's lock.
    """
    _write(CommitmentHistory.objects.in_bulk(commitments), _make_histories(commitments, entries))


def _write(known: Mapping[str, CommitmentHistory], made: Histories) -> None:
    """Write histories in place of those that are known, and count them."""
    counts = count_steps(made.values())
    counts.subtract(count_steps(row.steps for row in known.values()))
    CommitmentHistory.objects.bulk_create(
        [CommitmentHistory(key=key, steps=steps) for key, steps in made.items()],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["steps"],
    )
    add_day_counts(counts)


def _make_histories(commitments: Iterable[str], entries: whole_log.EntriesByKey) -> Histories:
    parts = defaultdict(set)
    for part in whole_log.parts_of(entries):
        for key in whole_log.commitments_of(entries[part]):
            parts[key].add(part)
    histories = {}
    for key in commitments:
        named = whole_log.named_in(entries[key])
        wide = {parent for parent in named if keys.kind_of(parent) in whole_log.WIDE_KINDS}
        around = {key, *parts[key], *(wide & entries.keys())}
        histories[key] = _make_history(key, [entries[other] for other in sorted(around)])
    return histories


def count_steps(histories: Iterable[list[Step]]) -> Counts:
    """Return what comes and goes on each day of some histories."""
    counts: Counts = Counter()
    for steps in histories:
        for (_, *before), (on, *after) in pairwise([["", [], []], *steps]):
            counts.update((tag, what, on) for tag, what in product(*after))
            counts.subtract((tag, what, on) for tag, what in product(*before))
    return counts


def add_day_counts(counts: Counts) -> None:
    """Add to the kept counts. Call it with the log's lock."""
    # In one order: two transactions never wait for each other.
    rows = [(*row, number) for row, number in sorted(counts.items()) if number]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(ADD, [list(column) for column in zip(*rows, strict=True)])


def counted_on(record: Record, day: date) -> tuple[list[str], list[str]]:
    """Return the tags of a commitment and what it is counted as on a day, neither if redacted."""
    if record.status == Record.Status.REDACTED:
        return [], []
    item = record.item or {}
    given = ["", *(f"{name}:{item[name]}" for name in ("charter", "theme", "signatory"))]
    places = {larger for code in item.get("area_codes", ()) for larger in places_around()[code]}
    return [*given, *(f"area:{code}" for code in sorted(places))], sorted(_counted(record, day))


def _counted(record: Record, day: date) -> Iterator[Counted]:
    yield Counted.REGISTERED
    ending, reporting = record.ending_on(day), record.state_on(day)
    has_no_result = ending in Ending.without_result()
    if has_no_result:
        yield Counted.NO_RESULT
    if not record.ended_on:
        yield Counted.OPEN
    if has_no_result or record.ended_on:
        yield Counted.ENDED
    if record.ended_on and not has_no_result and record.delivery in RESULTS:
        yield RESULTS[record.delivery]
    if not has_no_result and record.delivery == Delivery.NOT_STARTED:
        yield Counted.NOT_STARTED
    if any(weakening["correction"] is None for weakening in record.weakenings):
        yield Counted.WEAKENED
    if reporting in Reporting.late_states():
        yield Counted.LATE
    if reporting == Reporting.SILENT:
        yield Counted.SILENT


def _make_history(key: str, groups: list[list[Entry]]) -> list[Step]:
    """Return the steps of a commitment, given the entries of each record around it."""
    entries = sorted(chain.from_iterable(groups), key=lambda entry: entry.number)
    structures = _kept_structures(entries)
    first_day = min(clock.local_date(entry.at) for entry in entries if entry.key == key)
    days = sorted({day for group in groups for day in _days_of_change(group) if day > first_day})
    steps: list[Step] = []
    for day, next_day in pairwise([first_day, *days, date.max]):
        until = [entry for entry in entries if clock.local_date(entry.at) <= day]
        _add_steps(steps, folding.fold(_as_read_then(until, structures))[key], day, next_day)
    return steps


def _add_steps(steps: list[Step], record: Record, first: date, until: date) -> None:
    """Add what a commitment counts as from a day until another, as it was folded on the first."""
    changes = {on for on in (*record.state_days, *record.ending_days) if first < on < until}
    for on in (first, *sorted(changes)):
        state = list(counted_on(record, on))
        if not steps or steps[-1][1:] != state:
            steps.append([str(on), *state])


def _days_of_change(entries: list[Entry]) -> Iterator[date]:
    """Yield the days of the entries of a record that may change what commitments are counted as."""
    kind = entries[0].kind
    before = None
    for entry in entries:
        item = json.loads(entry.item or "{}")
        facts = {name: item.get(name) for name in kinds.KINDS[kind].folded_fields}
        if kind not in whole_log.WIDE_KINDS or entry.item is None or facts != before:
            yield clock.local_date(entry.at)
        before = facts


def _kept_structures(entries: Iterable[Entry]) -> dict[int, tuple[int, str]]:
    """Return what stays of redacted entries, as items, each with the number of its redaction."""
    kept: dict[int, tuple[int, str]] = {}
    for entry in entries:
        if entry.action == Entry.Action.REDACT:
            for number, structure in json.loads(entry.item or "{}")["structure"].items():
                item = json.dumps({"title": "", "description": ""} | structure)
                kept.setdefault(int(number), (entry.number, item))
    return kept


def _as_read_then(entries: list[Entry], structures: dict[int, tuple[int, str]]) -> Iterator[Entry]:
    """Yield entries, with what stays of those that were redacted after all of these."""
    last = entries[-1].number
    for entry in entries:
        redacted_by, structure = structures.get(entry.number, (0, ""))
        if redacted_by > last:
            columns = ("number", "at", "kind", "key", "action")
            yield Entry(item=structure, **{name: getattr(entry, name) for name in columns})
        else:
            yield entry
