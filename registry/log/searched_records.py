"""Writes the signatories, themes, measures and updates as a search finds them, from the records."""

from collections.abc import Iterable

from django.db import connection

from registry.log import keys
from registry.log.search_vectors import PLACE_NAMES, names_of, own_vector, place_names, vector
from registry.models import Record, SearchedRecord
from registry.models.searched_records import KINDS

BATCH = 1000
# What is withdrawn is found no more; but who has signed stays found.
MADE = " UNION ALL ".join(
    f"""
    SELECT key, kind, first_entry, {names_of("own", kind)} AS name,
        {own_vector("own", kind)} || {vector(PLACE_NAMES, "C")} AS search
    FROM registry_record AS own
    WHERE kind = '{kind}' AND key = ANY (%(keys)s)
        AND (status = 'live' OR kind = 'signatory' AND status <> 'redacted')"""  # noqa: S608
    for kind in KINDS
)
# A row that is as it was is not written.
UPDATE = f"""
    WITH made AS MATERIALIZED (
        SELECT * FROM ({MADE}) AS found WHERE search <> ''
    ), gone AS (
        DELETE FROM registry_searchedrecord
        WHERE key = ANY (%(keys)s) AND key NOT IN (SELECT key FROM made)
    )
    INSERT INTO registry_searchedrecord (key, kind, first_entry, name, search)
    SELECT * FROM made
    EXCEPT SELECT key, kind, first_entry, name, search FROM registry_searchedrecord
        WHERE key = ANY (%(keys)s)
    ON CONFLICT (key) DO UPDATE SET name = excluded.name, search = excluded.search
"""  # noqa: S608 - no part of it is user input


def replace_searched() -> None:
    """Make all rows again, in batches. Call it with the log's lock."""
    SearchedRecord.objects.all().delete()
    for kind in KINDS:
        last = 0
        records = Record.objects.of_kind(kind).order_by("first_entry")
        while batch := list(
            records.filter(first_entry__gt=last).values_list("key", "first_entry")[:BATCH]
        ):
            update_searched(key for key, _ in batch)
            last = batch[-1][1]


def update_searched(changed_keys: Iterable[str]) -> None:
    """Make the rows of some records again. Call it with the log's lock."""
    sorted_keys = sorted(key for key in changed_keys if keys.kind_of(key) in KINDS)
    with connection.cursor() as cursor:
        for start in range(0, len(sorted_keys), BATCH):
            batch = sorted_keys[start : start + BATCH]
            cursor.execute(UPDATE, {"keys": batch, "place_names": place_names()})
