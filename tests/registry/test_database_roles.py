"""The application cannot change what is written, and the public sees nothing private."""

import importlib
from collections.abc import Iterator

import pytest
from celery.signals import beat_init, worker_init
from celery.utils.dispatch import Signal
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, connections, transaction
from django.db.backends.signals import connection_created
from django.db.backends.utils import CursorWrapper

from registry import wsgi
from registry.log import publishing, verifying
from registry.log.snapshot import public_snapshot
from registry.models import Entry
from registry.operations import celery, database_roles
from tests import databases
from tests.registry import items

APPEND_ONLY = {
    "registry_entry": "number",
    "registry_ledger": "number",
    "registry_signingkey": "id",
    "registry_verification": "id",
    "charter_act": "number",
    "charter_actobject": "id",
    "charter_actperson": "id",
}
ATTEMPTS_ON_A_TABLE = [
    "UPDATE {table} SET {key} = {key}",
    "INSERT INTO {table} ({key}) VALUES (1) ON CONFLICT ({key}) DO UPDATE SET {key} = 1",
    "SELECT * FROM {table} FOR UPDATE",
    "DELETE FROM {table}",
    "TRUNCATE {table} CASCADE",
    "DROP TABLE {table} CASCADE",
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "ALTER TABLE {table} DISABLE TRIGGER append_only_update",
    "ALTER TABLE {table} RENAME TO gone",
    "ALTER TABLE {table} OWNER TO register_app",
    "DROP TRIGGER append_only_update ON {table}",
    "CREATE TRIGGER mine BEFORE INSERT ON {table} EXECUTE FUNCTION refuse_change()",
    "CREATE RULE mine AS ON INSERT TO {table} DO INSTEAD NOTHING",
    "CREATE OR REPLACE FUNCTION {table}_allows_update({table}, {table}) RETURNS boolean"
    " LANGUAGE sql AS 'SELECT TRUE'",
    "COPY {table} FROM PROGRAM 'true'",
    "COPY {table} TO PROGRAM 'cat'",
]
OTHER_ATTEMPTS = [
    "SET session_replication_role = replica",
    "SET ROLE register_owner",
    "ALTER ROLE register_app SUPERUSER",
    "GRANT register_owner TO register_app",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger"
    " LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "ALTER FUNCTION refuse_change() RENAME TO gone",
    "DROP FUNCTION refuse_change() CASCADE",
    "CREATE TABLE mine (number int)",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT lo_import('/etc/hosts')",
    # An entry that no redaction names.
    "SELECT empty_entries('{{1}}')",
]


def become(cursor: CursorWrapper, role: str) -> None:
    """Make the session that of another role, which cannot take the superuser's back by SET ROLE."""
    cursor.execute(f"SET LOCAL SESSION AUTHORIZATION {role}")


@pytest.fixture
def application() -> Iterator[CursorWrapper]:
    """Connect as the application, with a log of some entries."""
    publishing.publish(items.small_register())
    with transaction.atomic(), connection.cursor() as cursor:
        become(cursor, database_roles.APPLICATION)
        yield cursor
        cursor.execute("RESET SESSION AUTHORIZATION")
        cursor.execute(f"SET ROLE {database_roles.APPLICATION}")


@pytest.mark.django_db
def test_application_cannot_change_what_is_append_only_nor_switch_its_guards_off(application):
    attempts = [
        attempt.format(table=table, key=key)
        for table, key in APPEND_ONLY.items()
        for attempt in ATTEMPTS_ON_A_TABLE
    ] + [attempt.format() for attempt in OTHER_ATTEMPTS]
    head = publishing.head()
    allowed = []
    for attempt in attempts:
        try:
            with transaction.atomic():
                application.execute(attempt)
        except DatabaseError as error:
            refusals = ("permission denied", "must be", "never changed", "must have")
            if not any(words in str(error) for words in refusals):
                allowed.append(f"{attempt}: {error}")
        else:
            allowed.append(attempt)
    assert allowed == []
    assert publishing.head() == head
    application.execute("RESET SESSION AUTHORIZATION")  # a verification reads as the public role
    assert verifying.verify() == []


@pytest.mark.django_db
def test_triggers_stay_on_when_replication_switches_others_off():
    publishing.publish(items.small_register())
    with databases.superuser() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            cursor.execute("UPDATE registry_entry SET hash = repeat('0', 64)")


@pytest.mark.django_db
def test_each_append_only_table_has_its_three_triggers_always_enabled():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, array_agg(DISTINCT tgenabled::text), count(*)"
            " FROM pg_trigger WHERE tgname LIKE 'append_only%' GROUP BY 1"
        )
        assert cursor.fetchall() == [(table, ["A"], 3) for table in sorted(APPEND_ONLY)]


@pytest.mark.django_db
def test_public_role_reads_the_registers_public_tables_and_nothing_else():
    public_tables = {apps.get_model(name)._meta.db_table for name in database_roles.PUBLIC_MODELS}
    assert all(name.startswith("registry.") for name in database_roles.PUBLIC_MODELS)
    with connection.cursor() as cursor:
        become(cursor, database_roles.PUBLIC)
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'v', 'm', 'p') AND has_any_column_privilege(oid, 'SELECT')"
        )
        assert {name for (name,) in cursor.fetchall()} == public_tables
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'v', 'm', 'p') AND ("
            " has_any_column_privilege(oid, 'INSERT, UPDATE')"
            " OR has_table_privilege(oid, 'DELETE, TRUNCATE, TRIGGER'))"
        )
        assert cursor.fetchall() == []
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE prosecdef AND has_function_privilege(oid, 'EXECUTE')"
            " AND pronamespace = 'public'::regnamespace AND prorettype <> 'trigger'::regtype"
        )
        assert cursor.fetchall() == []
        for statement in ("SELECT act FROM registry_entry", "SELECT * FROM charter_user"):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_public_connection_only_reads_and_for_two_seconds_at_most():
    publishing.publish(items.small_register())
    with public_snapshot(), connections["public"].cursor() as cursor:
        cursor.execute(
            "SELECT current_user, current_setting('statement_timeout'),"
            " current_setting('transaction_read_only'), current_setting('transaction_isolation')"
        )
        assert cursor.fetchone() == (database_roles.PUBLIC, "2s", "on", "repeatable read")
        assert Entry.objects.first().number == 1


@pytest.fixture
def production(settings) -> Iterator[None]:
    settings.PRODUCTION = True
    connection.close()
    yield
    connection_created.disconnect(dispatch_uid="database_roles")


def start_celery(signal: Signal) -> None:
    """Call ours of the functions that Celery calls when a worker or beat starts."""
    for receiver in signal._live_receivers(None):
        if receiver.__module__ == celery.__name__:
            receiver()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "start",
    [
        lambda: importlib.reload(wsgi),
        lambda: start_celery(worker_init),
        lambda: start_celery(beat_init),
    ],
    ids=["web", "worker", "beat"],
)
def test_production_does_not_start_as_a_superuser(production, start):
    with pytest.raises(SystemExit, match="which can change the log. Only the service migrate may"):
        start()


@pytest.mark.django_db
def test_production_accepts_the_application_and_refuses_the_owner():
    with connection.cursor() as cursor:
        become(cursor, database_roles.APPLICATION)
        database_roles._check_powers(connection)
        become(cursor, database_roles.OWNER)
    with pytest.raises(ImproperlyConfigured, match="as register_owner, which can change the log"):
        database_roles._check_powers(connection)
