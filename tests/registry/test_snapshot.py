"""A public answer shows one state of the register, whatever is published meanwhile."""

import re
from threading import Thread, current_thread, main_thread

import pytest
from django.db import connections
from django.test import Client

from registry.log import publishing
from registry.log.snapshot import public_snapshot
from registry.models import Entry
from tests.registry import items

# Where each answer shows numbers of entries.
ANSWERS = {
    "/api/v1/commitments": r'"entry":(\d+)',
    "/api/v1/commitments/C-00001": r'"entry":(\d+)',
    "/api/v1/commitments/C-00001/versions": r'"number":(\d+)',
    "/api/v1/entries": r'"number":(\d+)',
    "/api/v1/changes?after=3": r'"number":(\d+)',
    "/feeds/changes.atom": r"#entry-(\d+)",
    "/changes": r"[Ee]ntry (\d+)",
    "/commitments/C-00001": r"[Ee]ntry (\d+)",
}


@pytest.mark.django_db(transaction=True)
def test_reader_sees_nothing_published_after_the_first_look():
    publishing.publish(items.small_register())
    with public_snapshot():
        head = publishing.head()
        publish_elsewhere()
        assert publishing.head() == head
        assert Entry.objects.count() == head.number
    assert publishing.head().number == head.number + 1


@pytest.mark.django_db(transaction=True)
def test_no_answer_has_an_entry_later_than_its_stamp(monkeypatch):
    publishing.publish(items.small_register())
    monkeypatch.setattr(publishing, "head", publish_after(publishing.head))
    for address, numbers in ANSWERS.items():
        response = Client().get(address)
        assert response.status_code == 200
        found = [int(number) for number in re.findall(numbers, response.text)]
        assert max(found) <= stamp_of(response) < Entry.objects.count(), address
    download = Client().get("/commitments.csv")
    publish_elsewhere()
    lines = b"".join(download.streaming_content).decode().splitlines()
    column = lines[0].split(",").index("entry")
    assert [int(line.split(",")[column]) for line in lines[1:]] == [stamp_of(download)]


def stamp_of(response):
    """Return the number of the head in an answer's ETag."""
    return int(re.search(r'"(\d+)\.', response["ETag"])[1])


def publish_after(read_head):
    """Let another entry be published as soon as a reader knows the head."""

    def head():
        result = read_head()
        if current_thread() is main_thread():
            publish_elsewhere()
        return result

    return head


def publish_elsewhere():
    def publish() -> None:
        publishing.publish([items.commitment(action="confirm")])
        connections.close_all()

    writer = Thread(target=publish)
    writer.start()
    writer.join()
