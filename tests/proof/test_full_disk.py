"""A disk that is really full: what can be read is read, the rest is refused in words; once there is
room again everything goes on, and the log verifies.
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
from django.db import connection
from django.test import Client

from charter.mail import outbox
from charter.models import Message
from registry import clock, tasks
from registry.log import ledger, verifying
from registry.models import Entry
from reporting.actions import updates
from reporting.models import Evidence, ProgressUpdate
from tests import factories
from tests.reporting import scenarios, uploads
from tests.reporting.scenarios import on

pytestmark = pytest.mark.django_db(transaction=True)
SIZE = "64m"
DUE = date(2026, 6, 1)
FIGURE = {"answer": "number", "value": "14", "self_assessment": "on_track", "later": "yes"}


@pytest.fixture
def disk(tmp_path):
    """A disk of 64 megabytes, in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", folder])
    if mounted.returncode:
        pytest.skip(
            "Only root may mount a small disk. As somebody else: "
            "unshare --user --map-root-user --mount make proof"
        )
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def filled(disk: Path):
    """Let not a byte be free on a disk."""
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
    """Let tables and indexes of the database lie on a disk; its write-ahead log lies elsewhere."""
    folder = disk / "tables"
    folder.mkdir()
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        owner = Path(cursor.fetchone()[0]).stat()
    os.chown(folder, owner.st_uid, owner.st_gid)
    told_to_postgres(f"CREATE TABLESPACE small LOCATION '{folder}'")
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    told_to_postgres(f"ALTER DATABASE {name} SET TABLESPACE small")
    try:
        yield
    finally:
        told_to_postgres(f"ALTER DATABASE {name} SET TABLESPACE pg_default")
        told_to_postgres("DROP TABLESPACE small")


def told_to_postgres(command: str) -> None:
    connection.close()
    with psycopg.connect(os.environ["DATABASE_URL"], dbname="postgres", autocommit=True) as session:
        session.execute(command)


@pytest.fixture
def asha_and_dev(monkeypatch):
    """Browsers of Asha and Dev, who see an error page as everybody does."""
    monkeypatch.setattr("charter.views.access.is_mfa_enabled", lambda user: True)
    people = [Client(raise_request_exception=False) for _ in range(2)]
    for client, user in zip(people, [factories.asha(), factories.officer()], strict=True):
        client.force_login(user)
    return people


def check_that_it_passes(answer):
    assert answer.status_code == 503
    assert "Nothing was changed. Try again in a minute." in answer.content.decode()


def tells(client, commitment, **typed):
    """Save a draft of an update on a commitment; return the answer."""
    begun = commitment.updates.first() or ProgressUpdate()
    version = {"version": begun.version}
    period = {"period": commitment.periods.owed().earliest("pk").key}
    return client.post(f"/{commitment.key}/update", FIGURE | version | period | typed)


def test_a_database_without_room_is_read_and_refuses_the_rest_in_words(disk, asha_and_dev, capsys):
    asha, dev = asha_and_dev
    with on(DUE):
        commitment, other = scenarios.commitment(), scenarios.commitment()
        # Words so long that no page of a table has room left for them.
        waiting = scenarios.told(other, narrative=secrets.token_hex(4000))
        entries = Entry.objects.count()
        with database_on(disk):
            desk = f"/council/items/{waiting.key}"
            read = {"seen_digest": dev.get(desk).context["seen_digest"]}
            with filled(disk):
                statuses = []
                while 503 not in statuses and len(statuses) < 500:
                    answer = tells(asha, commitment, narrative=secrets.token_hex(4000))
                    statuses.append(answer.status_code)
                check_that_it_passes(answer)
                assert set(statuses) <= {302, 503}
                check_that_it_passes(dev.post(f"{desk}/publish", read))
                for number in range(20):
                    words = {"q": f"college {number}"}
                    for page in ("/", "/commitments", f"/commitments/{commitment.key}"):
                        assert Client().get(page, words).status_code == 200
                    assert Client().get("/api/v1/commitments", words).status_code == 200
                    assert asha.get("/business").status_code == 200
                    assert dev.get(desk).status_code == 200
                assert Entry.objects.count() == entries
            assert dev.post(f"{desk}/publish", read).status_code == 302
            assert Entry.objects.count() > entries
            assert tells(asha, commitment, narrative="There is room again.").status_code == 302
            assert commitment.updates.get().narrative == "There is room again."
            assert verifying.verify() == []
    with capsys.disabled():
        print(f"\nA full database: {len(statuses) - 1} savings found room, then 503.")


def test_files_without_room_are_refused_and_email_waits(disk, asha_and_dev, settings, sink):
    asha, _ = asha_and_dev
    storage = Evidence._meta.get_field("file").storage
    with on(DUE), pytest.MonkeyPatch.context() as patch:
        commitment, other = scenarios.commitment(), scenarios.commitment()
        waiting = scenarios.told(other)
        emails = Message.objects.ready_to_send(clock.now()).count()
        settings.REGISTER_HOME = disk
        patch.setitem(storage.__dict__, "location", str(disk / "evidence"))
        ledger.catch_up()
        letter = {"evidence_title": "College letter", "evidence_kind": "document"}
        with filled(disk):
            file = SimpleUploadedFile("letter.pdf", uploads.pdf())
            page = tells(
                asha, commitment, narrative="All passed.", evidence_file=file, **letter
            ).text
            assert "We cannot keep the file at the moment." in page
            assert "All passed." in page
            assert not commitment.updates.exists()
            assert not list(disk.rglob("*.pdf"))

            with suppress(OSError):
                while True:
                    ledger.append_line({"what": "sent", "key": "until the last line finds no room"})
            updates.approve(waiting, by=factories.officer())
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
        assert outbox.drain() == emails + 1  # and the receipt
        file = SimpleUploadedFile("letter.pdf", uploads.pdf())
        assert tells(asha, commitment, evidence_file=file, **letter).status_code == 302
        assert len(list(disk.rglob("*.pdf"))) == 1
