"""When a record last changed: by its own entries, by those shown with it, or on a date."""

from datetime import date

import pytest

from registry import clock
from registry.log import publishing, verifying
from registry.models import Record
from registry.schema import kinds
from tests.registry import items
from tests.registry.public_pages import day, publish

pytestmark = pytest.mark.django_db
API = "/api/v1"
ABOVE = {"C-00001", "S-00001", "T-00001", "M-00001"}
REQUESTED = {"requested_on": ["2026-03-30"]}
LATER = items.commitment("C-00002", measure=None, supersedes="C-00001")


def changed_by(*acts: publishing.NewEntry) -> set[str]:
    """Return the keys of the records that acts change."""
    before = publishing.head().number
    publish("2026-03-28", *acts)
    assert verifying.verify() == []
    return set(Record.objects.filter(changed_entry__gt=before).values_list("key", flat=True))


def changed_at(client, key: str, on: str) -> str:
    with clock.fixed_at(day(on)):
        plural = kinds.KINDS_BY_PLURAL["commitments" if key[0] == "C" else "periods"].plural
        return client.get(f"{API}/{plural}/{key}").json()["changed_at"]


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (items.update(), {"U-00001", *ABOVE}),
        (items.success(), {"W-00001", *ABOVE}),
        (items.featured("C-00001"), {"N-00001", *ABOVE}),
        (items.period(2), {"P-00002", *ABOVE}),
        (items.period(1, **REQUESTED), {"P-00001"}),
        (items.period(1, due_on="2026-05-01"), {"P-00001", *ABOVE}),
        (items.signatory(legal_name="Brookfield Kitchens Ltd"), {"S-00001"}),
        (items.measure(title="Apprentices who started"), {"M-00001", "T-00001"}),
        (items.measure(direction="decrease"), {"P-00001", *ABOVE}),
        (items.signatory(unreachable_since="2026-03-27"), {"P-00001", *ABOVE}),
        (items.signatory(standing="suspended"), {"P-00001", *ABOVE}),
        (items.charter(overdue_after_days=20), {"A-00001", "P-00001", *ABOVE}),
        (items.charter(title="Another title"), {"A-00001"}),
        (LATER, {"C-00001", "C-00002", "S-00001", "T-00001"}),
    ],
)
def test_entry_changes_what_it_is_shown_with(commitment, act, expected):
    assert changed_by(act) == expected


def test_reminder_that_lets_an_update_become_overdue_counts(commitment):
    assert changed_by(items.period(1, requested_on=["2026-04-04"])) == {"P-00001", *ABOVE}


def test_answer_for_one_period_changes_the_state_of_an_earlier_one(commitment):
    publish("2026-03-28", items.period(2))
    answer = items.period(2, received_on="2026-07-01")
    assert changed_by(answer) == {"P-00001", "P-00002", *ABOVE}


def test_end_of_a_commitment_changes_the_periods_it_leaves_open(commitment):
    end = items.commitment(action="close", end_reason="expired", change_reason="Its time is over.")
    assert changed_by(end) == {"P-00001", *ABOVE}


def test_redaction_changes_what_the_text_was_shown_with(commitment):
    publish("2026-03-28", items.update())
    number = publishing.head().number
    publishing.redact([number], reason_code="personal_data")
    changed = Record.objects.filter(changed_entry=number + 1).values_list("key", flat=True)
    assert set(changed) == {"U-00001", *ABOVE}
    assert verifying.verify() == []


def test_featured_success_is_a_change_of_its_commitment(commitment):
    publish("2026-03-28", items.success())
    assert changed_by(items.featured("W-00001")) == {"N-00001", "W-00001", *ABOVE}


def test_no_record_shows_a_figure_reported_after_its_last_change(commitment, client):
    for number, on in ((1, "2026-03-28"), (2, "2026-06-28"), (3, "2026-09-28")):
        publish(on, items.period(number, received_on=on), items.update(number, reported_on=on))
        with clock.fixed_at(day(on)):
            for row in client.get(f"{API}/commitments").json()["data"]:
                assert row["latest"]["reported_on"] == on <= row["changed_at"][:10]
                assert row["progress"]["reported_on"] <= row["changed_at"][:10]
                assert row["changed_entry"] == publishing.head().number > row["entry"]


def test_state_that_begins_on_a_date_is_a_change(commitment, client):
    for key in ("C-00001", "P-00001"):
        assert changed_at(client, key, "2026-03-31") == "2026-01-05T09:00:00Z"
        # The update is due on 1 April, in summer time.
        assert changed_at(client, key, "2026-04-01") == "2026-03-31T23:00:00Z"
        assert changed_at(client, key, "2026-08-01") == "2026-03-31T23:00:00Z"
    assert Record.objects.get(key="C-00001").state_days == [date(2026, 4, 1)]


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        ("2026-01-05", ["C-00001", "C-00002"]),
        ("2026-03-31", ["C-00001"]),
        ("2026-04-01", ["C-00001"]),
        ("2026-03-31T23:00:00Z", ["C-00001"]),
        ("2026-03-31T23:00:01Z", []),
        ("2026-04-02", []),
    ],
)
def test_list_gives_the_records_changed_since(commitment, client, since, expected):
    publish("2026-01-05", items.commitment("C-00002"))
    with clock.fixed_at(day("2026-04-10")):
        answer = client.get(f"{API}/commitments", {"updated_since": since}).json()
        assert [row["key"] for row in answer["data"]] == expected
        assert "total" not in answer["meta"]
        file = client.get(f"{API}/commitments.csv", {"updated_since": since}).getvalue().decode()
        assert len(file.splitlines()) == len(expected) + 1
        assert ",changed_at,changed_entry" in file


@pytest.mark.parametrize("since", ["", "yesterday", "2026-13-01", "2026-01-05T09:00:00"])
def test_unclear_date_of_changes_is_refused(commitment, client, since):
    problem = client.get(f"{API}/commitments", {"updated_since": since})
    assert problem.status_code == 400
    assert problem.json()["errors"][0]["parameter"] == "updated_since"
