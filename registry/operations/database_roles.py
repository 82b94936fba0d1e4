"""The three roles in the database: owner, application and public.

The owner changes tables and does nothing else. The application reads and writes, but cannot change
or remove what is append-only. The public role reads what is public.
"""

import sys
from typing import Any

import psycopg
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from psycopg import sql

OWNER, APPLICATION, PUBLIC = "register_owner", "register_app", "register_public"
# A public page that reads another table needs it here.
PUBLIC_MODELS = (
    "registry.ComparedCommitment",
    "registry.ComparisonCount",
    "registry.DayCount",
    "registry.Entry",
    "registry.KindCount",
    "registry.LinkDay",
    "registry.ListedCommitment",
    "registry.ListedEntry",
    "registry.ListedSignatory",
    "registry.ListedSuccess",
    "registry.Postcode",
    "registry.Record",
    "registry.SearchedRecord",
    "registry.SigningKey",
    "registry.StaleCommitment",
    "registry.TagCount",
    "registry.TagSum",
    "registry.WideChange",
)

APPLICATION_RIGHTS = f"""
    REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {APPLICATION}, {PUBLIC};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APPLICATION};
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APPLICATION};
    DO $$
        DECLARE append_only regclass; owner_function regprocedure;
        BEGIN
            FOR owner_function IN SELECT oid FROM pg_proc
                WHERE prosecdef AND pronamespace = 'public'::regnamespace
            LOOP
                EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO {APPLICATION}', owner_function);
            END LOOP;
            FOR append_only IN SELECT tgrelid FROM pg_trigger WHERE tgname = 'append_only_update'
            LOOP
                EXECUTE format('REVOKE UPDATE, DELETE ON %s FROM {APPLICATION}', append_only);
            END LOOP;
        END
    $$;
"""  # noqa: S608 - no part of it is user input
POWERS = """
    SELECT session_user,
        EXISTS (SELECT FROM pg_roles WHERE rolname IN (session_user, current_user) AND rolsuper)
        OR EXISTS (
            SELECT FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
            WHERE tgname = 'append_only_update' AND (
                pg_has_role(session_user, relowner, 'MEMBER')
                OR has_any_column_privilege(session_user, tgrelid, 'UPDATE')
                OR has_table_privilege(session_user, tgrelid, 'DELETE, TRUNCATE, TRIGGER')
            )
        )
"""


def create_roles(server: "psycopg.Connection[Any]") -> None:
    """Create the roles that do not exist yet, without passwords. The server may have others."""
    known = {name for (name,) in server.execute("SELECT rolname FROM pg_roles")}
    for role in (OWNER, APPLICATION, PUBLIC):
        if role not in known:
            server.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))


def grant_rights(using: str = "default", plan: Any = None, **kwargs: Any) -> None:
    """Grant each role its rights on all tables that there are, and no more, after `migrate`."""
    if plan is None:
        return  # the tables of a test were emptied
    with transaction.atomic(using), connections[using].cursor() as cursor:
        cursor.execute(APPLICATION_RIGHTS)
        for model in map(apps.get_model, PUBLIC_MODELS):
            table = model._meta.db_table
            columns = {field.column for field in model._meta.concrete_fields}
            readable = sorted(columns.difference(getattr(model, "PRIVATE", ())))
            statement = sql.SQL("GRANT SELECT ({}) ON {} TO {}").format(
                sql.SQL(", ").join(map(sql.Identifier, readable)),
                *map(sql.Identifier, (table, PUBLIC)),
            )
            cursor.execute(statement)


def refuse_powerful_role() -> None:
    """End this process if it may change the log, now or when it first reaches the database."""
    if not settings.PRODUCTION:
        return
    connection_created.connect(_check_powers, dispatch_uid="database_roles")
    try:
        connection.ensure_connection()
    except OperationalError:
        pass  # pages say that the database does not answer
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    finally:
        connection.close()  # a process that forks now must not share it


def _check_powers(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(POWERS)
        role, may_change_log = cursor.fetchone()
    if may_change_log:
        connection.close()
        raise ImproperlyConfigured(
            f"The register connects to the database as {role}, which can change the log. Only the "
            f"service migrate may. Set DATABASE_URL to the role {APPLICATION}: docs/operating.md."
        )
