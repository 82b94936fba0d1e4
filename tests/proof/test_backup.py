"""Backup under load, and a restore by the guide's own lines: nothing redacted ever comes back."""

import re
import shutil
import signal
import subprocess
import time

import psycopg
import pytest

from registry.local import postgres
from tests.compose_drill import ROOT, Register
from tests.conftest import Sink

CANARIES = ["Zara Quillfeather", "Orla Brightwater", "Ivo Kestrelson", "Mina Halloway"]
RESTORE = "### Restore"


def head(url: str) -> tuple:
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT number, hash FROM registry_entry ORDER BY number DESC LIMIT 1"
        ).fetchone()


def back_up(register: Register) -> str:
    """Keep one backup; return its time."""
    result = register.run_service("backup", {}, "once")
    assert result.returncode == 0, result.stdout + result.stderr
    return re.search(r"register-(\d{8}-\d{6})", result.stdout)[1]


def places_with(words: str, register: Register) -> list[str]:
    """Return the tables and files that hold a text."""
    dump = register.run("pg_dump", "--data-only", "--dbname", register.url).stdout
    table, found = "", set()
    for line in dump.splitlines():
        if line.startswith("COPY "):
            table = line.split()[1]
        if words in line:
            found.add(table)
    files = [path for path in register.home.rglob("*") if path.is_file()]
    return sorted(found) + [str(path) for path in files if words.encode() in path.read_bytes()]


@pytest.fixture(scope="module")
def drill(tmp_path_factory):
    """Return a register with a backup made under load, one redaction before it and three after."""
    folder = tmp_path_factory.mktemp("drill")
    sink = Sink(folder / "mail")
    with postgres.run_server(folder / "server", durable=False) as url, sink.listening():
        register = Register(folder, url, EMAIL_URL=f"smtp://127.0.0.1:{sink.port}")
        register.manage("migrate", "--no-input", "--verbosity", "0")
        register.act("build", *CANARIES)
        register.act("redact", *CANARIES[:1])
        register.manage("tick")
        load = subprocess.Popen(
            ["python", "-m", "tests.proof.restore_acts", "publish_for", "600"],
            cwd=ROOT,
            env=register.environment,
            stdout=subprocess.DEVNULL,
        )
        try:
            times = []
            for _ in range(3):
                time.sleep(1)
                times.append(back_up(register))
            time.sleep(1)
        finally:
            load.send_signal(signal.SIGTERM)
            load.wait(30)
        register.act("publish_waiting")
        register.act("redact", *CANARIES[1:])
        register.manage("tick")
        register.sink, register.times = sink, times
        yield register


def test_backup_under_load_is_whole_and_has_one_time_in_its_names(drill):
    names = {path.name for path in drill.backups.iterdir()}
    assert names == {
        f"register-{time}.{kind}"
        for time in drill.times
        for kind in ("dump", "tar.gz", "ledger.jsonl")
    }
    for ledger in drill.backups.glob("*.ledger.jsonl"):
        assert ledger.read_bytes().endswith(b"\n")
    with psycopg.connect(drill.url) as connection:
        rows = connection.execute("SELECT has_files FROM registry_backup").fetchall()
    assert rows == [(True,)] * 3


def test_restore_refuses_what_would_do_harm(drill):
    before = head(drill.url)
    with psycopg.connect(drill.url) as connection:
        connection.execute("SELECT 1")
        result = drill.run_service("restore", {"BACKUP": drill.times[0]})
        assert "The register is running (1 connections" in result.stderr
        assert "docker compose stop web worker" in result.stderr
    result = drill.run_service("restore", {"BACKUP": "yesterday"})
    assert drill.times[0] in result.stderr, "it lists the backups"
    ledger = drill.home / "ledger" / "ledger.jsonl"
    own = ledger.read_bytes()
    ledger.write_bytes(own.replace(b'"number":3,', b'"number":4,', 1))
    result = drill.run_service("restore", {"BACKUP": drill.times[0]})
    assert "belong to different registers" in result.stderr
    ledger.write_bytes(own)
    assert result.returncode != 0
    assert head(drill.url) == before


@pytest.mark.parametrize("ledger_is", ["whole", "torn", "lost"])
def test_redacted_text_stays_away_after_a_restore_by_the_guides_lines(drill, ledger_is):
    ledger = drill.home / "ledger" / "ledger.jsonl"
    known = ledger.read_bytes()
    if ledger_is == "torn":
        ledger.write_bytes(known + b'{"what":"sent","key":"cut o')
    if ledger_is == "lost":
        # With the machine, as far as the last hourly copy: it has the redactions.
        (drill.backups / "register-29991231-000000.ledger.jsonl").write_bytes(known)
        ledger.unlink()
    was_head = head(drill.url)

    result = drill.follow_guide(RESTORE, drill.times[-1])

    assert result.returncode == 0, result.stdout + result.stderr
    assert "The register verifies." in result.stdout
    with psycopg.connect(drill.url) as connection:
        row = connection.execute(
            "SELECT hash FROM registry_entry WHERE number = %s", was_head[:1]
        ).fetchone()
    assert row == was_head[1:], "entries came back under their numbers and hashes"
    for act in ([], ["publish_waiting"]):
        if act:
            drill.act(*act)
            drill.manage("tick")
        assert {words: places_with(words, drill) for words in CANARIES} == dict.fromkeys(
            CANARIES, []
        )


def test_everyone_invited_after_a_restore_gets_the_email(drill):
    drill.manage("tick")
    before = drill.sink.count()
    drill.act("invite", "24")
    drill.manage("tick")
    recipients = {str(email["To"]) for email in drill.sink.emails()[before:]}
    assert {f"new-{number}@brookfield.example" for number in range(24)} <= recipients


@pytest.mark.parametrize("address", ["https://practice.example", ""])
def test_only_a_register_at_its_own_address_sends_after_a_total_loss(drill, tmp_path, address):
    with postgres.run_server(tmp_path / "server", durable=False) as url:
        practice = Register(tmp_path, url, EMAIL_URL=drill.environment["EMAIL_URL"])
        if address:
            practice.environment["PUBLIC_URL"] = address
        practice.copies = drill.backups
        before = drill.sink.count()

        result = practice.follow_guide("### A total loss", drill.times[0])
        assert "The register verifies." in result.stdout, result.stderr
        practice.act("invite", "2")
        practice.run("python", "manage.py", "tick")

        assert (drill.sink.count() > before) == (not address)
        assert not any(places_with(words, practice) for words in CANARIES)


def test_register_whose_ledger_is_lost_for_good_goes_on_with_a_new_one(drill, tmp_path):
    with postgres.run_server(tmp_path / "server", durable=False) as url:
        register = Register(tmp_path, url, EMAIL_URL=drill.environment["EMAIL_URL"])
        for dump in drill.backups.glob("*.dump"):
            shutil.copy(dump, register.backups)
        before = drill.sink.count()

        refused = register.run_service("restore", {"BACKUP": drill.times[-1]})
        assert "There is no ledger" in refused.stderr
        lines = "If no copy of the ledger is left, these lines take the place of the third:"
        result = register.follow_guide(lines, drill.times[-1])

        assert "A new ledger has begun" in result.stdout, result.stderr
        register.run("python", "manage.py", "tick")
        assert drill.sink.count() == before, "emails wait until a person agrees"
        register.act("publish_waiting")
        faults = register.run("python", "manage.py", "verify_register").stderr.splitlines()
        assert faults.pop().startswith("CommandError")
        assert all(re.search(r"the file .* is missing", fault) for fault in faults), faults


def test_restored_log_is_as_append_only_as_before(drill):
    with psycopg.connect(drill.url) as connection:
        triggers = connection.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'registry_entry'::regclass"
        ).fetchone()
    assert triggers[0] >= 3
