"""Counts records by kind, and keeps the counts with each publication."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise

from django.db import connection
from django.db.models import Count

from registry import clock
from registry.models import Entry, KindCount, Record
from registry.schema.fields import parse_day

UNDATED = KindCount.UNDATED
# Of a kind, by tag and day.
Counts = Counter[tuple[str, str, date]]
ADD = f"""
    INSERT INTO {KindCount._meta.db_table} (kind, tag, "on", number)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::date[], %s::int[])
    ON CONFLICT (kind, tag, "on")
    DO UPDATE SET number = {KindCount._meta.db_table}.number + excluded.number
"""  # noqa: S608 - no part of it is user input


def count_records(records: Iterable[Record]) -> Counts:
    """Return the counts of some records."""
    counts: Counts = Counter()
    for record in records:
        for tag in _tags_of(record):
            counts[record.kind, tag, UNDATED] += 1
        on = clock.local_date(record.published_at)
        counts[record.kind, KindCount.PUBLISHED, on] += 1
        if record.kind == "period":
            for state, on, number in _moves_of(record):
                counts[record.kind, f"state:{state}", on] += number
    return counts


def count_entries(kinds_and_actions: Iterable[tuple[str, str]]) -> Counts:
    """Return the counts of entries by kind and action."""
    return Counter((kind, f"entry:{action}", UNDATED) for kind, action in kinds_and_actions)


def count_all_entries() -> Counts:
    """Return the same for the whole log. One query."""
    groups = Entry.objects.order_by().values_list("kind", "action").annotate(Count("number"))
    return Counter({(kind, f"entry:{action}", UNDATED): n for kind, action, n in groups})


def add_counts(counts: Counts) -> None:
    """Add to the kept counts. Call it with the log's lock."""
    # In one order: two transactions never wait for each other.
    rows = [(*row, number) for row, number in sorted(counts.items()) if number]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(ADD, [list(column) for column in zip(*rows, strict=True)])


def _tags_of(record: Record) -> Iterator[str]:
    item = record.item or {}
    yield ""
    yield f"record_status:{record.status}"
    for name in ("charter", "theme"):
        if item.get(name):
            yield f"{name}:{item[name]}"
    if record.kind == "update" and record.status == Record.Status.LIVE:
        yield f"nothing_changed:{item['nothing_changed']}".lower()


def _moves_of(period: Record) -> Iterator[tuple[str, date, int]]:
    """Yield the states of a period from its due date on, as the days on which each comes and goes.

    A removed period has none.
    """
    due_on = parse_day((period.item or {}).get("due_on"))
    if due_on is None:
        return
    yield period.state_on(due_on), due_on, 1
    for on, (before, after) in zip(period.state_days, pairwise(period.states), strict=True):
        if on > due_on:
            yield before, on, -1
            yield after, on, 1
