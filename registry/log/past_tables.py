"""Answer queries from the register of the past: the same code then builds pages of today and then.

Inside `reading_at`, each query of the log's tables gets tables of the same names put in front of
it, with the entries up to a moment and the records folded from them. Nothing is written.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections, router

from registry.log.counting import listed_tables
from registry.models import Entry, ListedCommitment, Record, TagCount, TagSum

STORED = [field.attname for field in Record._meta.concrete_fields if not field.generated]
PUBLIC_COLUMNS = [
    f'"{field.column}"' for field in Entry._meta.concrete_fields if field.name not in Entry.PRIVATE
]
LISTS = [model._meta.db_table for model in (ListedCommitment, TagCount, TagSum)]
ENTRIES, RECORDS = f'"{Entry._meta.db_table}"', f'"{Record._meta.db_table}"'


@contextmanager
def reading_at(
    number: int, day: date, records: Iterable[Record], *, is_searched: bool = False
) -> Iterator[None]:
    """Read inside the block these records, and the entries up to a number, in place of today's.

    Narrow rows, counts and sums are made of these records for a day by what makes those of today.
    Without `is_searched` searches by words find nothing: making what they read costs each query.
    """
    connection = connections[router.db_for_read(Record)]
    past_tables = _PastTables(number, day, records, connection, is_searched=is_searched)
    # Before all others, so that whatever looks at a query sees what is read.
    connection.execute_wrappers.insert(0, past_tables)
    try:
        yield
    finally:
        connection.execute_wrappers.remove(past_tables)


class _PastTables:
    """Puts the tables of the past in front of each query."""

    def __init__(
        self,
        number: int,
        day: date,
        records: Iterable[Record],
        connection: Any,
        *,
        is_searched: bool,
    ) -> None:
        rows = [{name: getattr(record, name) for name in STORED} for record in records]
        columns, values = _record_columns(connection)
        self.tables = (
            f"WITH {ENTRIES} AS NOT MATERIALIZED ("  # noqa: S608
            f"SELECT {', '.join(PUBLIC_COLUMNS)} FROM {ENTRIES} WHERE number <= %s), "
            f"{RECORDS} AS (SELECT {', '.join(columns)} "
            f"FROM jsonb_populate_recordset(NULL::{RECORDS}, %s::jsonb)) "
        )
        self.listed = listed_tables(day, is_searched=is_searched)
        self.values = [number, *values, json.dumps(rows, cls=DjangoJSONEncoder)]

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, *others: Any) -> Any:
        if not sql.lstrip("(").startswith("SELECT"):
            return execute(sql, params, *others)
        lists = f", {self.listed} " if any(name in sql for name in LISTS) else ""
        return execute(self.tables + lists + sql, [*self.values, *(params or ())], *others)


def _record_columns(connection: Any) -> tuple[list[str], list[Any]]:
    """Return the columns of the records of the past as SQL, and the values that these name."""
    columns, values = [f'"{name}"' for name in STORED], []
    generated: list[Any] = [field for field in Record._meta.concrete_fields if field.generated]
    for field in generated:
        sql, names = field.generated_sql(connection)
        columns.append(f'{sql} AS "{field.column}"')
        values += names
    return columns, values
