"""Counts the rows and buffers that the queries of a block read, so that growth is seen in a test.

    with count_rows_read() as reads:
        reader.get("/commitments")
    assert reads.rows <= 500, reads

Every query runs twice: once explained and undone, once for its caller. Numbers differ from those of
a register of production only if its tables were never analysed: call `analyse_tables` after the
rows of a test were written.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connections

from tests.databases import superuser

EXPLAINED = re.compile(r"[\s(]*(?:SELECT|INSERT|UPDATE|DELETE|MERGE|WITH|VALUES)\b", re.IGNORECASE)
# These take a lock that no savepoint gives back, and read no table.
SESSION_LOCK = re.compile(r"\bpg_(?:try_)?advisory_(?:un)?lock", re.IGNORECASE)
LONG_LIST = re.compile(r"SELECT (?:(?!SELECT).){60,}?(?= FROM )", re.DOTALL)
DEAREST = 5  # queries in the message of a failed test


@dataclass(frozen=True)
class QueryRead:
    """What one query read: rows of tables, also those it left out, and buffers of 8 kB."""

    sql: str
    rows: int
    buffers: int


@dataclass
class Reads:
    """What the queries of a block read; its text names the dearest of them."""

    queries: list[QueryRead] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(query.rows for query in self.queries)

    @property
    def buffers(self) -> int:
        return sum(query.buffers for query in self.queries)

    def __str__(self) -> str:
        dearest = sorted(self.queries, key=lambda query: query.rows, reverse=True)[:DEAREST]
        lines = [
            f"{query.rows} rows, {query.buffers} buffers: {LONG_LIST.sub('SELECT …', query.sql)}"
            for query in dearest
        ]
        total = f"{len(self.queries)} queries read {self.rows} rows and {self.buffers} buffers"
        return "\n".join([total, *lines])


@contextmanager
def count_rows_read() -> Iterator[Reads]:
    """Collect what each query inside the block reads, on all connections."""
    reads = Reads()
    with ExitStack() as wrappers:
        for connection in connections.all():
            wrappers.enter_context(connection.execute_wrapper(_Explainer(reads)))
        yield reads


def analyse_tables() -> None:
    """Let PostgreSQL learn what is in the tables now, as autovacuum does in production."""
    with superuser() as cursor:
        cursor.execute("ANALYZE")


class _Explainer:
    """Explains each query, which runs it, and undoes that before it runs for its caller."""

    def __init__(self, reads: Reads) -> None:
        self.reads = reads

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        text = sql if isinstance(sql, str) else ""
        if EXPLAINED.match(text) and not SESSION_LOCK.search(text):
            session = context["connection"].connection
            for values in params if many else [params]:
                with session.transaction(force_rollback=True):
                    plans = session.execute(
                        f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {text}", values
                    )
                    plan = plans.fetchone()[0][0]["Plan"]
                buffers = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
                self.reads.queries.append(QueryRead(text, _rows_of(plan), buffers))
        return execute(sql, params, many, context)


def _rows_of(plan: dict[str, Any]) -> int:
    """Return the rows that a node of a plan and the nodes below it read from tables and indexes."""
    below = sum(_rows_of(part) for part in plan.get("Plans", ()))
    node = plan["Node Type"]
    is_bitmap = node == "Bitmap Index Scan"
    if not is_bitmap and not ("Relation Name" in plan and node.endswith("Scan")):
        return below
    left_out = sum(plan.get(f"Rows Removed by {cause}", 0) for cause in ("Filter", "Index Recheck"))
    own = round((plan["Actual Rows"] + left_out) * plan["Actual Loops"])
    # The rows of a bitmap are read from its table as well: they count once.
    return max(own, below) if node == "Bitmap Heap Scan" else own + below
