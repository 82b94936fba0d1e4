"""Worlds that real actions built once are restored as rows, in a tenth of the time."""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model

from charter.models import User
from registry import clock
from registry.log import ledger
from registry.models import Entry, Ledger
from reporting.redaction import traces
from tests import databases

P = ParamSpec("P")
T = TypeVar("T")
Rows = dict[str, bytes]
APPS = ("account", "charter", "registry", "reporting")


def cached_world(build: Callable[P, T]) -> Callable[P, T]:
    """Run a factory once on an empty register, then restore its rows in later calls.

    The rows are reused only within the same minute of the register's clock.
    """
    worlds: dict[Any, tuple[T, Rows]] = {}

    @wraps(build)
    def build_or_restore(*args: P.args, **fields: P.kwargs) -> T:
        if User.objects.exists() or Entry.objects.exists():
            return build(*args, **fields)
        minute = clock.now().replace(second=0, microsecond=0)
        cache_key = (minute, repr(args), repr(fields))
        if cache_key in worlds:
            restore_rows(worlds[cache_key][1])
            Ledger.begin_first()
        else:
            world = build(*args, **fields)
            rows = copy_rows()
            rows.pop(Ledger._meta.db_table, None)  # each test has its own file
            worlds[cache_key] = world, rows
        return copy.deepcopy(worlds[cache_key][0])

    return build_or_restore


def copy_rows() -> Rows:
    rows = {model._meta.db_table: copy_table(model._meta.db_table) for model in own_models()}
    return {table: lines for table, lines in rows.items() if lines}


@contextmanager
def lost_in_a_restore() -> Iterator[None]:
    """Undo the block in the database but not in the ledger, as a restore from a backup does."""
    ledger.catch_up()
    backup = copy_rows()
    yield
    ledger.catch_up()
    traces.write_traces()
    with transaction.atomic(), databases.without_triggers(*databases.APPEND_ONLY) as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for model in own_models():
            cursor.execute(f"DELETE FROM {model._meta.db_table}")  # noqa: S608 - our own names
        cursor.execute("SET LOCAL session_replication_role = origin")
    restore_rows(backup)


def own_models() -> Iterator[type[Model]]:
    return (m for app in APPS for m in apps.get_app_config(app).get_models(True))


def copy_table(table: str) -> bytes:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT") as lines:
        return b"".join(lines)


def restore_rows(rows: Rows) -> None:
    with transaction.atomic(), databases.superuser() as cursor:
        # The rows that triggers wrote are among them.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, lines in rows.items():
            with cursor.copy(f"COPY {table} FROM STDIN") as target:
                target.write(lines)
        cursor.execute("SET LOCAL session_replication_role = origin")
