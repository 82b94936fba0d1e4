"""Reporting periods: created as time passes, public at once, and excused where nothing is due."""

import threading
from datetime import date

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from charter.actions import signatories
from charter.models import Change, Signatory
from registry import clock
from registry.models import Entry, Record
from reporting.actions import periods
from reporting.models import ReportingPeriod
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on

pytestmark = pytest.mark.django_db


def public_periods(commitment):
    records = Record.objects.filter(kind="period", commitment=commitment.key).order_by("from_on")
    return [record.item for record in records]


def test_first_period_is_published_with_the_commitment():
    commitment = scenarios.commitment()
    [period] = public_periods(commitment)
    assert (period["from"], period["to"], period["due_on"]) == (
        "2025-06-01",
        "2026-05-31",
        "2026-06-01",
    )


def test_commitment_that_ended_in_review_has_the_usual_time_for_its_final_update():
    with on(date(2026, 3, 2)):
        pending = factories.submitted_commitment(end_on=date(2026, 3, 10))
    with on(date(2026, 3, 20)):
        commitment = factories.publish(pending, by=factories.officer())
        periods.sync_periods(clock.now())
        assert [p["due_on"] for p in public_periods(commitment)] == ["2026-04-19"]
        scenarios.published_update(commitment, value=20)
        commitment.refresh_from_db()
    assert commitment.status == "closed"


def test_syncing_periods_again_changes_nothing():
    scenarios.commitment()
    entries = Entry.objects.count()
    with on(date(2025, 6, 1)):
        assert periods.sync_periods(clock.now()) == 0
    with on(date(2026, 5, 31)):
        assert periods.sync_periods(clock.now()) == 0
    assert Entry.objects.count() == entries


def test_period_is_published_when_it_begins():
    commitment = scenarios.commitment()
    with on(date(2026, 6, 1)):
        assert periods.sync_periods(clock.now()) == 1
    assert [period["due_on"] for period in public_periods(commitment)] == [
        "2026-06-01",
        "2027-06-01",
    ]


def test_outage_of_weeks_leaves_no_period_out():
    commitment = scenarios.commitment(cadence="quarterly")
    with on(date(2026, 1, 15)):
        assert periods.sync_periods(clock.now()) == 2
    assert [period["from"] for period in public_periods(commitment)] == [
        "2025-06-01",
        "2025-09-01",
        "2025-12-01",
    ]


def test_last_period_ends_with_the_commitment():
    commitment = scenarios.commitment(cadence="half_yearly", end_on=date(2026, 3, 15))
    with on(date(2026, 8, 1)):
        periods.sync_periods(clock.now())
        assert periods.sync_periods(clock.now()) == 0
    assert [(period["from"], period["to"]) for period in public_periods(commitment)] == [
        ("2025-06-01", "2025-11-30"),
        ("2025-12-01", "2026-03-15"),
    ]


def test_withdrawal_excuses_periods_not_yet_due_but_no_earlier_ones():
    commitment = scenarios.commitment(cadence="quarterly")
    with on(date(2025, 9, 20)):
        periods.sync_periods(clock.now())
        change = factories.proposed_change(
            commitment, action=Change.Action.WITHDRAW, reason="We close down.", values={}
        )
        factories.publish(change, by=factories.officer())
        assert periods.sync_periods(clock.now()) == 1
    first, second = public_periods(commitment)
    assert "excused_reason" not in first
    assert second["excused_reason"] == "The commitment was withdrawn before an update was due"
    with on(date(2025, 12, 20)):
        assert periods.sync_periods(clock.now()) == 0


def test_withdrawal_before_an_outage_excuses_periods_not_yet_due():
    commitment = scenarios.commitment(cadence="quarterly")
    with on(date(2025, 8, 30)):
        change = factories.proposed_change(
            commitment, action=Change.Action.WITHDRAW, reason="We close down.", values={}
        )
        factories.publish(change, by=factories.officer())
    with on(date(2025, 9, 10)):
        assert periods.sync_periods(clock.now()) == 1
    [first] = public_periods(commitment)
    assert first["excused_reason"] == "The commitment was withdrawn before an update was due"


def test_no_period_begins_or_is_due_after_the_signatory_left():
    commitment = scenarios.commitment(cadence="quarterly")
    Signatory.objects.update(left_on=date(2025, 8, 20))
    with on(date(2025, 9, 10)):
        assert periods.sync_periods(clock.now()) == 1
    [first] = public_periods(commitment)
    assert first["excused_reason"] == "The signatory left the charter before an update was due"


def test_period_due_during_a_pause_is_publicly_excused():
    commitment = scenarios.commitment()
    with on(date(2026, 5, 20)):
        signatories.pause(
            commitment.signatory,
            by=factories.officer(),
            until=date(2026, 6, 30),
            reason="The kitchen burnt down.",
        )
        assert periods.sync_periods(clock.now()) == 0
    with on(date(2026, 6, 1)):
        assert periods.sync_periods(clock.now()) == 2  # One is excused, the next begins.
    first, second = public_periods(commitment)
    assert first["excused_reason"] == "It fell due while reporting was paused"
    assert "excused_reason" not in second


def test_database_refuses_overlapping_periods():
    commitment = scenarios.commitment()
    with pytest.raises(IntegrityError, match="period_no_overlap"), transaction.atomic():
        ReportingPeriod.objects.create(
            commitment=commitment,
            starts_on=date(2026, 5, 31),
            ends_on=date(2026, 6, 30),
            due_on=date(2026, 7, 1),
        )


@pytest.mark.django_db(transaction=True)
def test_parallel_runs_create_each_period_once():
    commitment = scenarios.commitment(cadence="quarterly")

    def run():
        with on(date(2026, 6, 1)):
            periods.sync_periods(clock.now())
        connection.close()

    runs = [threading.Thread(target=run) for _ in range(4)]
    for thread in runs:
        thread.start()
    for thread in runs:
        thread.join(60)
    assert len(public_periods(commitment)) == commitment.periods.count() == 5


def test_key_already_in_use_is_replaced_by_another(monkeypatch):
    commitment = scenarios.commitment(cadence="monthly")
    used_key = commitment.periods.get().key
    drawn = "".join([used_key[2:], "00001", "00001", "00002", "00003"])
    candidates = iter(drawn)
    monkeypatch.setattr("registry.log.keys.secrets.choice", lambda alphabet: next(candidates))
    with on(date(2025, 9, 1)):
        assert periods.sync_periods(clock.now()) == 3
    keys = set(commitment.periods.values_list("key", flat=True))
    assert keys == {used_key, "P-00001", "P-00002", "P-00003"}
