"""Test databases: migrated once, copied for each worker, kept between runs of single files."""

import hashlib
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.db import connection, connections
from psycopg import sql

ROOT = Path(__file__).parent.parent


def template_name() -> str:
    """Return the name of the database to copy, which changes with every migration."""
    sources = [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("requirements/test.txt")]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(sources)))
    return f"register_template_{digest.hexdigest()[:12]}"


def ensure_template() -> None:
    """Create the template database by migrations unless an earlier run has left it."""
    name = template_name()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone():
            return
    connection.settings_dict["TEST"]["NAME"] = f"{name}_unfinished"
    with redirect_stdout(StringIO()):  # createcachetable has no quiet mode
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                sql.Identifier(f"{name}_unfinished"), sql.Identifier(name)
            )
        )


def copy_template(name: str) -> None:
    """Create database `name` as a copy of the template, and connect to it from now on."""
    with connection._nodb_cursor() as cursor:
        drop_database(name)
        cursor.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template_name())
            )
        )
    connection.close()
    _use_database(name)


def drop_database(name: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def _use_database(name: str) -> None:
    for alias in connections:
        settings.DATABASES[alias]["NAME"] = connections[alias].settings_dict["NAME"] = name
        # An open connection between requests would keep the database from being dropped.
        connections[alias].settings_dict["CONN_MAX_AGE"] = 0
