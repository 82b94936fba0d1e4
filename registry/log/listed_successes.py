"""Writes the successes as lists find them, and counts them by tag, from the records."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.db import connection
from django.db.models import Q

from registry.log import keys
from registry.log.listed_rows import PLACE_TAGS, larger_places
from registry.log.search_vectors import (
    PLACE_NAMES,
    name_vector,
    names_of,
    own_vector,
    place_names,
)
from registry.models import KindCount, ListedSuccess, Record

BATCH = 1000
COLUMNS = {
    "key": "own.key",
    "first_entry": "own.first_entry",
    "status": "own.status",
    "signatory": "coalesce(own.signatory, '')",
    "name": "coalesce(own.name, '')",
    "search": f"""{own_vector("own", "success")} || {name_vector(PLACE_NAMES, "C")}
        || {name_vector(names_of("signatory", "signatory"), "D")}""",
    "tags": f"""ARRAY(
            SELECT 'commitment:' || named
            FROM jsonb_array_elements_text(own.item -> 'commitments') AS named
            UNION
            SELECT 'theme:' || commitment.theme FROM registry_record AS commitment
            WHERE commitment.theme IS NOT NULL AND commitment.key IN (
                SELECT jsonb_array_elements_text(own.item -> 'commitments'))
            ORDER BY 1)
        || array_remove(ARRAY[
            'level_of_proof:' || nullif(own.level_of_proof, ''),
            'size:' || (signatory.item ->> 'size')], NULL)
        || {PLACE_TAGS}""",  # noqa: S608 - no part of it is user input
}
NAMES = ", ".join(COLUMNS)
COUNTED = ("theme", "area", "size", "level_of_proof")
# A row that is as it was is not written, and changes no count.
UPDATE = f"""
    WITH made AS MATERIALIZED (
        SELECT {", ".join(f"{value} AS {name}" for name, value in COLUMNS.items())}
        FROM registry_record AS own
            LEFT JOIN registry_record AS signatory ON signatory.key = own.signatory
        WHERE own.kind = 'success' AND own.key = ANY (%(keys)s)
    ), known AS MATERIALIZED (
        SELECT {NAMES} FROM registry_listedsuccess WHERE key = ANY (%(keys)s)
    ), gone AS (
        SELECT * FROM known EXCEPT SELECT * FROM made
    ), come AS (
        SELECT * FROM made EXCEPT SELECT * FROM known
    ), written AS (
        INSERT INTO registry_listedsuccess ({NAMES}) SELECT {NAMES} FROM come
        ON CONFLICT (key) DO UPDATE
        SET {", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name != "key")}
    ), changed AS (
        SELECT -1 AS change, tags FROM gone UNION ALL SELECT 1, tags FROM come
    )
    INSERT INTO registry_kindcount (kind, tag, "on", number)
    SELECT 'success', tag, %(undated)s, sum(change) FROM changed, unnest(tags) AS tag
    WHERE split_part(tag, ':', 1) = ANY (%(counted)s)
    GROUP BY tag HAVING sum(change) <> 0 ORDER BY tag
    ON CONFLICT (kind, tag, "on")
    DO UPDATE SET number = registry_kindcount.number + excluded.number
"""  # noqa: S608 - no part of it is user input


def replace_successes() -> None:
    """Make all rows and their counts again, in batches, after other counts.

    Call it with the log's lock.
    """
    ListedSuccess.objects.all().delete()
    update_successes(Record.objects.of_kind("success").values_list("key", flat=True))


def update_successes(changed_keys: Iterable[str]) -> None:
    """Make the rows of some successes again, and count them. Call it with the log's lock."""
    values: dict[str, Any] = {
        "places": larger_places(),
        "place_names": place_names(),
        "undated": KindCount.UNDATED,
        "counted": list(COUNTED),
    }
    sorted_keys = sorted(changed_keys)
    with connection.cursor() as cursor:
        for start in range(0, len(sorted_keys), BATCH):
            cursor.execute(UPDATE, values | {"keys": sorted_keys[start : start + BATCH]})


def successes_following(changed_keys: Collection[str]) -> list[str]:
    """Return the successes among some records, and those that follow from these. One query."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for key in changed_keys:
        by_kind[keys.kind_of(key)].append(key)
    tags = [f"commitment:{key}" for key in by_kind["commitment"]]
    follow = Q(tags__overlap=tags) | Q(signatory__in=by_kind["signatory"])
    following = ListedSuccess.objects.filter(follow).values_list("key", flat=True)
    return sorted({*by_kind["success"], *following})
