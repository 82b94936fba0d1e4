"""The open data, as somebody reads it who knows nothing of us."""

import csv
import json
from datetime import UTC, datetime

import pytest

from registry import clock
from registry.api.representation import RECORD_SERIALIZERS
from registry.log import publishing
from registry.log.canonical import HASH_BEFORE_THE_FIRST, hash_entry, hash_item
from registry.models import Record
from registry.schema import kinds
from tests.registry import items

pytestmark = pytest.mark.django_db

API = "/api/v1"


@pytest.fixture
def register():
    """A commitment with its first period, two versions, and an update on it."""
    with clock.fixed_at(datetime(2026, 1, 5, 9, tzinfo=UTC)):
        publishing.publish(items.everything())
    with clock.fixed_at(datetime(2026, 3, 28, 9, tzinfo=UTC)):
        publishing.publish(
            [items.update(1), items.period(1, received_on="2026-03-28", update="U-00001")]
        )
        target = {"value": "15", "by": "2027-06-30"}
        publishing.publish(
            [items.commitment(action="amend", target=target, change_reason="Site closed")]
        )


def test_root_says_where_everything_is(client, register):
    root = client.get(f"{API}/").json()
    assert root["licence"] == kinds.LICENCE
    assert root["head"]["number"] == 9
    assert (
        client.get(root["commitments_url"].removeprefix("http://localhost:8000")).status_code == 200
    )


def test_commitment_shows_commitment_progress_and_change_in_one_record(client, register):
    record = client.get(f"{API}/commitments/C-00001").json()
    assert record["title"] == "Twenty apprenticeships"
    assert record["target"] == {"value": "15", "by": "2027-06-30"}
    assert record["original"]["target"]["value"] == "20"
    assert record["weakenings"][0]["what"] == "target_lowered"
    assert record["change_reason"] == "Site closed"
    assert (record["delivery"], record["version"]) == ("on_track", 2)
    assert record["progress"]["value"] == "3"
    assert record["responsible_role"] is None
    assert "salt" not in record


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_every_kind_has_the_shape_that_the_description_commitments(client, register, kind):
    answer = client.get(f"{API}/{kinds.PLURALS[kind]}").json()
    assert answer["meta"]["total"] == Record.objects.of_kind(kind).count()
    for record in answer["data"]:
        assert list(record.keys() ^ RECORD_SERIALIZERS[kind]().fields.keys()) == []
        said = {name: value for name, value in record.items() if value is not None}
        serializer = RECORD_SERIALIZERS[kind](data=said)
        serializer.is_valid()
        assert serializer.errors == {}


def test_description_is_openapi_3_1_and_names_every_kind(client):
    description = client.get(f"{API}/openapi.json").json()
    assert description["openapi"].startswith("3.1")
    for plural in kinds.PLURALS.values():
        assert f"/api/v1/{plural}" in description["paths"]
    reporting = description["components"]["schemas"]["CommitmentRecord"]["properties"]["reporting"]
    assert "overdue" in json.dumps(reporting) or "$ref" in json.dumps(reporting)


@pytest.mark.parametrize("limit", [1, 2, 7, 500])
def test_walk_by_next_misses_and_repeats_nothing(client, register, limit):
    publishing.publish([items.commitment(f"C-1000{n}") for n in range(7)])
    address = f"{API}/commitments?limit={limit}"
    walked = []
    while address:
        answer = client.get(address).json()
        walked += [record["key"] for record in answer["data"]]
        address = answer["links"]["next"] and answer["links"]["next"].removeprefix(
            "http://localhost:8000"
        )
    assert walked == ["C-00001", *[f"C-1000{n}" for n in range(7)]]
    assert answer["meta"]["total"] == 8


def test_changes_replayed_into_an_empty_store_give_every_record(client, register):
    store = {}
    for change in client.get(f"{API}/changes?after=0").json()["data"]:
        store[change["key"]] = change["item"]
    assert store.keys() == set(Record.objects.values_list("key", flat=True))
    assert store["C-00001"]["target"]["value"] == "15"
    assert client.get(f"{API}/changes?after=8").json()["data"][0]["number"] == 9


def test_entries_can_be_verified_by_anyone(client, register):
    answer = client.get(f"{API}/entries").json()
    previous = HASH_BEFORE_THE_FIRST
    for entry in answer["data"]:
        assert hash_item(entry["item_text"]) == entry["item_hash"]
        at = datetime.strptime(entry["at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        fields = [entry[name] for name in ("kind", "key", "action", "item_hash")]
        previous = hash_entry(previous, entry["number"], at, *fields)
        assert previous == entry["hash"]
    assert previous == answer["meta"]["head"]["hash"]


def test_versions_tell_what_was_said_when(client, register):
    versions = client.get(f"{API}/commitments/C-00001/versions").json()["data"]
    assert [version["action"] for version in versions] == ["publish", "amend"]
    assert versions[0]["item"]["target"]["value"] == "20"


def test_redacted_version_says_so_and_nothing_else(client, register):
    publishing.redact([7], reason_code="personal_data")
    (version,) = client.get(f"{API}/updates/U-00001/versions").json()["data"]
    assert version["item"] is None
    assert version["redaction"]["reason_code"] == "personal_data"
    record = client.get(f"{API}/updates/U-00001").json()
    assert (record["record_status"], record["narrative"]) == ("redacted", None)
    assert "They have started" not in client.get(f"{API}/entries").content.decode()


def test_list_as_csv_has_the_same_records_in_flat_columns(client, register):
    for address in (f"{API}/commitments.csv", f"{API}/commitments?format=csv", "/commitments.csv"):
        response = client.get(address)
        assert response["Content-Type"].startswith("text/csv")
        text = b"".join(response.streaming_content).decode()
        (row,) = csv.DictReader(text.splitlines())
        assert row["key"] == "C-00001"
        assert (row["target_value"], row["target_by"]) == ("15", "2027-06-30")
        assert row["planned_evidence_text"] == "Payroll records and college letters"
        assert text.count("\r\n") == 2


def test_text_that_a_spreadsheet_would_run_is_made_harmless(client, register):
    publishing.publish([items.commitment("C-00002", title="=1+1")])
    text = b"".join(client.get(f"{API}/commitments.csv").streaming_content).decode()
    assert "'=1+1" in text


def test_filters_are_joined_by_and_a_repeated_one_means_or(client, register):
    publishing.publish([items.commitment("C-00002")])

    def keys(query: str) -> list[str]:
        return [record["key"] for record in client.get(f"{API}/commitments?{query}").json()["data"]]

    assert keys("delivery=on_track") == ["C-00001"]
    assert keys("delivery=on_track&delivery=not_started") == ["C-00001", "C-00002"]
    assert keys("delivery=on_track&weakened=true") == ["C-00001"]
    assert keys("delivery=not_started&weakened=true") == []
    assert keys("q=apprenticeships") == ["C-00001", "C-00002"]


@pytest.mark.parametrize(
    ("query", "parameter", "type_"),
    [
        ("colour=red", "colour", "unknown-parameter"),
        ("limit=0", "limit", "invalid-parameter"),
        ("limit=501", "limit", "invalid-parameter"),
        ("limit=abc", "limit", "invalid-parameter"),
        ("limit=1&limit=2", "limit", "invalid-parameter"),
        ("delivery=excellent", "delivery", "invalid-parameter"),
        ("cursor=made-up", "cursor", "invalid-cursor"),
        ("q=%00", "q", "invalid-parameter"),
    ],
)
def test_wrong_parameter_is_named_in_problem_details(client, register, query, parameter, type_):
    response = client.get(f"{API}/commitments?{query}")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["type"].endswith(type_)
    assert problem["errors"][0]["parameter"] == parameter


def test_cursor_of_other_filters_is_refused(client, register):
    publishing.publish([items.commitment("C-00002")])
    following = client.get(f"{API}/commitments?limit=1").json()["links"]["next"]
    cursor = following.partition("cursor=")[2]
    response = client.get(f"{API}/commitments?delivery=on_track&cursor={cursor}")
    assert response.json()["type"].endswith("invalid-cursor")


@pytest.mark.parametrize("path", ["commitments/C-ZZZZZ", "pledges", "commitments/C-ZZZZZ/versions"])
def test_what_is_not_there_is_a_problem_too(client, register, path):
    response = client.get(f"{API}/{path}")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


def test_api_is_only_read(client, register):
    response = client.post(f"{API}/commitments", {})
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert client.get(f"{API}/commitments", headers={"accept": "image/png"}).status_code == 406


def test_unchanged_answer_costs_one_query_and_no_bytes(client, register, django_assert_num_queries):
    first = client.get(f"{API}/commitments")
    assert first["Access-Control-Allow-Origin"] == "*"
    assert "Cookie" not in first["Vary"]
    assert not first.cookies
    with django_assert_num_queries(1):
        again = client.get(f"{API}/commitments", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    publishing.publish([items.commitment(action="confirm")])
    changed = client.get(f"{API}/commitments", headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200


def test_number_of_queries_does_not_grow_with_the_register(
    client, register, django_assert_num_queries
):
    with django_assert_num_queries(3):
        client.get(f"{API}/commitments")
    publishing.publish([items.commitment(f"C-2000{n}") for n in range(9)])
    with django_assert_num_queries(3):
        client.get(f"{API}/commitments")


def test_codelists_give_every_code_its_words(client, register):
    names = client.get(f"{API}/codelists").json()["data"]
    assert "delivery" in names
    codes = client.get(f"{API}/codelists/level_of_proof").json()["data"]
    assert {"code": "evidence_provided", "title": "Evidence linked"} in codes


def test_no_number_in_the_data_is_a_float(client, register):
    def floats(value):
        if isinstance(value, dict):
            return any(floats(member) for member in value.values())
        if isinstance(value, list):
            return any(floats(member) for member in value)
        return isinstance(value, float)

    for plural in kinds.PLURALS.values():
        assert not floats(client.get(f"{API}/{plural}").json())


def test_every_column_made_by_the_database_reads_a_field_that_a_kind_declares():
    declared = {name for kind in kinds.KINDS.values() for name in kind().fields}
    for field in Record._meta.concrete_fields:
        if not field.generated:
            continue
        for expression in field.expression.flatten():
            name = getattr(expression, "key_name", None)
            assert name is None or name in declared | {"text"}, field.name


def test_head_answers_as_get_does_without_its_body(client, register):
    for address in ("", "/commitments", "/commitments.csv", "/commitments/C-00001", "/changes"):
        got, asked = client.get(f"{API}{address or '/'}"), client.head(f"{API}{address or '/'}")
        assert asked.status_code == 200
        assert asked["Content-Type"] == got["Content-Type"]
        assert asked["ETag"] == got["ETag"]
