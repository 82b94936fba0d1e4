"""A backup, made as in compose, restores the same register."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import psycopg
import yaml

from registry.local import postgres

ROOT = Path(__file__).parents[2]
HEAD = "SELECT number, hash FROM registry_entry ORDER BY number DESC LIMIT 1"


def manage(url: str, home: Path, *command: str) -> str:
    environment = os.environ | {"DATABASE_URL": url, "REGISTER_HOME": str(home), "DEMO": "0"}
    program = [sys.executable, "manage.py", *command]
    result = subprocess.run(
        program, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def head(url: str) -> tuple:
    with psycopg.connect(url) as connection:
        return connection.execute(HEAD).fetchone()


def compose_options() -> list[str]:
    """Return pg_dump's options in compose's backup, without the file name."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    script = compose["services"]["backup"]["command"][0]
    line = next(line for line in script.splitlines() if "pg_dump" in line)
    return [option for option in shlex.split(line)[1:] if not option.startswith("--file")]


def test_restored_register_verifies_and_has_the_same_head(tmp_path):
    old, new, dump = tmp_path / "old", tmp_path / "new", tmp_path / "register.dump"
    with postgres.run_server(old, durable=False) as url:
        manage(url, old, "migrate", "--no-input", "--verbosity", "0")
        manage(url, old, "load_press_2014")
        old_head = head(url)
        program = postgres.find_binaries() / "pg_dump"
        subprocess.run(
            [program, *compose_options(), f"--file={dump}", url], check=True, timeout=120
        )
    with postgres.run_server(new, durable=False) as url:
        program = postgres.find_binaries() / "pg_restore"
        options = ["--clean", "--if-exists", "--exit-on-error"]  # as docs/operating.md says
        subprocess.run([program, *options, f"--dbname={url}", dump], check=True, timeout=120)
        assert head(url) == old_head
        assert "The register verifies" in manage(url, new, "verify_register")
        with psycopg.connect(url) as connection:
            triggers = connection.execute(
                "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'registry_entry'::regclass"
            ).fetchone()
    assert triggers[0] >= 3, "the restored log is as append-only as before"
