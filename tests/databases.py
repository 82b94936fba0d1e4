"""Test databases: migrated once, copied for each worker, kept between runs of single files."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.db.backends.utils import CursorWrapper
from psycopg import sql
from psycopg.pq import TransactionStatus

from registry.operations import database_roles

ROOT = Path(__file__).parent.parent
ACTS = ("charter_act", "charter_actobject", "charter_actperson")
# What Django keeps of each model, made with the tables.
MODELS_KNOWN = ("django_content_type", "auth_permission")
APPEND_ONLY = (
    "registry_entry",
    "registry_ledger",
    "registry_signingkey",
    "registry_verification",
    *ACTS,
)


def template_name() -> str:
    """Return the name of the database to copy, which changes with every migration."""
    sources = [
        *ROOT.glob("*/migrations/*.py"),
        ROOT / "registry" / "log" / "append_only.py",
        ROOT / "registry" / "operations" / "database_roles.py",
        ROOT / "requirements" / "test.txt",
    ]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(sources)))
    return f"register_template_{digest.hexdigest()[:12]}"


def ensure_template() -> None:
    """Create the template database by migrations unless an earlier run has left it."""
    name = template_name()
    unfinished = f"{name}_unfinished"
    with connection._nodb_cursor() as cursor:
        database_roles.create_roles(cursor.connection)
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone():
            return
        drop_database(unfinished)
        _execute(cursor, "CREATE DATABASE {} OWNER {}", unfinished, database_roles.OWNER)
    _use_database(unfinished, database_roles.OWNER)
    call_command("migrate", verbosity=0, interactive=False)
    _use_no_database()
    with connection._nodb_cursor() as cursor:
        _execute(cursor, "ALTER DATABASE {} RENAME TO {}", unfinished, name)


def copy_template(name: str) -> None:
    """Create database `name` as a copy of the template, and connect to it from now on.

    The code under test is the application: it runs as the role that it has in production.
    """
    with connection._nodb_cursor() as cursor:
        drop_database(name)
        _execute(
            cursor,
            "CREATE DATABASE {} OWNER {} TEMPLATE {}",
            *(name, database_roles.OWNER, template_name()),
        )
    _use_database(name, database_roles.APPLICATION)


def drop_database(name: str) -> None:
    _use_no_database()
    with connection._nodb_cursor() as cursor:
        _execute(cursor, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def empty_tables() -> None:
    """Delete every row of the models, also where triggers forbid it, and keep what a model is."""
    with connection.cursor() as cursor:
        tables = connection.introspection.django_table_names(only_existing=True)
        tables = sorted(set(tables) - {"django_migrations", *MODELS_KNOWN})
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})"  # noqa: S608 - our own names
                for name in tables
            )
        )
        filled = [name for (name,) in cursor.fetchall()]
    with without_triggers(*set(APPEND_ONLY).intersection(filled)) as cursor:
        # In any order: without the checks of foreign keys.
        cursor.execute("SET session_replication_role = replica")
        for name in filled:
            cursor.execute(f"DELETE FROM {name}")  # noqa: S608
        cursor.execute("SET session_replication_role = origin")


@contextmanager
def superuser() -> Iterator[CursorWrapper]:
    """Let the default connection do for a block what the application may not."""
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        try:
            yield cursor
        finally:
            if connection.connection.info.transaction_status != TransactionStatus.INERROR:
                _execute(cursor, "SET ROLE {}", database_roles.APPLICATION)


@contextmanager
def public_role(alias: str = "public") -> Iterator[None]:
    """Let the default connection read for a block as the public does, whatever the alias.

    Unseen by Django, since a test may count the queries of a page.
    """
    connection.ensure_connection()
    session = connection.connection
    [role] = session.execute("SHOW ROLE").fetchone()
    session.execute(f"SET ROLE {database_roles.PUBLIC}")
    try:
        yield
    finally:
        # A download that nobody read to its end may outlive its session.
        if session.info.transaction_status in (TransactionStatus.IDLE, TransactionStatus.INTRANS):
            session.execute(f"SET ROLE {role}")


@contextmanager
def without_triggers(*tables: str) -> Iterator[CursorWrapper]:
    """Switch append-only triggers off for a block, as anyone with the owner's rights can."""
    with superuser() as cursor:
        for table in tables:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            _execute(cursor, "ALTER TABLE {} DISABLE TRIGGER USER", table)
        yield cursor
        for table in tables:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            for name in ("update", "delete", "truncate"):
                trigger = f"append_only_{name}"
                _execute(cursor, "ALTER TABLE {} ENABLE ALWAYS TRIGGER {}", table, trigger)


def _use_database(name: str, role: str) -> None:
    for alias in connections:
        settings.DATABASES[alias]["NAME"] = connections[alias].settings_dict["NAME"] = name
        # An open connection between requests would keep the database from being dropped.
        connections[alias].settings_dict["CONN_MAX_AGE"] = 0
    connection.settings_dict["OPTIONS"]["assume_role"] = role
    connections["public"].settings_dict["OPTIONS"]["assume_role"] = database_roles.PUBLIC


def _use_no_database() -> None:
    """Leave the database, and be a superuser again."""
    connections.close_all()
    connection.settings_dict["OPTIONS"].pop("assume_role", None)


def _execute(cursor: Any, statement: str, *names: str) -> None:
    cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
