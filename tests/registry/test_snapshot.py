"""A public answer shows one state of the register, whatever is published meanwhile."""

from threading import Thread

import pytest
from django.db import connections

from registry.log import publishing
from registry.log.snapshot import public_snapshot
from registry.models import Entry
from tests.registry import items


@pytest.mark.django_db(transaction=True)
def test_reader_sees_nothing_published_after_the_first_look():
    publishing.publish(items.small_register())
    with public_snapshot():
        head = publishing.head()
        _publish_elsewhere()
        assert publishing.head() == head
        assert Entry.objects.count() == head.number
    assert publishing.head().number == head.number + 1


def _publish_elsewhere() -> None:
    def publish() -> None:
        publishing.publish([items.commitment(action="confirm")])
        connections.close_all()

    writer = Thread(target=publish)
    writer.start()
    writer.join()
