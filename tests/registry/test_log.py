"""Publishing, changing and redacting in the log."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from registry import clock
from registry.log import ledger, publishing, verifying
from registry.models import Entry, Record
from registry.schema import kinds
from registry.website import changes
from tests import databases
from tests.registry import items

pytestmark = pytest.mark.django_db


@pytest.fixture
def commitment():
    """Publish a charter with one commitment; its first update is due on 1 April 2026."""
    with clock.fixed_at(datetime(2026, 1, 5, 9, tzinfo=UTC)):
        publishing.publish(items.small_register())
    return Record.objects.get(key="C-00001")


def reporting(day: str) -> str:
    return Record.objects.with_reporting(date.fromisoformat(day)).get(key="C-00001").reporting


def test_first_publication_is_entry_1_with_a_record(commitment):
    first = Entry.objects.get(number=1)
    assert (first.kind, first.action) == ("charter", "publish")
    assert commitment.entry == 5
    assert commitment.version == 1
    assert commitment.signatory == "S-00001"
    assert commitment.name == "Twenty apprenticeships"


def test_head_of_an_empty_log_has_number_0():
    assert publishing.head() == publishing.Head(0, "0" * 64, None)


def test_nothing_to_publish_appends_nothing():
    assert publishing.publish([]) == []


def test_every_item_has_its_own_salt(commitment):
    salts = {json.loads(entry.item)["salt"] for entry in Entry.objects.all()}
    assert len(salts) == Entry.objects.count()
    assert all(len(salt) == 64 for salt in salts)


def test_equal_content_appends_an_entry_only_as_a_confirmation(commitment):
    assert publishing.publish([items.commitment()]) == []
    (entry,) = publishing.publish([items.commitment(action="confirm")])
    assert entry.action == "confirm"
    assert Record.objects.get(key="C-00001").version == 2


@pytest.mark.parametrize("action", ["amend", "correct", "close", "withdraw"])
def test_change_without_a_public_reason_is_refused(commitment, action):
    with pytest.raises(publishing.ReasonError, match="public reason"):
        publishing.publish([items.commitment(action=action)])


def test_commitment_of_an_unpublished_signatory_is_refused(commitment):
    with pytest.raises(publishing.ParentError, match="S-99999"):
        publishing.publish([items.commitment(key="C-00002", signatory="S-99999")])


def test_one_refused_entry_stops_the_whole_publication(commitment):
    with pytest.raises(publishing.ReasonError):
        publishing.publish([items.commitment(key="C-00002"), items.commitment(action="amend")])
    assert not Record.objects.filter(key="C-00002").exists()


def test_unpublished_record_cannot_be_amended(commitment):
    with pytest.raises(publishing.SequenceError, match="never published"):
        publishing.publish(
            [items.commitment(key="C-00002", action="amend", change_reason="Site closed")]
        )


def test_unknown_field_is_refused(commitment):
    with pytest.raises(kinds.InvalidItemError, match="contact_email"):
        publishing.publish([items.commitment(key="C-00002", contact_email="asha@example.org")])
    with pytest.raises(kinds.InvalidItemError, match="planned_evidence.author"):
        publishing.publish(
            [items.commitment(planned_evidence={"type": "payroll", "author": "Asha"})]
        )


def test_entries_never_go_back_in_time(commitment):
    with clock.fixed_at(datetime(2020, 1, 1, tzinfo=UTC)):
        (entry,) = publishing.publish([items.theme(), items.commitment(action="confirm")])
    assert entry.at == datetime(2026, 1, 5, 9, tzinfo=UTC)


def test_lower_target_and_later_date_are_recorded_as_weakenings(commitment):
    target = {"value": "15", "by": "2027-12-31"}
    publishing.publish(
        [
            items.commitment(
                action="amend", target=target, end_on="2027-12-31", change_reason="Site closed"
            )
        ]
    )
    record = Record.objects.get(key="C-00001")
    assert [(way["what"], way["before"], way["after"]) for way in record.weakenings] == [
        ("target_lowered", "20", "15"),
        ("date_later", "2027-06-30", "2027-12-31"),
    ]
    assert record.weakenings[0]["reason"] == "Site closed"
    assert record.original["target"] == {"value": "20", "by": "2027-06-30"}


def test_higher_target_is_a_weakening_where_less_is_better(commitment):
    publishing.publish([items.measure(direction="decrease")])
    target = {"value": "25", "by": "2027-06-30"}
    publishing.publish([items.commitment(action="amend", target=target, change_reason="Grew")])
    assert [way["what"] for way in Record.objects.get(key="C-00001").weakenings] == [
        "target_lowered"
    ]


def test_withdrawn_commitment_stays_public_with_its_status(commitment):
    publishing.publish(
        [
            items.commitment(
                action="withdraw", end_reason="withdrawn", change_reason="We left the city"
            )
        ]
    )
    record = Record.objects.get(key="C-00001")
    assert (record.status, record.delivery) == ("withdrawn", "withdrawn")
    assert reporting("2027-01-01") == "closed"


def test_update_sets_delivery_and_the_figure_beside_the_target(commitment):
    publishing.publish(
        [items.update(1), items.period(1, received_on="2026-03-28", update="U-00001")]
    )
    record = Record.objects.get(key="C-00001")
    assert record.delivery == "on_track"
    assert record.progress["value"] == "3"
    assert record.progress["target"] == "20"
    assert record.last_heard_on == date(2026, 3, 28)
    assert record.level_of_proof == "self_reported"


def test_commitment_is_overdue_or_silent_only_after_a_reminder(commitment):
    assert reporting("2026-03-31") == "up_to_date"
    assert reporting("2026-04-01") == "due"
    assert reporting("2026-08-01") == "due"
    publishing.publish([items.period(1, requested_on=["2026-03-02", "2026-03-25"])])
    assert reporting("2026-08-01") == "due"
    publishing.publish([items.period(1, requested_on=["2026-03-02", "2026-03-25", "2026-04-04"])])
    assert reporting("2026-04-30") == "due"
    assert reporting("2026-05-01") == "overdue"
    assert reporting("2026-06-29") == "overdue"
    assert reporting("2026-06-30") == "silent"


def test_database_finds_the_same_state_as_the_record_on_every_day(commitment):
    pause = {"from": "2026-05-10", "to": "2026-05-20", "reason": "Flood"}
    publishing.publish([items.period(1, requested_on=["2026-04-04"]), items.signatory(pause=pause)])
    records = Record.objects.filter(key__in=["C-00001", "P-00001", "S-00001"])
    for day in (date(2026, 3, 31) + timedelta(days) for days in range(100)):
        for record in records.with_reporting(day).with_state(day):
            assert (record.reporting or "") == (record.state or "") == record.state_on(day)


def test_paused_or_unreachable_signatory_is_not_shown_as_late(commitment):
    publishing.publish([items.period(1, requested_on=["2026-04-04"])])
    publishing.publish([items.signatory(unreachable_since="2026-04-20")])
    assert reporting("2026-04-19") == "due"
    assert reporting("2026-06-01") == "unreachable"
    pause = {"from": "2026-05-01", "to": "2026-05-31", "reason": "Flood"}
    publishing.publish([items.signatory(pause=pause)])
    assert reporting("2026-05-31") == "paused"
    assert reporting("2026-06-01") == "overdue"


def test_missing_update_of_an_unreachable_signatory_is_not_overdue(commitment):
    publishing.publish([items.period(1, requested_on=["2026-04-04"])])

    def states(*days: str) -> list[str]:
        period = Record.objects.get(pk="P-00001")
        return [period.state_on(date.fromisoformat(day)) for day in days]

    publishing.publish([items.signatory(unreachable_since="2026-04-20")])
    assert states("2026-04-19", "2026-04-20", "2026-06-01") == ["due", "unreachable", "unreachable"]
    assert changes.overdue_changes(date(2026, 6, 1)) == []
    publishing.publish([items.signatory(unreachable_since="2026-05-02")])
    assert states("2026-04-30", "2026-05-01", "2026-06-01") == ["due", "overdue", "overdue"]
    assert [change.on for change in changes.overdue_changes(date(2026, 6, 1))] == [date(2026, 5, 1)]


def test_skipped_period_is_shown_as_not_received(commitment):
    publishing.publish([items.period(2), items.update(2)])
    publishing.publish([items.period(2, received_on="2026-06-28", update="U-00002")])
    states = Record.objects.of_kind("period").with_state(date(2026, 7, 2)).order_by("key")
    assert [period.state for period in states] == ["not_received", "received"]
    assert reporting("2026-07-02") == "up_to_date"


def test_redaction_removes_the_text_and_the_log_still_verifies(commitment):
    publishing.publish([items.update(1, narrative="Call Jo Bloggs on 07700 900123")])
    number = Record.objects.get(key="U-00001").entry
    head = publishing.head()
    (note,) = publishing.redact([number], reason_code="personal_data")
    assert Entry.objects.get(number=number).item is None
    assert "Bloggs" not in json.dumps([entry.item for entry in Entry.objects.all()])
    record = Record.objects.get(key="U-00001")
    assert (record.status, record.item) == ("redacted", None)
    assert record.redactions[0]["entry"] == number
    assert (
        json.loads(note.item)["change_reason"]
        == "The text contained personal data and was removed."
    )
    assert Record.objects.get(key="C-00001").delivery == "not_started"
    assert Entry.objects.get(number=head.number).hash == head.hash
    assert verifying.verify() == []


def test_corrected_item_replaces_the_redacted_one(commitment):
    publishing.publish([items.update(1, narrative="Call Jo Bloggs")])
    number = Record.objects.get(key="U-00001").entry
    correction = items.update(
        1, action="correct", narrative="Call us", change_reason="Name removed"
    )
    publishing.redact([number], reason_code="personal_data", corrected=[correction])
    record = Record.objects.get(key="U-00001")
    assert (record.status, record.item["narrative"], record.version) == ("live", "Call us", 2)
    assert Record.objects.get(key="C-00001").delivery == "on_track"


@pytest.mark.parametrize(
    ("error", "correction"),
    [
        (publishing.ReasonError, items.update(1, action="correct", narrative="Call us")),
        (publishing.SequenceError, items.update(2, action="correct", change_reason="Name removed")),
        (publishing.ParentError, items.update(2, commitment="C-00009")),
        (kinds.InvalidItemError, items.update(1, phone="07700 900123")),
    ],
)
def test_invalid_correction_refuses_the_whole_redaction(commitment, error, correction):
    publishing.publish([items.update(1, narrative="Call Jo Bloggs")])
    before = publishing.head()
    with pytest.raises(error):
        publishing.redact([before.number], reason_code="personal_data", corrected=[correction])
    assert publishing.head() == before
    assert Record.objects.get(key="U-00001").item["narrative"] == "Call Jo Bloggs"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE registry_entry SET action = 'amend' WHERE number = 5",
        "UPDATE registry_entry SET item = '{}' WHERE number = 5",
        "UPDATE registry_entry SET item = NULL WHERE number = 5",
        "UPDATE registry_entry SET hash = repeat('0', 64) WHERE number = 5",
        "DELETE FROM registry_entry WHERE number = 5",
        "TRUNCATE registry_entry",
    ],
)
def test_database_refuses_its_owner_to_change_an_entry(commitment, statement):
    with (
        pytest.raises(DatabaseError, match="rows of registry_entry are never changed or removed"),
        transaction.atomic(),
        databases.superuser() as cursor,
    ):
        cursor.execute(statement)


def test_verify_register_prints_the_head_or_the_faulty_entry(commitment, capsys):
    call_command("verify_register")
    assert f"head {publishing.head().hash}" in capsys.readouterr().out
    Record.objects.filter(key="C-00001").update(delivery="met")
    with pytest.raises(CommandError, match="does not verify"):
        call_command("verify_register")
    assert (
        "Entry 5: the record C-00001 differs from its entries in delivery"
        in capsys.readouterr().err
    )


def test_verify_register_finds_a_database_behind_its_ledger(commitment, register_home):
    assert ledger.catch_up() == 6
    assert ledger.catch_up() == 0
    ledger.append_line(ledger.last_entry() | {"number": 7, "hash": "f" * 64})
    assert [fault.number for fault in verifying.verify()] == [0, 7]


def test_ledger_survives_a_writer_killed_in_the_middle_of_a_line(commitment, register_home):
    ledger.catch_up()
    with ledger.ledger_path().open("ab") as file:
        file.write(b'{"what":"ent')
    assert verifying.verify() == []
    publishing.publish([items.commitment(action="confirm")])
    assert ledger.catch_up() == 1
    assert verifying.verify() == []
