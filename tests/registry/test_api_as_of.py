"""The data as of an earlier entry, read a year later."""

import csv
from datetime import UTC, date, datetime

import pytest

from registry import clock
from registry.api import records
from registry.log import as_of, publishing
from registry.models import Entry, Record
from registry.schema import kinds
from tests.registry import items

pytestmark = pytest.mark.django_db
API = "/api/v1"


def on(day: str):
    return clock.fixed_at(datetime.fromisoformat(f"{day}T09:00:00").replace(tzinfo=UTC))


ACTS = {
    "2026-01-05": items.small_register(),
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


def all_lists(client, **query):
    """Return the data of every list in the API, by kind."""
    return {
        kind: client.get(f"{API}/{spec.plural}", query).json()["data"]
        for kind, spec in kinds.KINDS.items()
    }


def test_lists_and_records_can_be_read_as_they_were_a_year_ago(client):
    snapshots = {}
    for day, acts in ACTS.items():
        with on(day):
            publishing.publish(acts)
            snapshots[publishing.head().number] = all_lists(client)
    with on("2027-12-01"):
        for number, snapshot in snapshots.items():
            assert all_lists(client, as_of=number) == snapshot
            record = snapshot["commitment"][0]
            assert client.get(f"{API}/commitments/C-00001?as_of={number}").json() == record
        for kind in kinds.KINDS:
            for record in snapshot[kind]:
                address = f"{API}/{kinds.KINDS[kind].plural}/{record['key']}"
                assert client.get(address, {"as_of": number}).json() == record


def test_past_list_continues_on_further_pages(client, register):
    number = publishing.head().number
    first = client.get(f"{API}/commitments?as_of={number}&limit=2").json()
    assert first["meta"]["total"] == 3
    next_url = first["links"]["next"].removeprefix("http://localhost:8000")
    assert f"as_of={number}" in next_url
    second = client.get(next_url).json()
    keys = [record["key"] for record in first["data"] + second["data"]]
    assert keys == ["C-00001", "C-00002", "C-00003"]
    assert second["links"]["next"] is None


def test_redacted_text_is_removed_from_past_records(client, register):
    publishing.redact([5], reason_code="personal_data")
    record = client.get(f"{API}/commitments/C-00001?as_of=6").json()
    assert record["record_status"] == "redacted"
    assert record["title"] is None
    assert record["redactions"][0]["entry"] == 5
    assert client.get(f"{API}/commitments?as_of=6").json()["data"] == [record]


def test_past_list_is_a_table_too(client, register):
    response = client.get(f"{API}/commitments.csv?as_of=6")
    assert response["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(b"".join(response.streaming_content).decode().splitlines()))
    past = client.get(f"{API}/commitments?as_of=6").json()["data"]
    assert [(row["key"], row["entry"]) for row in rows] == [
        (record["key"], str(record["entry"])) for record in past
    ]


def test_record_does_not_exist_before_its_first_entry(client, register):
    assert client.get(f"{API}/commitments/C-00002?as_of=6").status_code == 404
    assert client.get(f"{API}/commitments/C-99999?as_of=6").status_code == 404


def test_entry_number_outside_the_log_is_refused(client, register):
    for query in ("as_of=0", "as_of=999", "as_of=x", "as_of=6&as_of=7", "as_of="):
        for address in ("commitments", "commitments/C-00001"):
            problem = client.get(f"{API}/{address}?{query}")
            assert problem.status_code == 400
            assert problem.json()["errors"][0]["parameter"] == "as_of"


def test_past_list_says_how_many_records_there_were_after_each_entry(client, register):
    for number in range(1, publishing.head().number + 1):
        for kind, spec in kinds.KINDS.items():
            answer = client.get(f"{API}/{spec.plural}?as_of={number}&limit=1").json()
            published = Record.objects.of_kind(kind).filter(first_entry__lte=number)
            assert answer["meta"]["total"] == published.count()


def test_past_lists_refuse_filters(client, register):
    problem = client.get(f"{API}/commitments?as_of=6&reporting=silent").json()
    assert problem["errors"][0]["parameter"] == "reporting"


def test_past_file_of_many_records_is_refused(client, register, monkeypatch):
    number = publishing.head().number
    monkeypatch.setattr(records, "LARGEST_LIMIT", 2)
    problem = client.get(f"{API}/commitments.csv?as_of={number}").json()
    assert "at most 2 records" in problem["errors"][0]["detail"]
    assert client.get(f"{API}/successes.csv?as_of={number}").status_code == 200


def test_each_version_has_an_address_and_links_to_the_previous_one(client, register):
    second = client.get(f"{API}/commitments/C-00001/versions/2")
    assert second.json()["action"] == "amend"
    assert 'versions/1>; rel="predecessor-version"' in second["Link"]
    assert 'versions/3>; rel="successor-version"' in second["Link"]
    versions = client.get(f"{API}/commitments/C-00001/versions").json()["data"]
    assert second.json() == versions[1]
    for number in (0, 4):
        assert client.get(f"{API}/commitments/C-00001/versions/{number}").status_code == 404


def test_folded_records_match_the_stored_records(register):
    number = publishing.head().number
    for kind in kinds.KINDS:
        keys = Record.objects.of_kind(kind).values_list("key", flat=True)
        for row in as_of.records_at(kind, keys, as_of.Moment(number, date(2026, 11, 20))):
            stored = Record.objects.get(pk=row.key)
            assert (row.item, row.version, row.entry) == (stored.item, stored.version, stored.entry)
    assert Entry.objects.count() == number
