"""A full disk: pages can be read and all else is refused with a message; once there is room again,
everything continues and the log verifies.
"""

import json
import os
import secrets
import shutil
import subprocess
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.test import Client

from charter.mail import outbox
from charter.models import Message
from registry import clock, tasks
from registry.log import ledger, verifying
from registry.models import Entry
from reporting.models import Evidence, ProgressUpdate
from tests import factories
from tests.reporting import scenarios, uploads
from tests.reporting.scenarios import on
from tests.visitors import sign_in, with_second_factor

pytestmark = pytest.mark.django_db(transaction=True)
SIZE = "64m"
DUE = date(2026, 6, 1)
FIGURE = {"answer": "number", "value": "14", "self_assessment": "on_track", "later": "yes"}


@pytest.fixture
def disk(tmp_path):
    """Mount a disk of 64 MB in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", folder])
    if mounted.returncode:
        pytest.skip(
            "Only root may mount a small disk. As someone else: "
            "unshare --user --map-root-user --mount make proof"
        )
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def full(disk: Path):
    """Fill a disk to the last byte."""
    filler = disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    assert shutil.disk_usage(disk).free == 0
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def database_on(disk: Path):
    """Move the database's tables and indexes to a disk; its write-ahead log stays elsewhere."""
    folder = disk / "tables"
    folder.mkdir()
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        owner = Path(cursor.fetchone()[0]).stat()
    os.chown(folder, owner.st_uid, owner.st_gid)
    run_on_server(f"CREATE TABLESPACE small LOCATION '{folder}'")
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    run_on_server(f"ALTER DATABASE {name} SET TABLESPACE small")
    try:
        yield
    finally:
        run_on_server(f"ALTER DATABASE {name} SET TABLESPACE pg_default")
        run_on_server("DROP TABLESPACE small")


def run_on_server(command: str) -> None:
    connections.close_all()
    with psycopg.connect(os.environ["DATABASE_URL"], dbname="postgres", autocommit=True) as session:
        session.execute(command)


@pytest.fixture
def asha_and_dev():
    """Return clients of Asha and Dev that show error pages instead of raising."""
    people = [Client(raise_request_exception=False) for _ in range(2)]
    sign_in(people[0], factories.asha())
    sign_in(people[1], with_second_factor(factories.officer()))
    return people


def check_temporary_error(response):
    assert response.status_code == 503
    assert "Nothing has been changed. Try again in a minute." in response.content.decode()


def save_draft(client, commitment, **fields):
    """Save a draft of an update on a commitment; return the response."""
    draft = commitment.updates.first() or ProgressUpdate()
    version = {"version": draft.version}
    period = {"period": commitment.periods.owed().earliest("pk").key}
    return client.post(f"/{commitment.key}/update", FIGURE | version | period | fields)


def test_full_database_is_readable_and_refuses_changes_with_a_message(disk, asha_and_dev, capsys):
    asha, dev = asha_and_dev
    with on(DUE):
        commitment, other = scenarios.commitment(), scenarios.commitment()
        # A text too long for the free space in any page of a table.
        pending = scenarios.submitted_update(other, narrative=secrets.token_hex(4000))
        entries = Entry.objects.count()
        with database_on(disk):
            desk = f"/council/items/{pending.key}"
            form = {"seen_digest": dev.get(desk).context["seen_digest"]}
            with full(disk):
                statuses = []
                while 503 not in statuses and len(statuses) < 500:
                    response = save_draft(asha, commitment, narrative=secrets.token_hex(4000))
                    statuses.append(response.status_code)
                check_temporary_error(response)
                assert set(statuses) <= {302, 503}
                check_temporary_error(dev.post(f"{desk}/publish", form))
                for number in range(20):
                    query = {"q": f"college {number}"}
                    for page in ("/", "/commitments", f"/commitments/{commitment.key}"):
                        assert Client().get(page, query).status_code == 200
                    assert Client().get("/api/v1/commitments", query).status_code == 200
                    assert asha.get("/business").status_code == 200
                    assert dev.get(desk).status_code == 200
                assert Entry.objects.count() == entries
            assert dev.post(f"{desk}/publish", form).status_code == 302
            assert Entry.objects.count() > entries
            assert save_draft(asha, commitment, narrative="There is room again.").status_code == 302
            assert commitment.updates.get().narrative == "There is room again."
            assert verifying.verify() == []
    with capsys.disabled():
        print(f"\nA full database: {len(statuses) - 1} savings found room, then 503.")


def test_files_are_refused_and_email_waits_while_the_disk_is_full(
    disk, asha_and_dev, settings, sink
):
    asha, _ = asha_and_dev
    storage = Evidence._meta.get_field("file").storage
    with on(DUE), pytest.MonkeyPatch.context() as patch:
        commitment, other = scenarios.commitment(), scenarios.commitment()
        pending = scenarios.submitted_update(other)
        emails = Message.objects.ready_to_send(clock.now()).count()
        shutil.copytree(settings.REGISTER_HOME / "ledger", disk / "ledger")
        settings.REGISTER_HOME = disk
        patch.setitem(storage.__dict__, "location", str(disk / "evidence"))
        ledger.catch_up()
        letter = {"evidence_title": "College letter", "evidence_kind": "document"}
        with full(disk):
            file = SimpleUploadedFile("letter.pdf", uploads.pdf())
            page = save_draft(
                asha, commitment, narrative="All passed.", evidence_file=file, **letter
            ).text
            assert "We cannot keep the file at the moment." in page
            assert "All passed." in page
            assert not commitment.updates.exists()
            assert not list(disk.rglob("*.pdf"))

            with suppress(OSError):
                while True:
                    ledger.append_line({"what": "sent", "key": "until the last line finds no room"})
            factories.publish(pending, by=factories.officer())
            assert verifying.verify() == []
            with pytest.raises(OSError, match="No space left"):
                tasks.write_ledger()
            with pytest.raises(OSError, match="The disk of the ledger is full"):
                outbox.drain()
            assert sink.count() == 0

        assert ledger.catch_up() > 0
        lines = [json.loads(line) for line in ledger.ledger_path().read_text().splitlines()]
        numbers = [line["number"] for line in lines if line["what"] == "entry"]
        assert numbers == list(range(1, Entry.objects.count() + 1))
        assert verifying.verify() == []
        assert outbox.drain() == emails + 1  # And the receipt.
        file = SimpleUploadedFile("letter.pdf", uploads.pdf())
        assert save_draft(asha, commitment, evidence_file=file, **letter).status_code == 302
        assert len(list(disk.rglob("*.pdf"))) == 1
