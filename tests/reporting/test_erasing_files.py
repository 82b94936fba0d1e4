"""Removed evidence files are erased even if the process dies, and published ones are checked."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage

from registry import clock, evidence
from registry.log import verifying
from reporting.evidence import erasing, files
from reporting.models import Evidence, FileToErase, ProgressUpdate
from reporting.tasks import erase_files
from tests.registry.test_restoring import lost_by_the_database
from tests.reporting import scenarios
from tests.reporting.test_redactions import FILE

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n"


@pytest.fixture(params=["folder", "bucket"], autouse=True)
def store(request, monkeypatch):
    """Use the folder, and a store with the same interface that has no folder."""
    if request.param == "bucket":
        bucket = InMemoryStorage()
        monkeypatch.setattr(evidence, "file_storage", lambda: bucket)
        monkeypatch.setattr(Evidence._meta.get_field("file"), "storage", bucket)
    return evidence.file_storage()


def update_with_file() -> ProgressUpdate:
    piece = FILE | {"reference": uuid4(), "file": ContentFile(PDF, name="letter.pdf")}
    return scenarios.published_update(scenarios.commitment(), evidence=[piece])


def stored_name(update: ProgressUpdate) -> str:
    return str(update.evidence.get().file)


def store_stray_file(store, name: str = "") -> str:
    name = name or evidence.stored_name(uuid4(), "application/pdf")
    return store.save(name, ContentFile(PDF))


def sweep_folders(*names: str) -> None:
    """Sweep the folders of files, each in its own hour."""
    for name in names:
        erasing.sweep_next_folder(datetime.fromtimestamp(3600 * int(name[:2], 16), UTC))


@pytest.fixture
def removed(store):
    """Return the name of a file whose process died after the commit that removed its evidence."""
    update = update_with_file()
    name = stored_name(update)
    files.remove_evidence(update, [update.evidence.get().reference])
    assert store.exists(name)
    return name


def test_file_of_a_killed_process_is_erased_within_the_hour(store, removed):
    erase_files()
    assert not store.exists(removed)
    assert not FileToErase.objects.exists()


def test_file_that_cannot_be_erased_keeps_no_other_and_turns_health_red(
    store, removed, monkeypatch, client
):
    second = store_stray_file(store)
    FileToErase.objects.create(name=second)
    delete = type(store).delete

    def refuse_one(self, name):
        if name == removed:
            raise PermissionError("The store refuses")
        delete(self, name)

    monkeypatch.setattr(type(store), "delete", refuse_one)
    erase_files()
    assert (store.exists(removed), store.exists(second)) == (True, False)
    assert "refuses" in FileToErase.objects.get().problem
    assert "cannot be erased" not in client.get("/health").text
    FileToErase.objects.update(asked_at=clock.now() - timedelta(hours=3))
    assert "1 removed evidence files cannot be erased" in client.get("/health").text


def test_files_of_no_evidence_are_swept_after_a_day(
    store, monkeypatch, django_capture_on_commit_callbacks
):
    kept = stored_name(update_with_file())
    stray = store_stray_file(store)
    foreign = store_stray_file(store, name="notes/plan.txt")
    with django_capture_on_commit_callbacks(execute=True):
        sweep_folders(kept, stray)
        assert store.exists(stray)  # Its upload may not be committed yet.
    day_later = clock.now() + timedelta(hours=25)
    monkeypatch.setattr(clock, "now", lambda: day_later)
    with django_capture_on_commit_callbacks(execute=True):
        sweep_folders(kept, stray)
    assert [store.exists(name) for name in (kept, stray, foreign)] == [True, False, True]


def test_nothing_is_swept_while_the_database_is_behind_its_ledger(store, monkeypatch):
    stray = store_stray_file(store)
    with lost_by_the_database():
        scenarios.commitment()
    day_later = clock.now() + timedelta(hours=25)
    monkeypatch.setattr(clock, "now", lambda: day_later)
    sweep_folders(stray)
    assert not FileToErase.objects.exists()
    assert store.exists(stray)


def test_verification_names_public_files_that_are_missing_or_altered(store):
    altered, missing = update_with_file(), update_with_file()
    assert verifying.verify() == []
    store.delete(stored_name(missing))
    store.delete(stored_name(altered))
    store.save(stored_name(altered), ContentFile(b"%PDF-1.8\n"))
    problems = {fault.problem for fault in verifying.verify()}
    assert problems == {
        f"the file {stored_name(missing)} of {missing.key} is missing",
        f"the file {stored_name(altered)} of {altered.key} does not fit its published sha256",
    }
