"""Writes which entries the lists of changes and the feeds show, so that none looks through the log.

A list is that of all changes, of a type of change (`EntryList`), or of a subject that readers
follow: the key of a record or the code of a place. The entries of each type are counted by day.
"""

from collections.abc import Iterable
from typing import Any

from django.db import connection

from registry import clock
from registry.log.listed_rows import larger_places
from registry.log.listing import BATCH
from registry.models import EntryList, KindCount, ListedEntry, Record
from registry.schema import kinds

NOTABLE_KINDS = [spec.name for spec in kinds.KINDS.values() if spec.new_label]
FOLLOWED_KINDS = [spec.name for spec in kinds.KINDS.values() if spec.can_be_followed]
# Of an entry of interest to readers. Routine facts are left out: new periods, later versions of
# signatories, and updates without a change, because the confirmation of the commitment already
# reports them. Of later versions of updates those with a new check or confirmation count.
NOTABLE = """
    (kind = ANY (%(notable)s) AND (action <> 'publish' OR is_first)
        OR kind = 'period' AND action = 'amend'
        OR kind = 'notice' AND item::jsonb ? 'answer'
        OR kind = 'update' AND action = 'publish' AND (
            item::jsonb ? 'check' AND had_check IS NOT TRUE
            OR item::jsonb ? 'confirmations'
                AND (item::jsonb -> 'confirmations' = ANY (had_confirmations)) IS NOT TRUE))
    AND (kind = 'update' AND item::jsonb @> '{"nothing_changed": true}') IS NOT TRUE"""
# When such an entry is in the list of a type.
TYPES = {
    EntryList.ALL: "true",
    EntryList.NEW: "action = 'publish' AND kind IN ('commitment', 'signatory')",
    EntryList.UPDATES: "action = 'publish' AND kind IN ('update', 'success') AND is_first",
    EntryList.BACKED: "action = 'publish' AND kind = 'update' AND NOT is_first",
    EntryList.LETTERS: "kind = 'notice' AND item::jsonb ->> 'type' IN ('letter', 'reply')",
    EntryList.MOVED: "kind = 'period'",
    EntryList.WEAKENED: "ways @> '[{\"correction\": null}]'",
    EntryList.CORRECTED_DOWN: "jsonb_path_exists(ways, '$[*].correction ? (@ != null)')",
    EntryList.WITHDRAWN: "action = 'withdraw'",
    EntryList.CORRECTED: "action = 'correct'",
    EntryList.REDACTED: "action = 'redact'",
}
OF_TYPES = " ".join(
    f"UNION ALL SELECT '{name}', number FROM entry WHERE {condition}"  # noqa: S608 - our own names
    for name, condition in TYPES.items()
)
UPDATE = f"""
    WITH own AS MATERIALIZED (
        SELECT key, kind, signatory, commitment, item, weakenings
        FROM registry_record WHERE key = ANY (%(keys)s)
    ), weakened AS MATERIALIZED (
        SELECT key, weakenings FROM own WHERE weakenings <> '[]'
    ), version AS MATERIALIZED (
        SELECT number, key, kind, action, item, row_number() OVER versions = 1 AS is_first,
            bool_or(kind = 'update' AND item::jsonb ? 'check') OVER earlier AS had_check,
            array_agg(CASE kind WHEN 'update' THEN item::jsonb -> 'confirmations' END)
                OVER earlier AS had_confirmations
        FROM registry_entry WHERE key = ANY (%(keys)s)
        WINDOW versions AS (PARTITION BY key ORDER BY number),
            earlier AS (versions ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ), entry AS MATERIALIZED (
        SELECT number, key, kind, action, item, is_first,
            jsonb_path_query_array(
                weakenings, '$[*] ? (@.entry == $number)', jsonb_build_object('number', number)
            ) AS ways
        FROM version LEFT JOIN weakened USING (key) WHERE {NOTABLE}
    ), about AS (
        SELECT key, key AS commitment FROM own WHERE kind = 'commitment'
        UNION SELECT key, commitment FROM own WHERE commitment IS NOT NULL
        UNION SELECT key, jsonb_array_elements_text(item -> 'commitments') FROM own
            WHERE kind = 'success'
    ), listed AS MATERIALIZED (
        SELECT key, signatory, tags FROM registry_listedcommitment
        WHERE key = ANY (ARRAY(SELECT commitment FROM about))
    ), subject AS (
        SELECT key, key AS list FROM own WHERE kind = ANY (%(followed)s)
        UNION SELECT key, signatory FROM own WHERE kind = 'success' AND signatory IS NOT NULL
        UNION SELECT key, larger
            FROM own, jsonb_array_elements_text(item -> 'area_codes') AS named,
                jsonb_array_elements_text(%(places)s::jsonb -> named) AS larger
            WHERE kind = 'success'
        UNION SELECT about.key, list
            FROM about JOIN listed ON listed.key = about.commitment,
                unnest(ARRAY[listed.key, nullif(listed.signatory, '')] || ARRAY(
                    SELECT split_part(tag, ':', 2) FROM unnest(listed.tags) AS tag
                    WHERE split_part(tag, ':', 1) IN ('theme', 'area'))) AS list
            WHERE list IS NOT NULL
    ), made AS MATERIALIZED (
        SELECT list, number FROM entry JOIN subject ON subject.key = entry.key
        {OF_TYPES}
    ), known AS MATERIALIZED (
        SELECT list, number FROM registry_listedentry
        WHERE number = ANY (ARRAY(SELECT number FROM version))
    ), gone AS (
        DELETE FROM registry_listedentry
        WHERE number = ANY (ARRAY(SELECT number FROM version))
            AND (list, number) IN (
                SELECT list, number FROM known EXCEPT SELECT list, number FROM made)
        RETURNING list, number
    ), come AS (
        INSERT INTO registry_listedentry (list, number)
        SELECT list, number FROM made EXCEPT SELECT list, number FROM known
        RETURNING list, number
    ), change AS (
        SELECT list, number, 1 AS change FROM come UNION ALL SELECT list, number, -1 FROM gone
    )
    INSERT INTO registry_kindcount (kind, tag, "on", number)
    SELECT %(entries)s, 'list:' || list, (at AT TIME ZONE %(zone)s)::date AS "on", sum(change)
    FROM change JOIN registry_entry USING (number)
    WHERE list = ANY (%(types)s)
    GROUP BY list, "on" HAVING sum(change) <> 0
    ON CONFLICT (kind, tag, "on") DO UPDATE SET number = registry_kindcount.number + excluded.number
"""  # noqa: S608 - no part of it is user input


def replace_listed_entries() -> None:
    """Make all lists and counts of entries again, in batches. Call it with the log's lock."""
    ListedEntry.objects.all().delete()
    KindCount.objects.filter(kind=KindCount.ENTRIES).delete()
    last = 0
    records = Record.objects.order_by("first_entry").values_list("key", "first_entry")
    while batch := list(records.filter(first_entry__gt=last)[:BATCH]):
        update_listed_entries(key for key, _ in batch)
        last = batch[-1][1]


def update_listed_entries(keys: Iterable[str]) -> None:
    """List and count the entries of some records again.

    Call it with the log's lock, after `update_listed`.

    Entries are listed with what their records belong to now.
    """
    values: dict[str, Any] = {
        "notable": NOTABLE_KINDS,
        "followed": FOLLOWED_KINDS,
        "places": larger_places(),
        "entries": KindCount.ENTRIES,
        "zone": str(clock.LONDON),
        "types": list(map(str, TYPES)),
    }
    sorted_keys = sorted(keys)
    with connection.cursor() as cursor:
        for start in range(0, len(sorted_keys), BATCH):
            cursor.execute(UPDATE, values | {"keys": sorted_keys[start : start + BATCH]})
