"""Writes what commitments of one measure and size are compared by, from the rows of lists."""

from typing import Any

from django.db import connection

from registry.models import ComparedCommitment, ComparisonCount
from registry.schema.code_lists import Reporting

COLUMNS = {
    "key": "own.key",
    "measure": "own.measure",
    "size": "coalesce(signatory.item ->> 'size', '')",
    "place": "upper(listed.signatory_name)",
    "first_entry": "own.first_entry",
    # Withdrawn and replaced commitments have no share, so that none counts twice.
    "share": """CASE WHEN own.status <> 'withdrawn' AND own.superseded_by = ''
            AND own.progress ->> 'share' IS NOT NULL
        THEN trim_scale(round(
            (own.progress ->> 'delivered')::numeric / (own.progress ->> 'promised')::numeric,
            12))::text
        ELSE '' END""",
    "is_reporting": """listed.state_tags[1] <> ALL (%(late)s)
        AND own.ended_unanswered IS NULL""",
}
NAMES = ", ".join(COLUMNS)
# A row that is as it was is not written, and changes no count.
UPDATE = f"""
    WITH made AS MATERIALIZED (
        SELECT {", ".join(f"{value} AS {name}" for name, value in COLUMNS.items())}
        FROM registry_record AS own
            JOIN registry_listedcommitment AS listed ON listed.key = own.key
            LEFT JOIN registry_record AS signatory ON signatory.key = own.signatory
        WHERE own.key = ANY (%(keys)s) AND own.status <> 'redacted' AND own.measure IS NOT NULL
    ), known AS MATERIALIZED (
        SELECT {NAMES} FROM registry_comparedcommitment WHERE key = ANY (%(keys)s)
    ), gone AS (
        SELECT * FROM known EXCEPT SELECT * FROM made
    ), come AS (
        SELECT * FROM made EXCEPT SELECT * FROM known
    ), removed AS (
        DELETE FROM registry_comparedcommitment
        WHERE key IN (SELECT key FROM gone EXCEPT SELECT key FROM made)
    ), written AS (
        INSERT INTO registry_comparedcommitment ({NAMES}) SELECT {NAMES} FROM come
        ON CONFLICT (key) DO UPDATE
        SET {", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name != "key")}
    ), changed AS (
        SELECT -1 AS change, * FROM gone UNION ALL SELECT 1, * FROM come
    )
    INSERT INTO registry_comparisoncount (measure, size, fact, number)
    SELECT measure, size, fact, sum(change)
    FROM changed, LATERAL (VALUES
        ('', true), ('{ComparisonCount.REPORTING}', is_reporting), (share, share <> '')
    ) AS said (fact, is_true)
    WHERE is_true
    GROUP BY measure, size, fact HAVING sum(change) <> 0 ORDER BY measure, size, fact
    ON CONFLICT (measure, size, fact)
    DO UPDATE SET number = registry_comparisoncount.number + excluded.number
"""  # noqa: S608 - no part of it is user input


def forget_comparisons() -> None:
    """Remove all rows and counts, before they are made again. Call it with the log's lock."""
    for model in (ComparedCommitment, ComparisonCount):
        model.objects.all().delete()


def update_comparisons(keys: list[str]) -> None:
    """Make the rows of some commitments again after those of the lists, and count them.

    Call it with the log's lock.
    """
    late = [f"reporting:{state}" for state in Reporting.late_states()]
    values: dict[str, Any] = {"keys": keys, "late": late}
    with connection.cursor() as cursor:
        cursor.execute(UPDATE, values)
