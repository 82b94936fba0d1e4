"""Writes the commitments as lists find them, and their counts, from the records.

One statement makes rows again and adds what changed to the counts, so that the two always fit.
"""

import json
from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any

from django.db import connection

from registry import clock
from registry.models import ListedCommitment, Record, TagCount
from registry.models.listing import LONG_AGO, NEVER, STATE_TAGS
from registry.reference_data import places
from registry.schema.code_lists import CorrectionGround, Ending

BATCH = 1000
# The value of each tag: of a commitment, its signatory or its measure. NULL and "" make no tag.
TAGS = {
    "charter": "own.charter",
    "theme": "own.theme",
    "measure": "own.measure",
    "delivery": "own.delivery",
    "level_of_proof": "own.level_of_proof",
    "record_status": "own.status",
    "due_year": "left(coalesce(own.item #>> '{target,by}', own.item ->> 'end_on'), 4)",
    "department": "own.item #>> '{contracts,0,department}'",
    # A commitment can be both: weakened by a change, and corrected downwards.
    "weakened": """(own.weakenings @> '[{"correction": null}]')::text""",
    "corrected_down": """EXISTS (
        SELECT FROM jsonb_array_elements(own.weakenings) AS weakening
        WHERE weakening ->> 'correction' = ANY (%(grounds)s))::text""",
    "ended_unanswered": "(own.ended_unanswered IS NOT NULL)::text",
    "size": "signatory.item ->> 'size'",
    "sector": "signatory.item ->> 'sector'",
    "route": "signatory.item ->> 'route'",
    "nature": "measure.item ->> 'nature'",
}
# As in columns.py, which also has the states of other days.
STATES = {
    "reporting": "own.states[width_bucket(%(day)s, own.state_days) + 1]",
    "ending": "own.endings[width_bucket(%(day)s, own.ending_days) + 1]",
    "counted_as": """CASE
        WHEN own.endings[width_bucket(%(day)s, own.ending_days) + 1] = ANY (%(without_result)s)
        THEN own.endings[width_bucket(%(day)s, own.ending_days) + 1] ELSE own.delivery END""",
}
# The places that it names, and all places that these are in.
PLACE_TAGS = """ARRAY(
    SELECT 'place:' || named FROM jsonb_array_elements_text(own.item -> 'area_codes') AS named
    UNION
    SELECT 'area:' || larger
    FROM jsonb_array_elements_text(own.item -> 'area_codes') AS named,
        jsonb_array_elements_text(%(places)s::jsonb -> named) AS larger
    ORDER BY 1)"""
# Tags that no list counts beside a filter.
UNCOUNTED = ["area", "place", "charter", "delivery", "record_status"]


def _prefixed(values: dict[str, str]) -> str:
    return ", ".join(f"'{name}:' || nullif({value}, '')" for name, value in values.items())


COLUMNS = {
    "key": "own.key",
    "first_entry": "own.first_entry",
    "status": "own.status",
    "signatory": "coalesce(own.signatory, '')",
    "signatory_name": "coalesce(signatory.name, '')",
    "name": "coalesce(own.name, '')",
    "search": "coalesce(own.search, '') || setweight(coalesce(signatory.search, ''), 'C')",
    "tags": f"array_remove(ARRAY[{_prefixed(TAGS)}], NULL) || {PLACE_TAGS}",
    "state_tags": f"ARRAY[{_prefixed({name: STATES[name] for name in STATE_TAGS})}]",
    "states_since": """(
        SELECT max(change) FROM unnest(own.state_days || own.ending_days) AS change
        WHERE change <= %(day)s)""",
    "states_until": """(
        SELECT min(change) FROM unnest(own.state_days || own.ending_days) AS change
        WHERE change > %(day)s)""",
    "due_on": """CASE WHEN own.status = 'live'
        THEN coalesce(own.next_due_on, %(never)s) ELSE %(never)s END""",
    "heard_on": "coalesce(own.last_heard_on, %(long_ago)s)",
}
NAMES = ", ".join(COLUMNS)
# A row that is as it was is not written, and changes no count. Counts that are now 0 are returned.
UPDATE = f"""
    WITH made AS MATERIALIZED (
        SELECT {", ".join(f"{value} AS {name}" for name, value in COLUMNS.items())}
        FROM registry_record AS own
            LEFT JOIN registry_record AS signatory ON signatory.key = own.signatory
            LEFT JOIN registry_record AS measure ON measure.key = own.measure
        WHERE own.kind = 'commitment' AND own.key = ANY (%(keys)s)
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
    ), changed AS (
        SELECT -1 AS change, status, tags || state_tags AS tags FROM gone
        UNION ALL SELECT 1, status, tags || state_tags FROM come
    ), counted AS (
        INSERT INTO registry_tagcount (given, tag, number)
        SELECT given, tag, sum(change)
        FROM changed,
            unnest(array_prepend('', tags)) AS given,
            unnest(CASE WHEN status = 'redacted' THEN ARRAY['{TagCount.REDACTED}']
                ELSE array_prepend('', tags) END) AS tag
        WHERE split_part(given, ':', 1) <> 'place'
            AND split_part(tag, ':', 1) <> ALL (%(uncounted)s)
        GROUP BY given, tag HAVING sum(change) <> 0
        ON CONFLICT (given, tag) DO UPDATE SET number = registry_tagcount.number + excluded.number
        RETURNING given, tag, number
    )
    SELECT given, tag FROM counted WHERE number = 0
"""  # noqa: S608 - no part of it is user input


def replace_listed() -> None:
    """Make all rows and counts again from the records, in batches. Call it with the log's lock."""
    ListedCommitment.objects.all().delete()
    TagCount.objects.all().delete()
    commitments = Record.objects.of_kind("commitment").order_by("first_entry")
    last = 0
    while batch := list(
        commitments.filter(first_entry__gt=last)[:BATCH].values_list("key", "first_entry")
    ):
        update_listed([key for key, _ in batch], clock.today())
        last = batch[-1][1]


def update_listed(keys: Iterable[str], day: date) -> None:
    """Make the rows of some commitments again, with their states on a day, and count them.

    Call it with the log's lock.
    """
    values: dict[str, Any] = {
        "day": day,
        "never": NEVER,
        "long_ago": LONG_AGO,
        "grounds": CorrectionGround.values,
        "without_result": list(map(str, Ending.without_result())),
        "places": larger_places(),
        "uncounted": UNCOUNTED,
    }
    sorted_keys = sorted(keys)
    with connection.cursor() as cursor:
        for start in range(0, len(sorted_keys), BATCH):
            cursor.execute(UPDATE, values | {"keys": sorted_keys[start : start + BATCH]})
            if unused := cursor.fetchall():
                TagCount.objects.filter(pk__in=unused).delete()


@cache
def larger_places() -> str:
    """Return the codes of each place and of all that it is in, as JSON."""
    larger: dict[str, list[str]] = {}
    for code in places.all_places():
        for part in places.codes_within(code):
            larger.setdefault(part, []).append(code)
    return json.dumps(larger)
