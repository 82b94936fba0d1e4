"""Writes the signatories as lists find them, from their records and the rows of commitments."""

from collections.abc import Iterable

from django.db import connection

from registry.models import ListedSignatory

BATCH = 1000
COLUMNS = {
    "key": "own.key",
    "name": "coalesce(own.name, own.key)",
    "place": "upper(coalesce(own.name, own.key))",
    "tags": """array_remove(ARRAY[
            'charter:' || (own.item ->> 'charter'),
            'standing:' || (own.item ->> 'standing'),
            'sector:' || (own.item ->> 'sector'),
            'size:' || (own.item ->> 'size')], NULL)
        || ARRAY(
            SELECT tag FROM jsonb_object_keys(counted.counts) AS tag
            WHERE tag LIKE 'reporting:%%' ORDER BY tag)""",
    "counts": "counted.counts",
    "heard_on": "dated.heard_on",
    "missing_since": "dated.missing_since",
    "overdue_on": "dated.overdue_on",
    "silent_on": "dated.silent_on",
}
NAMES = ", ".join(COLUMNS)
# A row that is as it was is not written.
UPDATE = f"""
    WITH made AS MATERIALIZED (
        SELECT {", ".join(f"{value} AS {name}" for name, value in COLUMNS.items())}
        FROM registry_record AS own
            CROSS JOIN LATERAL (
                SELECT coalesce(jsonb_object_agg(tag, number), '{{}}') AS counts
                FROM (
                    SELECT tag, count(*) AS number
                    FROM registry_listedcommitment AS listed,
                        unnest('{{""}}' || state_tags || ARRAY(
                            SELECT each FROM unnest(counted_tags) AS each
                            WHERE each LIKE 'unanswered:%%'
                        )) AS tag
                    WHERE listed.signatory = own.key AND listed.status <> 'redacted'
                        AND split_part(tag, ':', 1) <> 'ending'
                    GROUP BY tag
                ) AS each
            ) AS counted
            CROSS JOIN LATERAL (
                SELECT max(last_heard_on) AS heard_on,
                    min(open_due_on) FILTER (WHERE status = 'live') AS missing_since,
                    min(overdue_on) FILTER (WHERE status = 'live') AS overdue_on,
                    min(silent_on) FILTER (WHERE status = 'live') AS silent_on
                FROM registry_record
                WHERE signatory = own.key AND kind = 'commitment' AND status <> 'redacted'
            ) AS dated
        WHERE own.key = ANY (%(keys)s) AND own.kind = 'signatory' AND own.status <> 'redacted'
    ), known AS MATERIALIZED (
        SELECT {NAMES} FROM registry_listedsignatory WHERE key = ANY (%(keys)s)
    ), removed AS (
        DELETE FROM registry_listedsignatory
        WHERE key IN (SELECT key FROM known EXCEPT SELECT key FROM made)
    )
    INSERT INTO registry_listedsignatory ({NAMES})
    SELECT {NAMES} FROM made EXCEPT SELECT {NAMES} FROM known
    ON CONFLICT (key) DO UPDATE
    SET {", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name != "key")}
"""  # noqa: S608 - no part of it is user input


def forget_signatories() -> None:
    """Remove all rows, before they are made again. Call it with the log's lock."""
    ListedSignatory.objects.all().delete()


def update_signatories(keys: Iterable[str]) -> None:
    """Make the rows of some signatories again, after those of their commitments.

    Call it with the log's lock.
    """
    sorted_keys = sorted(keys)
    with connection.cursor() as cursor:
        for start in range(0, len(sorted_keys), BATCH):
            cursor.execute(UPDATE, {"keys": sorted_keys[start : start + BATCH]})
