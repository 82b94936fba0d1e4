"""The data as it stood at an earlier entry, asked for a year later."""

from datetime import UTC, datetime

import pytest

from registry import clock
from registry.log import as_of, publishing
from registry.models import Entry, Record
from registry.schema import kinds
from tests.registry import items

pytestmark = pytest.mark.django_db
API = "/api/v1"


def on(day: str):
    return clock.fixed_at(datetime.fromisoformat(f"{day}T09:00:00").replace(tzinfo=UTC))


ACTS = {
    "2026-01-05": items.everything(),
    "2026-03-28": [
        items.update(1),
        items.period(1, received_on="2026-03-28", update="U-00001"),
        items.success(),
    ],
    "2026-04-10": [items.period(2), items.commitment("C-00002", area_codes=["E05011121"])],
    "2026-05-05": [
        items.commitment(
            action="amend",
            target={"value": "15", "by": "2027-06-30"},
            change_reason="A site closed.",
        )
    ],
    "2026-09-01": [items.period(2, requested_on=["2026-07-04", "2026-07-15"])],
    "2026-10-30": [items.signatory(unreachable_since="2026-10-25")],
    "2026-11-20": [
        items.commitment(action="close", end_reason="replaced", change_reason="A new one."),
        items.commitment("C-00003", supersedes="C-00001"),
    ],
}


@pytest.fixture
def register():
    for day, acts in ACTS.items():
        with on(day):
            publishing.publish(acts)


def told(client, **query):
    """Return all lists of the API by kind."""
    return {
        kind: client.get(f"{API}/{plural}", query).json()["data"]
        for kind, plural in kinds.PLURALS.items()
    }


def test_a_year_later_lists_and_records_are_what_they_were(client):
    said = {}
    for day, acts in ACTS.items():
        with on(day):
            publishing.publish(acts)
            said[publishing.head().number] = told(client)
    with on("2027-12-01"):
        for number, then in said.items():
            assert told(client, as_of=number) == then
            record = then["commitment"][0]
            assert client.get(f"{API}/commitments/C-00001?as_of={number}").json() == record
        for kind in kinds.KINDS:
            for record in then[kind]:
                address = f"{API}/{kinds.PLURALS[kind]}/{record['key']}"
                assert client.get(address, {"as_of": number}).json() == record


def test_as_of_walks_page_by_page(client, register):
    number = publishing.head().number
    first = client.get(f"{API}/commitments?as_of={number}&limit=2").json()
    assert first["meta"]["total"] == 3
    following = first["links"]["next"].removeprefix("http://localhost:8000")
    assert f"as_of={number}" in following
    second = client.get(following).json()
    keys = [record["key"] for record in first["data"] + second["data"]]
    assert keys == ["C-00001", "C-00002", "C-00003"]
    assert second["links"]["next"] is None


def test_what_was_redacted_since_is_not_in_the_past_either(client, register):
    publishing.redact([5], reason_code="personal_data")
    record = client.get(f"{API}/commitments/C-00001?as_of=6").json()
    assert record["record_status"] == "redacted"
    assert record["title"] is None
    assert record["redactions"][0]["entry"] == 5
    assert client.get(f"{API}/commitments?as_of=6").json()["data"] == [record]


def test_before_its_first_entry_a_record_is_not_there(client, register):
    assert client.get(f"{API}/commitments/C-00002?as_of=6").status_code == 404
    assert client.get(f"{API}/commitments/C-99999?as_of=6").status_code == 404


def test_a_number_that_the_log_does_not_have_is_refused(client, register):
    for query in ("as_of=0", "as_of=999", "as_of=x", "as_of=6&as_of=7", "as_of="):
        for address in ("commitments", "commitments/C-00001"):
            problem = client.get(f"{API}/{address}?{query}")
            assert problem.status_code == 400
            assert problem.json()["errors"][0]["parameter"] == "as_of"


def test_filters_and_very_long_logs_are_not_for_the_past(client, register, monkeypatch):
    problem = client.get(f"{API}/commitments?as_of=6&reporting=silent").json()
    assert problem["errors"][0]["parameter"] == "reporting"
    monkeypatch.setattr(as_of, "MOST_FOLDED", 5)
    assert "/changes" in client.get(f"{API}/commitments?as_of=6").json()["errors"][0]["detail"]
    assert client.get(f"{API}/commitments/C-00001?as_of=6").status_code == 200


def test_each_version_has_an_address_and_leads_to_the_one_before(client, register):
    second = client.get(f"{API}/commitments/C-00001/versions/2")
    assert second.json()["action"] == "amend"
    assert 'versions/1>; rel="predecessor-version"' in second["Link"]
    assert 'versions/3>; rel="successor-version"' in second["Link"]
    everything = client.get(f"{API}/commitments/C-00001/versions").json()["data"]
    assert second.json() == everything[1]
    for number in (0, 4):
        assert client.get(f"{API}/commitments/C-00001/versions/{number}").status_code == 404


def test_the_latest_state_folded_is_the_state_that_is_kept(register):
    number = publishing.head().number
    for kind in kinds.KINDS:
        for row in as_of.records_at(kind, number):
            kept = Record.objects.get(pk=row.key)
            assert (row.item, row.version, row.entry) == (kept.item, kept.version, kept.entry)
    assert Entry.objects.count() == number
