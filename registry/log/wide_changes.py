"""When charters, signatories, themes and measures changed: by entries of all that belongs to them.

Their present rows have the last change; those before it are kept for the past.
"""

from collections.abc import Iterable

from django.db import connection
from django.db.models import OuterRef, Subquery

from registry.log.last_change import keep_later_change
from registry.models import Entry, Record, WideChange
from registry.schema import kinds

WIDE_KINDS = kinds.commitment_parents()
INSERT = f"""
    INSERT INTO {WideChange._meta.db_table} (key, entry)
    SELECT * FROM unnest(%s::text[], %s::bigint[]) ON CONFLICT DO NOTHING
"""  # noqa: S608 - no part of it is user input


def add_changes(folded: Iterable[Record], after: int = 0) -> None:
    """Keep which entries after a number changed what is shown of these records. One query.

    Call it with the log's lock. Those already known stay: they can come again.
    """
    pairs = [
        (record.key, number)
        for record in folded
        if record.kind in WIDE_KINDS
        for number in record.changed_entries
        if number > after
    ]
    if pairs:
        with connection.cursor() as cursor:
            cursor.execute(INSERT, [list(column) for column in zip(*pairs, strict=True)])


def set_last_changes(records: Iterable[Record], number: int) -> None:
    """Set the last change, up to an entry, of records that commitments belong to. Two queries.

    One row is read for each record.
    """
    by_key = {record.key: record for record in records}
    changes = WideChange.objects.filter(key=OuterRef("key"), entry__lte=number).order_by("-entry")
    last = Subquery(changes.values("entry")[:1])
    found = dict(Record.objects.filter(key__in=by_key).values_list("key", last))
    times = dict(Entry.objects.filter(number__in=found.values()).values_list("number", "at"))
    for key, entry in found.items():
        keep_later_change(by_key[key], entry, times[entry])
