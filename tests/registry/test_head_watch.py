"""What each process of the web server knows of the log, with a real database beside it."""

from collections.abc import Callable
from threading import Event, Thread
from time import monotonic, sleep

import pytest
from django.db import connections

from registry.log import head_watch, publishing
from registry.log.head_watch import HeadWatch
from registry.models import Entry
from tests.databases import superuser
from tests.registry import items
from tests.registry.test_edge import Process

pytestmark = pytest.mark.django_db(transaction=True)


def test_each_process_hears_of_a_publication_and_forgets_what_is_redacted():
    publishing.publish(items.small_register())
    watches = [HeadWatch(), HeadWatch()]
    processes = [Process(watch.heard_head) for watch in watches]

    def heard_heads():
        return [watch.heard_head() for watch in watches]

    def wait_until_heard():
        head = publishing.head()
        wait_until(lambda: heard_heads() == [head, head])

    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(head_watch, "LOOK_EVERY", 90)  # it hears only what is notified
            patch.setattr(head_watch, "FRESH_FOR", 180)
            wait_until_heard()
            assert all(process.keeps("/commitments/C-00001") for process in processes)
            written = Entry.objects.get(key="C-00001").number
            publishing.redact([written], reason_code="personal_data")
            wait_until_heard()
            for process in processes:
                page = process.get("/commitments/C-00001", HTTP_ACCEPT_ENCODING="")
                assert b"Twenty apprenticeships" not in page.body
        with superuser() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        wait_until(lambda: heard_heads() == [None, None])
        assert [process.get("/commitments/C-00001").status for process in processes] == [200, 200]
        wait_until_heard()
    finally:
        for watch in watches:
            watch.end()


def test_readers_who_ask_at_once_wait_for_one_page():
    publishing.publish(items.small_register())
    head = publishing.head()
    arrived, gate = [], Event()

    def heard_head():
        arrived.append(head)
        return head

    process = Process(heard_head)
    enter = process.edge.application

    def wait_at_the_gate(*request):
        gate.wait(60)
        return enter(*request)

    process.edge.application = wait_at_the_gate
    replies = []

    def visit():
        replies.append(process.get("/glossary"))
        connections.close_all()

    readers = [Thread(target=visit) for _ in range(4)]
    for reader in readers:
        reader.start()
    wait_until(lambda: len(arrived) >= 4)
    gate.set()
    for reader in readers:
        reader.join(60)
    assert [reply.status for reply in replies] == [200] * 4
    assert process.reached == 1


def wait_until(is_true: Callable) -> None:
    deadline = monotonic() + 60
    while not is_true():
        assert monotonic() < deadline
        sleep(0.01)
