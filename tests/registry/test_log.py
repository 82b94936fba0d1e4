"""Publishing, changing and redacting, as the log keeps it."""

import json
from datetime import UTC, date, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from registry import clock
from registry.log import as_of, ledger, publishing, verifying
from registry.models import Entry, Record
from registry.schema import kinds
from registry.website import changes
from tests.registry import items

pytestmark = pytest.mark.django_db


@pytest.fixture
def commitment():
    """A charter with one commitment and its first period, due on 1 April 2026."""
    with clock.fixed_at(datetime(2026, 1, 5, 9, tzinfo=UTC)):
        publishing.publish(items.everything())
    return Record.objects.get(key="C-00001")


def reporting(day: str) -> str:
    return Record.objects.with_reporting(date.fromisoformat(day)).get(key="C-00001").reporting


def test_first_publication_gets_number_1_and_a_record(commitment):
    first = Entry.objects.get(number=1)
    assert (first.kind, first.action) == ("charter", "publish")
    assert commitment.entry == 5
    assert commitment.version == 1
    assert commitment.signatory == "S-00001"
    assert commitment.name == "Twenty apprenticeships"


def test_every_item_carries_its_own_salt(commitment):
    salts = {json.loads(entry.item)["salt"] for entry in Entry.objects.all()}
    assert len(salts) == Entry.objects.count()
    assert all(len(salt) == 64 for salt in salts)


def test_equal_content_appends_nothing_unless_somebody_confirms(commitment):
    assert publishing.publish([items.commitment()]) == []
    (entry,) = publishing.publish([items.commitment(action="confirm")])
    assert entry.action == "confirm"
    assert Record.objects.get(key="C-00001").version == 2


@pytest.mark.parametrize("action", ["amend", "correct", "close", "withdraw"])
def test_change_without_a_public_reason_is_refused(commitment, action):
    with pytest.raises(publishing.ReasonError, match="public reason"):
        publishing.publish([items.commitment(action=action)])


def test_commitment_of_a_signatory_that_is_not_public_is_refused(commitment):
    with pytest.raises(publishing.ParentError, match="S-99999"):
        publishing.publish([items.commitment(key="C-00002", signatory="S-99999")])


def test_nothing_of_a_refused_list_is_published(commitment):
    with pytest.raises(publishing.ReasonError):
        publishing.publish([items.commitment(key="C-00002"), items.commitment(action="amend")])
    assert not Record.objects.filter(key="C-00002").exists()


def test_what_was_never_published_cannot_be_amended(commitment):
    with pytest.raises(publishing.SequenceError, match="never published"):
        publishing.publish(
            [items.commitment(key="C-00002", action="amend", change_reason="Site closed")]
        )


def test_field_that_is_not_on_the_list_is_refused(commitment):
    with pytest.raises(kinds.InvalidItemError, match="contact_email"):
        publishing.publish([items.commitment(key="C-00002", contact_email="asha@example.org")])
    with pytest.raises(kinds.InvalidItemError, match="planned_evidence.author"):
        publishing.publish(
            [items.commitment(planned_evidence={"type": "payroll", "author": "Asha"})]
        )


def test_time_of_an_entry_never_runs_back(commitment):
    with clock.fixed_at(datetime(2020, 1, 1, tzinfo=UTC)):
        (entry,) = publishing.publish([items.theme(), items.commitment(action="confirm")])
    assert entry.at == datetime(2026, 1, 5, 9, tzinfo=UTC)


def test_lower_target_and_later_date_are_weakenings_with_the_original_in_view(commitment):
    target = {"value": "15", "by": "2027-12-31"}
    publishing.publish(
        [
            items.commitment(
                action="amend", target=target, end_on="2027-12-31", change_reason="Site closed"
            )
        ]
    )
    weakened = Record.objects.get(key="C-00001")
    assert [(way["what"], way["before"], way["after"]) for way in weakened.weakenings] == [
        ("target_lowered", "20", "15"),
        ("date_later", "2027-06-30", "2027-12-31"),
    ]
    assert weakened.weakenings[0]["reason"] == "Site closed"
    assert weakened.original["target"] == {"value": "20", "by": "2027-06-30"}


def test_correction_is_no_weakening_and_corrects_the_original(commitment):
    target = {"value": "2", "by": "2027-06-30"}
    publishing.publish(
        [items.commitment(action="correct", target=target, change_reason="A zero too many")]
    )
    corrected = Record.objects.get(key="C-00001")
    assert corrected.weakenings == []
    assert corrected.original["target"]["value"] == "2"


def test_higher_target_weakens_a_measure_where_less_is_better(commitment):
    publishing.publish([items.measure(direction="decrease")])
    target = {"value": "25", "by": "2027-06-30"}
    publishing.publish([items.commitment(action="amend", target=target, change_reason="Grew")])
    assert [way["what"] for way in Record.objects.get(key="C-00001").weakenings] == [
        "target_lowered"
    ]


def test_withdrawn_commitment_stays_with_its_reason(commitment):
    publishing.publish(
        [
            items.commitment(
                action="withdraw", end_reason="withdrawn", change_reason="We left the city"
            )
        ]
    )
    withdrawn = Record.objects.get(key="C-00001")
    assert (withdrawn.status, withdrawn.delivery) == ("withdrawn", "withdrawn")
    assert reporting("2027-01-01") == "closed"


def test_update_decides_delivery_and_shows_the_figure_beside_the_target(commitment):
    publishing.publish(
        [items.update(1), items.period(1, received_on="2026-03-28", update="U-00001")]
    )
    told = Record.objects.get(key="C-00001")
    assert told.delivery == "on_track"
    assert told.progress["value"] == "3"
    assert told.progress["of"] == "20"
    assert told.last_heard_on == date(2026, 3, 28)
    assert told.level_of_proof == "self_reported"


def test_public_page_says_overdue_and_silent_only_when_we_have_asked(commitment):
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


def test_pause_and_dead_mailbox_are_said_instead_of_lateness(commitment):
    publishing.publish([items.period(1, requested_on=["2026-04-04"])])
    publishing.publish([items.signatory(unreachable_since="2026-04-20")])
    assert reporting("2026-04-19") == "due"
    assert reporting("2026-06-01") == "unreachable"
    pause = {"from": "2026-05-01", "to": "2026-05-31", "reason": "Flood"}
    publishing.publish([items.signatory(pause=pause)])
    assert reporting("2026-05-31") == "paused"
    assert reporting("2026-06-01") == "overdue"


def test_what_fell_due_is_not_held_against_whom_we_could_not_reach(commitment):
    publishing.publish([items.period(1, requested_on=["2026-04-04"])])

    def states(*days: str) -> list[str]:
        """Return what is annotated, which is what is said of a period as it stood."""
        said = []
        for day in map(date.fromisoformat, days):
            period = Record.objects.of_kind("period").with_state(day).get(pk="P-00001")
            assert period.state == as_of.period_state(period, day)
            said.append(period.state)
        return said

    publishing.publish([items.signatory(unreachable_since="2026-04-20")])
    assert states("2026-04-19", "2026-04-20", "2026-06-01") == ["due", "unreachable", "unreachable"]
    assert changes.overdue_changes(date(2026, 6, 1)) == []
    publishing.publish([items.signatory(unreachable_since="2026-05-02")])
    assert states("2026-04-30", "2026-05-01", "2026-06-01") == ["due", "overdue", "overdue"]
    assert [told.on for told in changes.overdue_changes(date(2026, 6, 1))] == [date(2026, 5, 1)]


def test_period_that_was_passed_over_is_said_to_have_had_no_answer(commitment):
    publishing.publish([items.period(2), items.update(2)])
    publishing.publish([items.period(2, received_on="2026-06-28", update="U-00002")])
    states = Record.objects.of_kind("period").with_state(date(2026, 7, 2)).order_by("key")
    assert [period.state for period in states] == ["not_received", "received"]
    assert reporting("2026-07-02") == "up_to_date"


def test_redaction_removes_text_and_salt_and_the_chain_still_verifies(commitment):
    publishing.publish([items.update(1, narrative="Call Jo Bloggs on 07700 900123")])
    number = Record.objects.get(key="U-00001").entry
    remembered = publishing.head()
    (note,) = publishing.redact([number], reason_code="personal_data")
    assert Entry.objects.get(number=number).item is None
    assert "Bloggs" not in json.dumps([entry.item for entry in Entry.objects.all()])
    redacted = Record.objects.get(key="U-00001")
    assert (redacted.status, redacted.item) == ("redacted", None)
    assert redacted.redactions[0]["entry"] == number
    assert json.loads(note.item)["change_reason"] == "The text held personal data and was removed."
    assert Record.objects.get(key="C-00001").delivery == "not_started"
    assert Entry.objects.get(number=remembered.number).hash == remembered.hash
    assert verifying.verify() == []


def test_corrected_item_follows_its_redaction(commitment):
    publishing.publish([items.update(1, narrative="Call Jo Bloggs")])
    number = Record.objects.get(key="U-00001").entry
    corrected = items.update(1, action="correct", narrative="Call us", change_reason="Name removed")
    publishing.redact([number], reason_code="personal_data", corrected=[corrected])
    mended = Record.objects.get(key="U-00001")
    assert (mended.status, mended.item["narrative"], mended.version) == ("live", "Call us", 2)
    assert Record.objects.get(key="C-00001").delivery == "on_track"


@pytest.mark.parametrize(
    ("refusal", "corrected"),
    [
        (publishing.ReasonError, items.update(1, action="correct", narrative="Call us")),
        (publishing.SequenceError, items.update(2, action="correct", change_reason="Name removed")),
        (publishing.ParentError, items.update(2, commitment="C-00009")),
        (kinds.InvalidItemError, items.update(1, phone="07700 900123")),
    ],
)
def test_corrected_item_that_may_not_be_published_refuses_the_redaction(
    commitment, refusal, corrected
):
    publishing.publish([items.update(1, narrative="Call Jo Bloggs")])
    before = publishing.head()
    with pytest.raises(refusal):
        publishing.redact([before.number], reason_code="personal_data", corrected=[corrected])
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
def test_database_itself_refuses_to_change_an_entry(commitment, statement):
    with (
        pytest.raises(DatabaseError, match=r"never (changed or removed|emptied)"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_verify_register_tells_the_head_or_names_the_entry(commitment, capsys):
    call_command("verify_register")
    assert f"head {publishing.head().hash}" in capsys.readouterr().out
    Record.objects.filter(key="C-00001").update(delivery="met")
    with pytest.raises(CommandError, match="does not verify"):
        call_command("verify_register")
    assert (
        "Entry 5: the record C-00001 differs from its entries in delivery"
        in capsys.readouterr().err
    )


def test_verify_register_finds_that_the_database_is_behind_the_ledger(commitment, home_of_its_own):
    assert ledger.catch_up() == 6
    assert ledger.catch_up() == 0
    ledger.append_line({"what": "entry", "number": 7, "hash": "f" * 64})
    assert [fault.number for fault in verifying.verify()] == [7]


def test_ledger_survives_a_writer_that_was_killed_in_mid_line(commitment, home_of_its_own):
    ledger.catch_up()
    with ledger.ledger_path().open("ab") as file:
        file.write(b'{"what":"ent')
    assert verifying.verify() == []
    publishing.publish([items.commitment(action="confirm")])
    assert ledger.catch_up() == 1
    assert verifying.verify() == []


def test_what_is_gathered_is_appended_once_and_in_its_order(commitment):
    before = publishing.head().number
    with transaction.atomic(), publishing.batch():
        assert publishing.publish([items.commitment("C-00002")]) == []
        publishing.publish([items.commitment("C-00002")])  # says nothing new
        publishing.publish([items.commitment("C-00002", "withdraw", change_reason="It rains.")])
        assert publishing.head().number == before
    added = Entry.objects.filter(number__gt=before)
    assert [(e.key, e.action) for e in added.order_by("number")] == [
        ("C-00002", "publish"),
        ("C-00002", "withdraw"),
    ]
    assert Record.objects.get(key="C-00002").delivery == "withdrawn"


def test_a_gathering_that_fails_appends_nothing(commitment):
    before = publishing.head()
    with pytest.raises(publishing.ReasonError), transaction.atomic(), publishing.batch():
        publishing.publish([items.commitment("C-00002"), items.commitment("C-00002", "withdraw")])
    assert publishing.head() == before
    publishing.publish([items.commitment("C-00002")])
    assert publishing.head().number == before.number + 1
