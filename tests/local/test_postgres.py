"""The embedded PostgreSQL starts on any machine and after any crash."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from registry.local import postgres
from registry.operations import database_roles

ROOT = Path(__file__).parents[2]

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="Only root runs PostgreSQL as another user.")


def notes(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT words FROM note ORDER BY words")]


def write(url: str, words: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS note (words text)")
        connection.execute("INSERT INTO note VALUES (%s)", [words])


def test_data_survives_a_restart(tmp_path):
    with postgres.run_server(tmp_path) as url:
        write(url, "Monday")
    with postgres.run_server(tmp_path) as url:
        assert notes(url) == ["Monday"]


def test_search_handles_accented_letters(tmp_path):
    with postgres.run_server(tmp_path) as url, psycopg.connect(url) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        same, trigrams = connection.execute(
            "SELECT 'É' ILIKE 'é', array_length(show_trgm('ü'), 1)"
        ).fetchone()
    assert same
    assert trigrams


def test_server_is_closed_to_other_users(tmp_path):
    with postgres.run_server(tmp_path) as url, psycopg.connect(url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        folder = Path(connection.execute("SHOW unix_socket_directories").fetchone()[0])
        assert folder.stat().st_mode & 0o077 == 0


def test_long_path_gets_a_short_socket(tmp_path):
    home = tmp_path / ("a-very-long-name" * 6)
    with postgres.run_server(home) as url:
        write(url, "reached")
        assert notes(url) == ["reached"]


def test_composes_script_creates_the_roles_and_takes_the_superusers_password(tmp_path):
    roles = (database_roles.OWNER, database_roles.APPLICATION, database_roles.PUBLIC)
    script = ROOT / "registry" / "operations" / "roles.sql"
    names = ("DATABASE_OWNER_PASSWORD", "DATABASE_PASSWORD", "DATABASE_PUBLIC_PASSWORD")
    with postgres.run_server(tmp_path) as url:
        with psycopg.connect(url) as connection:
            for role in roles:
                connection.execute(f"ALTER ROLE {role} RENAME TO former_{role}")
            connection.execute("ALTER ROLE register PASSWORD 'first'")
        program = [postgres.find_binaries() / "psql", "--set", "ON_ERROR_STOP=1", "--file", script]
        environment = os.environ | {name: f"of-{name}" for name in names}
        subprocess.run([*program, url], env=environment, check=True, timeout=60)
        with psycopg.connect(url) as connection:
            accounts = connection.execute(
                "SELECT rolname, rolpassword IS NOT NULL, rolsuper FROM pg_authid"
                " WHERE rolname = ANY (%s) ORDER BY 1",
                [[*roles, "register"]],
            ).fetchall()
            owner = connection.execute(
                "SELECT datdba::regrole::text FROM pg_database WHERE datname = 'register'"
            ).fetchone()
    assert accounts == [("register", False, True)] + [(role, True, False) for role in sorted(roles)]
    assert owner == (database_roles.OWNER,)


@as_root
def test_root_without_user_namespaces_runs_as_nobody(tmp_path, monkeypatch):
    monkeypatch.setattr(postgres, "namespaces_allowed", lambda: False)
    # Other users cannot read the test's folder, so data and programs need another place.
    monkeypatch.setattr(postgres, "OUTSIDE", Path("/tmp") / f"register-test-{os.getpid()}")  # noqa: S108
    server = postgres.Postgres(tmp_path)
    try:
        server.start()
        write(server.url, "as nobody")
        assert notes(server.url) == ["as nobody"]
        assert server.data.stat().st_uid == postgres.NOBODY
    finally:
        server.stop()
        subprocess.run(["rm", "-r", str(postgres.OUTSIDE)], check=True)


KILL_SCRIPT = """
import os, signal, sys
from pathlib import Path
import psycopg
from registry.local.postgres import Postgres
server = Postgres(Path(sys.argv[1]))
server.start()
with psycopg.connect(server.url) as connection:
    connection.execute("CREATE TABLE note (words text)")
    connection.execute("INSERT INTO note VALUES ('kept')")
if sys.argv[2] == "both":
    server.server.process.kill()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("victims", ["both", "the parent only"])
def test_kill_loses_no_committed_data(tmp_path, victims):
    subprocess.run(
        [sys.executable, "-c", KILL_SCRIPT, str(tmp_path), victims], check=False, timeout=120
    )
    with postgres.run_server(tmp_path) as url:
        assert notes(url) == ["kept"]


def test_server_that_outlived_its_parent_is_stopped_first(tmp_path, monkeypatch):
    first = postgres.Postgres(tmp_path)
    first.start()
    write(first.url, "first")
    with postgres.run_server(tmp_path) as url:
        assert notes(url) == ["first"]
        assert not first.alive


def test_stale_pid_file_with_a_reused_pid_is_ignored(tmp_path):
    with postgres.run_server(tmp_path):
        pass
    (tmp_path / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n/elsewhere\n")
    with postgres.run_server(tmp_path):
        pass


def test_killed_server_starts_again(tmp_path):
    server = postgres.Postgres(tmp_path)
    try:
        server.start()
        write(server.url, "before")
        server.server.process.send_signal(signal.SIGKILL)
        while server.alive:
            time.sleep(0.01)
        server.start()
        assert notes(server.url) == ["before"]
    finally:
        server.stop()


def test_data_of_another_version_is_refused(tmp_path):
    with postgres.run_server(tmp_path):
        pass
    (tmp_path / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(postgres.PostgresError, match="was made by PostgreSQL 9"):
        postgres.Postgres(tmp_path).start()


def test_wrong_REGISTER_PG_BIN_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("REGISTER_PG_BIN", str(tmp_path))
    with pytest.raises(postgres.PostgresError, match="REGISTER_PG_BIN"):
        postgres.find_binaries()


def test_missing_postgresql_error_names_the_options(monkeypatch):
    monkeypatch.delenv("REGISTER_PG_BIN", raising=False)
    monkeypatch.setattr(postgres.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(postgres, "SYSTEM", Path("/nowhere"))
    with pytest.raises(postgres.PostgresError, match="Set DATABASE_URL"):
        postgres.find_binaries()
