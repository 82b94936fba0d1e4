"""A day of the demonstration is published at once."""

import pytest
from django.db import transaction

from registry.log import publishing
from registry.models import Entry, Record
from reporting.demonstration import batching
from tests.registry import items
from tests.registry.public_pages import publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def small_register():
    publish("2026-01-05", *items.small_register())


def test_batch_is_appended_once_and_in_order(small_register):
    before = publishing.head().number
    with transaction.atomic(), batching.publish_at_end():
        assert publishing.publish([items.commitment("C-00002")]) == []
        publishing.publish([items.commitment("C-00002")])  # Equal content adds no entry.
        publishing.publish([items.commitment("C-00002", "withdraw", change_reason="It rains.")])
        assert publishing.head().number == before
    new_entries = Entry.objects.filter(number__gt=before)
    assert [(entry.key, entry.action) for entry in new_entries.order_by("number")] == [
        ("C-00002", "publish"),
        ("C-00002", "withdraw"),
    ]
    assert Record.objects.get(key="C-00002").delivery == "withdrawn"


def test_failed_batch_appends_nothing(small_register):
    before = publishing.head()
    with pytest.raises(publishing.ReasonError), transaction.atomic(), batching.publish_at_end():
        publishing.publish([items.commitment("C-00002"), items.commitment("C-00002", "withdraw")])
    assert publishing.head() == before
    publishing.publish([items.commitment("C-00002")])
    assert publishing.head().number == before.number + 1
