"""Watches every statement of a test: after the log's lock nothing but the log may be written until
the act ends.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

WRITE = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
TABLES_OF_THE_LOG = {"registry_entry", "registry_record"}


class WrittenAfterTheLockError(AssertionError):
    """An act wrote after it had taken the log's lock."""


@contextmanager
def refused() -> Iterator[None]:
    """Refuse such writes inside the block.

    An act is the outermost transaction of the code under test; in a test that itself runs in a
    transaction it is the first savepoint inside.
    """
    in_test_transaction = connection.in_atomic_block
    own_savepoints = len(connection.savepoint_ids)
    locked_in: list[Any] = []

    def watch(execute: Any, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        text = sql if isinstance(sql, str) else ""
        act = connection.savepoint_ids[own_savepoints : own_savepoints + 1]
        if locked_in and (
            locked_in[0] != act if in_test_transaction else not connection.in_atomic_block
        ):
            locked_in.clear()
        if "pg_advisory_xact_lock" in text:
            if locked_in:
                raise WrittenAfterTheLockError("publish() is called once in an act, with a list")
            locked_in.append(act)
            transaction.on_commit(locked_in.clear)
        elif locked_in and (table := WRITE.match(text)) and table[1] not in TABLES_OF_THE_LOG:
            raise WrittenAfterTheLockError(
                f"{table[1]} is written after the log's lock: {text[:80]}"
            )
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield
