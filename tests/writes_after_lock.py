"""Checks every statement of a test: after taking the log's lock, an act writes only to the log."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

WRITE = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
TABLES_OF_THE_LOG = {
    "registry_entry",
    "registry_record",
    "registry_ledger",
    "registry_stalecommitment",
    "registry_listedcommitment",
    "registry_listedentry",
    "registry_listedsuccess",
    "registry_listedsignatory",
    "registry_searchedrecord",
    "registry_comparedcommitment",
    "registry_comparisoncount",
    "registry_tagcount",
    "registry_kindcount",
    "registry_commitmenthistory",
    "registry_daycount",
    "registry_widechange",
    "registry_tagsum",
    "registry_tagsignatory",
}


class WriteAfterLockError(AssertionError):
    """An act wrote to another table after taking the log's lock."""


@contextmanager
def forbid_writes() -> Iterator[None]:
    """Fail on such writes inside the block.

    An act is the outermost transaction of the code under test; in a test that itself runs in a
    transaction it is the first savepoint inside.
    """
    in_test_transaction = connection.in_atomic_block
    own_savepoints = len(connection.savepoint_ids)
    locked_acts: list[Any] = []

    def watch(execute: Any, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        text = sql if isinstance(sql, str) else ""
        act = connection.savepoint_ids[own_savepoints : own_savepoints + 1]
        if locked_acts and (
            locked_acts[0] != act if in_test_transaction else not connection.in_atomic_block
        ):
            locked_acts.clear()
        if "pg_advisory_xact_lock" in text:
            if locked_acts:
                raise WriteAfterLockError("publish() is called once in an act, with a list")
            locked_acts.append(act)
            transaction.on_commit(locked_acts.clear)
        elif locked_acts and (table := WRITE.match(text)) and table[1] not in TABLES_OF_THE_LOG:
            raise WriteAfterLockError(f"{table[1]} is written after the log's lock: {text[:80]}")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield
