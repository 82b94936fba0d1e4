"""What is counted and added up of narrow rows, in SQL: for the log, for some rows, for the past.

Each fragment reads `changed`: narrow rows with a `change`, 1 for a row that is there or has come,
-1 for one that has gone.
"""

from datetime import date

from django.db import connection

from registry.log.listed_rows import SELECT_ROWS, SELECT_ROWS_UNSEARCHED, row_values
from registry.models import TagCount, TagSum

# Tags that no list counts beside a filter.
UNCOUNTED = "'{area,place,charter,record_status}'"
COUNT_PAIRS = f"""
    SELECT given, tag, sum(change) AS number
    FROM changed,
        unnest(array_prepend('', tags || state_tags)) AS given,
        unnest(CASE WHEN status = 'redacted' THEN ARRAY['{TagCount.REDACTED}']
            ELSE array_prepend('', tags || state_tags || counted_tags) END) AS tag
    WHERE split_part(given, ':', 1) <> 'place' AND split_part(tag, ':', 1) <> ALL ({UNCOUNTED})
    GROUP BY given, tag
"""  # noqa: S608 - no part of it is user input
# What a row adds to each sum of which it is a part. Amounts of several measures are never added.
SUMS = {
    "number": "1",
    "commitments": "is_countable::int",
    "targets": "(is_countable AND has_target)::int",
    "first_promised": "CASE WHEN is_amount THEN coalesce(first_promised, 0) ELSE 0 END",
    "promised": "CASE WHEN is_amount AND is_countable THEN coalesce(promised, 0) ELSE 0 END",
    "start": "CASE WHEN is_amount AND is_countable THEN coalesce(start, 0) ELSE 0 END",
    "start_unknown": "(is_countable AND start IS NULL)::int",
    "yes": "(is_countable AND is_yes)::int",
    "gained": "CASE WHEN is_figure AND delivered > 0 THEN delivered ELSE 0 END",
    "gained_by": "(is_figure AND coalesce(delivered > 0, false))::int",
    "lost": "CASE WHEN is_figure AND delivered < 0 THEN -delivered ELSE 0 END",
    "lost_by": "(is_figure AND coalesce(delivered < 0, false))::int",
}
# The sums of which a row is a part, as `TagSum` has them. Signatories are those of all readable
# commitments with a tag, but of the countable ones where a measure is added up.
PARTS = f"""
    SELECT change, given, part.measure, part.unit, part.level, signatory, is_counted,
        {", ".join(f"{value} AS {name}" for name, value in SUMS.items())}
    FROM changed
        CROSS JOIN unnest(array_prepend('', tags)) AS given
        CROSS JOIN LATERAL (VALUES
            ('', '', '', true, true, false, false),
            ('{TagSum.ANY_MEASURE}', '', '', given = '' AND changed.measure <> '' AND is_countable,
                true, false, false),
            (changed.measure, changed.unit, '', changed.measure <> '', is_countable, true, false),
            (changed.measure, changed.unit, proof,
                changed.measure <> '' AND proof <> '' AND is_countable, true, true, true)
        ) AS part (measure, unit, level, is_part, is_counted, is_amount, is_figure)
    WHERE status <> 'redacted' AND is_part
        AND split_part(given, ':', 1) = ANY ('{{"{TagSum.GIVEN[0]}",{",".join(TagSum.GIVEN[1:])}}}')
"""  # noqa: S608 - no part of it is user input
# Tables of the same names for queries of some rows.
COUNTED_TABLES = f"""
    changed AS (SELECT 1 AS change, * FROM registry_listedcommitment),
    parts AS ({PARTS}),
    registry_tagcount AS ({COUNT_PAIRS}),
    registry_tagsum AS (
        SELECT given, measure, unit, level,
            count(DISTINCT signatory) FILTER (WHERE is_counted) AS signatories,
            {", ".join(f"sum({name}) AS {name}" for name in SUMS)}
        FROM parts GROUP BY given, measure, unit, level)
"""  # noqa: S608 - no part of it is user input


def listed_tables(day: date, *, is_searched: bool) -> str:
    """Return the narrow rows made of `registry_record`, with counts and sums, as WITH tables.

    The text takes no values, and stands in a query that takes some.
    """
    select = SELECT_ROWS if is_searched else SELECT_ROWS_UNSEARCHED
    rows: str = connection.ops.compose_sql(select, row_values(day))  # type: ignore[attr-defined]
    return f"registry_listedcommitment AS ({rows.replace('%', '%%')}), {COUNTED_TABLES}"
