"""Worlds that real actions built once come back as rows, in a tenth of the time."""

import copy
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.apps import apps
from django.db import connection, transaction

from charter.models import User
from registry import clock
from registry.models import Entry

P = ParamSpec("P")
T = TypeVar("T")
Rows = dict[str, bytes]
APPS = ("account", "charter", "registry", "reporting")


def remembered(build: Callable[P, T]) -> Callable[P, T]:
    """Let a factory that is called on an untouched register build there once, and from then on
    put back what it built then; once for each minute of the register's clock.
    """
    worlds: dict[Any, tuple[T, Rows]] = {}

    @wraps(build)
    def build_or_put_back(*args: P.args, **fields: P.kwargs) -> T:
        if User.objects.exists() or Entry.objects.exists():
            return build(*args, **fields)
        minute = clock.now().replace(second=0, microsecond=0)
        asked = (minute, repr(args), repr(fields))
        if asked in worlds:
            put_back(worlds[asked][1])
        else:
            worlds[asked] = build(*args, **fields), all_rows()
        return copy.deepcopy(worlds[asked][0])

    return build_or_put_back


def all_rows() -> Rows:
    models = (m for app in APPS for m in apps.get_app_config(app).get_models(True))
    rows = {model._meta.db_table: copied_out(model._meta.db_table) for model in models}
    return {table: lines for table, lines in rows.items() if lines}


def copied_out(table: str) -> bytes:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT") as lines:
        return b"".join(lines)


def put_back(rows: Rows) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for table, lines in rows.items():
            with cursor.copy(f"COPY {table} FROM STDIN") as into:
                into.write(lines)
