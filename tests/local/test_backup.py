"""The scripts that compose runs to keep and restore backups, on the tests' own database."""

import os
import subprocess
from urllib.parse import urlsplit

import pytest
from django.db import connection

from registry.models import Backup
from tests.compose_drill import Register

pytestmark = pytest.mark.django_db(transaction=True)
LINES = b'{"what":"entry"}\n{"what":"sent"}\n'


@pytest.fixture
def register(tmp_path) -> Register:
    address = urlsplit(os.environ["DATABASE_URL"])
    url = address._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    register = Register(tmp_path, url)
    (register.home / "ledger").mkdir()
    (register.home / "ledger" / "ledger.jsonl").write_bytes(LINES + b'{"what":"se')
    (register.home / "evidence").mkdir()
    (register.home / "evidence" / "letter.pdf").write_bytes(b"%PDF")
    return register


def test_backup_has_one_time_in_its_names_and_whole_lines_of_the_ledger(register):
    first = register.run_service("backup", {}, "once")
    assert first.returncode == 0, first.stderr
    files = {path.name.partition(".")[2]: path for path in register.backups.iterdir()}
    assert files.keys() == {"dump", "ledger.jsonl", "tar.gz"}
    assert len({path.name.partition(".")[0] for path in files.values()}) == 1
    assert files["ledger.jsonl"].read_bytes() == LINES
    names = subprocess.run(["tar", "-tf", files["tar.gz"]], capture_output=True, text=True).stdout
    assert "evidence/letter.pdf" in names
    assert "ledger" not in names, "an older ledger must not come back with the files"
    assert Backup.objects.get().has_files

    restore = register.run_service("restore", {"BACKUP": files["dump"].name[9:24]})
    assert restore.returncode == 1
    assert "The register is running" in restore.stderr
    assert Backup.objects.exists()


def test_failed_backup_leaves_no_row_and_no_file_that_looks_like_one(register):
    register.environment["PGDATABASE"] = "nowhere"
    failed = register.run_service("backup", {}, "once")
    assert failed.returncode != 0
    assert not list(register.backups.glob("register-*"))
    assert not Backup.objects.exists()
