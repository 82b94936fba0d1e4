"""The states in lists move on at midnight, also while something is wrong with one of the rows."""

import pytest

from registry import clock
from registry.log import day_changes
from registry.log.listing import update_listed
from registry.models import Record
from tests.registry.public_pages import day

pytestmark = pytest.mark.django_db


def test_row_without_a_record_keeps_no_task_busy_for_ever(commitment, monkeypatch):
    Record.objects.filter(pk="C-00001").delete()
    moved = []

    def update_once(keys, today):
        assert not set(keys) & set(moved)
        moved.extend(keys)
        update_listed(keys, today)

    monkeypatch.setattr(day_changes, "update_listed", update_once)
    with clock.fixed_at(day("2026-09-01")):
        assert day_changes.follow_today() == 1
    assert moved == ["C-00001"]
