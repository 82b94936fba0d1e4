"""Writes the commitments as lists find them, with their counts and sums, from the records.

One statement makes rows again and adds what changed to counts and sums, so that all always fit.
"""

from collections.abc import Iterable
from datetime import date

from django.db import connection

from registry import clock
from registry.log.comparing import forget_comparisons, update_comparisons
from registry.log.counting import COUNT_PAIRS, PARTS, SUMS
from registry.log.listed_rows import COLUMNS, SELECT_ROWS, row_values
from registry.log.listed_signatories import forget_signatories, update_signatories
from registry.models import ListedCommitment, Record, TagCount, TagSignatory, TagSum
from registry.models.listing import IS_EMPTY

BATCH = 1000
NAMES = ", ".join(COLUMNS)
SUM_NAMES = ", ".join(SUMS)
CHANGES = ", ".join(f"change * {name} AS {name}" for name in SUMS)
TOTALS = ", ".join(f"sum({name})" for name in SUMS)
ZEROS = ", ".join("0" for _ in SUMS)
PART = "given, measure, unit, level"
# A row that is as it was is not written, and changes nothing. The answer is whether rows of counts
# or sums are empty now.
UPDATE = f"""
    WITH made AS MATERIALIZED (
        {SELECT_ROWS} AND own.key = ANY (%(keys)s)
    ), known AS MATERIALIZED (
        SELECT {NAMES} FROM registry_listedcommitment WHERE key = ANY (%(keys)s)
    ), gone AS (
        SELECT * FROM known EXCEPT SELECT * FROM made
    ), come AS (
        SELECT * FROM made EXCEPT SELECT * FROM known
    ), written AS (
        INSERT INTO registry_listedcommitment ({NAMES}) SELECT {NAMES} FROM come
        ON CONFLICT (key) DO UPDATE
        SET {", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name != "key")}
    ), changed AS MATERIALIZED (
        SELECT -1 AS change, * FROM gone UNION ALL SELECT 1, * FROM come
    ), counted AS (
        INSERT INTO registry_tagcount (given, tag, number)
        {COUNT_PAIRS} HAVING sum(change) <> 0
        ON CONFLICT (given, tag) DO UPDATE SET number = registry_tagcount.number + excluded.number
        RETURNING number
    ), parts AS MATERIALIZED (
        {PARTS}
    ), shift AS MATERIALIZED (
        SELECT {PART}, signatory, sum(change)::int AS change
        FROM parts WHERE is_counted GROUP BY {PART}, signatory HAVING sum(change) <> 0
    ), held AS (
        INSERT INTO registry_tagsignatory ({PART}, signatory, number)
        SELECT {PART}, signatory, change FROM shift
        ON CONFLICT ({PART}, signatory)
        DO UPDATE SET number = registry_tagsignatory.number + excluded.number
        RETURNING {PART}, signatory, number
    ), summed AS (
        INSERT INTO registry_tagsum ({PART}, signatories, {SUM_NAMES})
        SELECT {PART}, sum(signatories), {TOTALS}
        FROM (
            SELECT {PART}, 0 AS signatories, {CHANGES}
            FROM parts
            UNION ALL
            SELECT {PART}, (number > 0)::int - (number > change)::int, {ZEROS}
            FROM held JOIN shift USING ({PART}, signatory)
        ) AS added
        GROUP BY {PART}
        HAVING (sum(signatories), {TOTALS}) <> (0, {ZEROS})
        ON CONFLICT ({PART}) DO UPDATE
        SET {", ".join(f"{n} = registry_tagsum.{n} + excluded.{n}" for n in ["signatories", *SUMS])}
        RETURNING number
    )
    SELECT EXISTS (
        SELECT FROM counted WHERE number = 0
        UNION ALL SELECT FROM held WHERE number = 0
        UNION ALL SELECT FROM summed WHERE number = 0
    )
"""  # noqa: S608 - no part of it is user input


def replace_listed() -> None:
    """Make all rows, counts and sums again from the records, in batches.

    Call it with the log's lock.
    """
    forget_comparisons()
    forget_signatories()
    for model in (ListedCommitment, TagCount, TagSum, TagSignatory):
        model.objects.all().delete()
    commitments = Record.objects.of_kind("commitment").order_by("first_entry")
    last = 0
    while batch := list(
        commitments.filter(first_entry__gt=last)[:BATCH].values_list("key", "first_entry")
    ):
        _update_commitments([key for key, _ in batch], clock.today())
        last = batch[-1][1]
    update_signatories(Record.objects.of_kind("signatory").values_list("key", flat=True))


def update_listed(keys: Iterable[str], day: date) -> None:
    """Make the rows of some commitments again, with their states on a day, and count them.

    The rows of their signatories follow. Call it with the log's lock.
    """
    sorted_keys = sorted(keys)
    signatories = _signatories_of(sorted_keys)
    _update_commitments(sorted_keys, day)
    update_signatories(signatories | _signatories_of(sorted_keys))


def _signatories_of(keys: list[str]) -> set[str]:
    listed = ListedCommitment.objects.filter(key__in=keys)
    return set(listed.values_list("signatory", flat=True))


def _update_commitments(sorted_keys: list[str], day: date) -> None:
    values = row_values(day)
    with connection.cursor() as cursor:
        for start in range(0, len(sorted_keys), BATCH):
            cursor.execute(UPDATE, values | {"keys": sorted_keys[start : start + BATCH]})
            (has_empty,) = cursor.fetchone()
            if has_empty:
                for model in (TagCount, TagSum, TagSignatory):
                    model.objects.filter(IS_EMPTY).delete()
            update_comparisons(sorted_keys[start : start + BATCH])
