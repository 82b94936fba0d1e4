"""After an edit that concerns many commitments, they follow one after another."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.db import connection

from registry import clock
from registry.log import publishing, records, refolding, verifying
from registry.models import Entry, ListedCommitment, Record, StaleCommitment
from registry.open_data.search import search_listed
from tests.registry import items

pytestmark = pytest.mark.django_db
KEYS = ["C-00001", "C-00002", "C-00003"]


@pytest.fixture(autouse=True)
def three_overdue(monkeypatch):
    """Publish three commitments whose updates are overdue, more than one publication folds."""
    monkeypatch.setattr(records, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(refolding, "CHUNK", 1)
    with clock.fixed_at(datetime(2026, 1, 5, 9, tzinfo=UTC)):
        publishing.publish(
            [
                *items.small_register()[:-1],
                *map(items.commitment, KEYS[1:]),
                *(
                    replace(
                        items.period(1, commitment=key, requested_on=["2026-04-04"]),
                        key=f"P-1{key[3:]}",
                    )
                    for key in KEYS
                ),
            ]
        )


def edit_charter():
    with clock.fixed_at(datetime(2026, 5, 2, 9, tzinfo=UTC)):
        later = items.charter("amend", overdue_after_days=60, change_reason="More time")
        return publishing.publish([later])


def reporting() -> list[str]:
    rows = Record.objects.with_reporting(date(2026, 5, 2)).filter(key__in=KEYS).order_by("key")
    return [row.reporting for row in rows]


def test_edit_of_a_charter_reaches_all_its_commitments_in_chunks():
    assert reporting() == ["overdue"] * 3
    edit_charter()
    assert Record.objects.get(pk=items.CHARTER).item["overdue_after_days"] == 60
    assert reporting() == ["overdue"] * 3
    assert publishing.head().stale == "C-00001"

    assert refolding.refold_all() == 3
    assert reporting() == ["due"] * 3
    assert publishing.head().stale == ""
    assert verifying.verify() == []


def test_redacted_name_is_found_no_longer_before_its_commitments_are_folded():
    def found() -> int:
        return search_listed(ListedCommitment.objects.all(), "Brookfield").rows.count()

    assert found() == 3
    publishing.redact([Entry.objects.get(key=items.SIGNATORY).number], reason_code="personal_data")
    assert StaleCommitment.objects.count() == 3
    assert found() == 0
    assert not ListedCommitment.objects.exclude(signatory_name="").exists()


def test_chunk_that_was_cut_off_is_done_again():
    edit_charter()
    deleted = []

    def kill_at_second_delete(execute, sql, params, many, context):
        if sql.startswith('DELETE FROM "registry_stalecommitment"'):
            deleted.append(sql)
            if len(deleted) == 2:
                raise KeyboardInterrupt
        return execute(sql, params, many, context)

    with pytest.raises(KeyboardInterrupt), connection.execute_wrapper(kill_at_second_delete):
        refolding.refold_all()
    assert reporting() == ["due", "overdue", "overdue"]

    assert refolding.refold_all() == 2
    assert reporting() == ["due"] * 3
    assert verifying.verify() == []


def test_commitment_published_meanwhile_is_right_at_once():
    edit_charter()
    publishing.publish([items.commitment("C-00002", "confirm")])
    assert reporting() == ["overdue", "due", "overdue"]
    refolding.refold_all()
    assert reporting() == ["due"] * 3
    assert verifying.verify() == []


def test_verification_and_rebuilding_leave_nothing_for_later():
    edit_charter()
    assert verifying.verify() == []
    assert reporting() == ["due"] * 3
    with clock.fixed_at(datetime(2026, 5, 3, 9, tzinfo=UTC)):
        publishing.publish([items.charter("amend", silent_after_days=9, change_reason="Less")])
    assert StaleCommitment.objects.count() == 3
    publishing.rebuild_records()
    assert not StaleCommitment.objects.exists()
    assert verifying.verify() == []


def test_edit_without_new_thresholds_concerns_no_commitment(django_assert_max_num_queries):
    with django_assert_max_num_queries(17):
        publishing.publish([items.charter("amend", title="New name", change_reason="Renamed")])
    assert not StaleCommitment.objects.exists()
    assert verifying.verify() == []


def test_page_kept_before_a_chunk_is_not_shown_after_it(client):
    edit_charter()
    with clock.fixed_at(datetime(2026, 5, 2, 9, tzinfo=UTC)):
        before = client.get("/commitments/C-00003")
        refolding.refold_all()
        after = client.get("/commitments/C-00003", headers={"If-None-Match": before["ETag"]})
    assert "Overdue since" in before.text
    assert after.status_code == 200
    assert "Overdue since" not in after.text
