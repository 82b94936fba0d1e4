"""Periods begin with time, are public at once, and are waived where nothing can be owed."""

import threading
from datetime import date

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from charter.actions import changes, commitments, signatories
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


def test_the_first_period_is_public_as_soon_as_the_commitment_is():
    commitment = scenarios.commitment()
    [period] = public_periods(commitment)
    assert (period["from"], period["to"], period["due_on"]) == (
        "2025-06-01",
        "2026-05-31",
        "2026-06-01",
    )


def test_a_commitment_that_ended_while_it_waited_for_the_council_can_still_be_told_of_and_closed():
    with on(date(2026, 3, 2)):
        waiting = factories.submitted_commitment(end_on=date(2026, 3, 10))
    with on(date(2026, 3, 20)):
        commitment = commitments.approve(waiting, by=factories.officer())
        periods.sync_periods(clock.now())
        assert [p["due_on"] for p in public_periods(commitment)] == ["2026-03-11"]
        scenarios.published(commitment, self_assessment="met", value=20)
        factories.approved_change(commitment, action="close", values={}, end_reason="achieved")
        commitment.refresh_from_db()
    assert commitment.status == "closed"


def test_following_twice_changes_nothing():
    scenarios.commitment()
    entries = Entry.objects.count()
    with on(date(2025, 6, 1)):
        assert periods.sync_periods(clock.now()) == 0
    with on(date(2026, 5, 31)):
        assert periods.sync_periods(clock.now()) == 0
    assert Entry.objects.count() == entries


def test_a_period_is_made_and_published_when_it_begins():
    commitment = scenarios.commitment()
    with on(date(2026, 6, 1)):
        assert periods.sync_periods(clock.now()) == 1
    assert [period["due_on"] for period in public_periods(commitment)] == [
        "2026-06-01",
        "2027-06-01",
    ]


def test_after_weeks_of_silence_of_the_machine_every_period_that_began_is_made():
    commitment = scenarios.commitment(cadence="quarterly")
    with on(date(2026, 1, 15)):
        assert periods.sync_periods(clock.now()) == 2
    assert [period["from"] for period in public_periods(commitment)] == [
        "2025-06-01",
        "2025-09-01",
        "2025-12-01",
    ]


def test_the_last_period_ends_with_the_commitment():
    commitment = scenarios.commitment(cadence="half_yearly", end_on=date(2026, 3, 15))
    with on(date(2026, 8, 1)):
        periods.sync_periods(clock.now())
        assert periods.sync_periods(clock.now()) == 0
    assert [(period["from"], period["to"]) for period in public_periods(commitment)] == [
        ("2025-06-01", "2025-11-30"),
        ("2025-12-01", "2026-03-15"),
    ]


def test_what_was_not_yet_due_when_a_commitment_ended_is_waived_and_what_was_is_not():
    commitment = scenarios.commitment(cadence="quarterly")
    with on(date(2025, 9, 20)):
        periods.sync_periods(clock.now())
        change = factories.proposed_change(
            commitment, action=Change.Action.WITHDRAW, reason="We close down.", values={}
        )
        changes.approve(change, by=factories.officer())
        assert periods.sync_periods(clock.now()) == 1
    first, second = public_periods(commitment)
    assert "excused_reason" not in first
    assert second["excused_reason"] == "The commitment was withdrawn before an update was due"
    with on(date(2025, 12, 20)):
        assert periods.sync_periods(clock.now()) == 0


def test_what_was_not_yet_due_at_the_end_is_waived_even_if_the_machine_was_silent_then():
    commitment = scenarios.commitment(cadence="quarterly")
    with on(date(2025, 8, 30)):
        change = factories.proposed_change(
            commitment, action=Change.Action.WITHDRAW, reason="We close down.", values={}
        )
        changes.approve(change, by=factories.officer())
    with on(date(2025, 9, 10)):
        assert periods.sync_periods(clock.now()) == 1
    [first] = public_periods(commitment)
    assert first["excused_reason"] == "The commitment was withdrawn before an update was due"


def test_nothing_begins_and_nothing_is_owed_once_the_signatory_has_left():
    commitment = scenarios.commitment(cadence="quarterly")
    Signatory.objects.update(left_on=date(2025, 8, 20))
    with on(date(2025, 9, 10)):
        assert periods.sync_periods(clock.now()) == 1
    [first] = public_periods(commitment)
    assert first["excused_reason"] == "The signatory left the charter before an update was due"


def test_what_falls_due_inside_a_pause_is_waived_in_public():
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
        assert periods.sync_periods(clock.now()) == 2  # one is waived, the next begins
    first, second = public_periods(commitment)
    assert first["excused_reason"] == "It fell due while reporting was paused"
    assert "excused_reason" not in second


def test_the_database_refuses_periods_that_overlap():
    commitment = scenarios.commitment()
    with pytest.raises(IntegrityError, match="period_no_overlap"), transaction.atomic():
        ReportingPeriod.objects.create(
            commitment=commitment,
            starts_on=date(2026, 5, 31),
            ends_on=date(2026, 6, 30),
            due_on=date(2026, 7, 1),
        )


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_make_each_period_once():
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


def test_a_key_that_another_period_has_is_drawn_again(monkeypatch):
    commitment = scenarios.commitment(cadence="monthly")
    taken = commitment.periods.get().key
    drawn = iter([taken, "P-00001", "P-00001", "P-00002", "P-00003"])
    monkeypatch.setattr("registry.log.keys.new_key", lambda kind: next(drawn))
    monkeypatch.setattr(ReportingPeriod._meta.get_field("key"), "_get_default", lambda: next(drawn))
    with on(date(2025, 9, 1)):
        assert periods.sync_periods(clock.now()) == 3
    keys = set(commitment.periods.values_list("key", flat=True))
    assert keys == {taken, "P-00001", "P-00002", "P-00003"}
