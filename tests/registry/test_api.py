"""The open data as an outside re-user reads it."""

import csv
import json
from datetime import UTC, datetime

import pytest
from django.db import transaction

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
    """Publish a commitment with two versions, its first period and an update."""
    with clock.fixed_at(datetime(2026, 1, 5, 9, tzinfo=UTC)):
        publishing.publish(items.small_register())
    with clock.fixed_at(datetime(2026, 3, 28, 9, tzinfo=UTC)):
        publishing.publish(
            [items.update(1), items.period(1, received_on="2026-03-28", update="U-00001")]
        )
        target = {"value": "15", "by": "2027-06-30"}
        publishing.publish(
            [items.commitment(action="amend", target=target, change_reason="Site closed")]
        )


def test_api_root_links_to_every_list(client, register):
    root = client.get(f"{API}/").json()
    assert root["licence"] == kinds.LICENCE
    assert root["head"]["number"] == 9
    assert (
        client.get(root["commitments_url"].removeprefix("http://localhost:8000")).status_code == 200
    )


def test_commitment_record_includes_progress_and_weakenings(client, register):
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
def test_every_kind_matches_its_description(client, register, kind):
    body = client.get(f"{API}/{kinds.KINDS[kind].plural}").json()
    assert body["meta"]["total"] == Record.objects.of_kind(kind).count()
    for record in body["data"]:
        assert list(record.keys() ^ RECORD_SERIALIZERS[kind]().fields.keys()) == []
        values = {name: value for name, value in record.items() if value is not None}
        serializer = RECORD_SERIALIZERS[kind](data=values)
        serializer.is_valid()
        assert serializer.errors == {}


def test_description_is_openapi_3_1_and_includes_every_kind(client):
    description = client.get(f"{API}/openapi.json").json()
    assert description["openapi"].startswith("3.1")
    for plural in kinds.KINDS_BY_PLURAL:
        assert f"/api/v1/{plural}" in description["paths"]
    reporting = description["components"]["schemas"]["CommitmentRecord"]["properties"]["reporting"]
    assert "overdue" in json.dumps(reporting) or "$ref" in json.dumps(reporting)


@pytest.mark.parametrize("limit", [1, 2, 7, 500])
def test_next_links_visit_every_record_once(client, register, limit):
    publishing.publish([items.commitment(f"C-1000{n}") for n in range(7)])
    address = f"{API}/commitments?limit={limit}"
    keys = []
    while address:
        body = client.get(address).json()
        keys += [record["key"] for record in body["data"]]
        address = body["links"]["next"] and body["links"]["next"].removeprefix(
            "http://localhost:8000"
        )
    assert keys == ["C-00001", *[f"C-1000{n}" for n in range(7)]]
    assert body["meta"]["total"] == 8


def test_replayed_changes_give_every_record(client, register):
    store = {}
    for change in client.get(f"{API}/changes?after=0").json()["data"]:
        store[change["key"]] = change["item"]
    assert store.keys() == set(Record.objects.values_list("key", flat=True))
    assert store["C-00001"]["target"]["value"] == "15"
    assert client.get(f"{API}/changes?after=8").json()["data"][0]["number"] == 9


def test_entries_can_be_verified_by_anyone(client, register):
    body = client.get(f"{API}/entries").json()
    previous = HASH_BEFORE_THE_FIRST
    for entry in body["data"]:
        assert hash_item(entry["item_text"]) == entry["item_hash"]
        at = datetime.strptime(entry["at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        fields = [entry[name] for name in ("kind", "key", "action", "item_hash")]
        previous = hash_entry(previous, entry["number"], at, *fields)
        assert previous == entry["hash"]
    assert previous == body["meta"]["head"]["hash"]


def test_versions_show_the_text_of_their_time(client, register):
    versions = client.get(f"{API}/commitments/C-00001/versions").json()["data"]
    assert [version["action"] for version in versions] == ["publish", "amend"]
    assert versions[0]["item"]["target"]["value"] == "20"


def test_redacted_version_gives_only_the_reason(client, register):
    publishing.redact([7], reason_code="personal_data")
    (version,) = client.get(f"{API}/updates/U-00001/versions").json()["data"]
    assert version["item"] is None
    assert version["redaction"]["reason_code"] == "personal_data"
    record = client.get(f"{API}/updates/U-00001").json()
    assert (record["record_status"], record["narrative"]) == ("redacted", None)
    assert "They have started" not in client.get(f"{API}/entries").content.decode()


def test_csv_list_has_the_same_records_in_flat_columns(client, register):
    for address in (f"{API}/commitments.csv", f"{API}/commitments?format=csv", "/commitments.csv"):
        response = client.get(address)
        assert response["Content-Type"].startswith("text/csv")
        text = b"".join(response.streaming_content).decode()
        (row,) = csv.DictReader(text.splitlines())
        assert row["key"] == "C-00001"
        assert (row["target_value"], row["target_by"]) == ("15", "2027-06-30")
        assert row["planned_evidence_text"] == "Payroll records and college letters"
        assert text.count("\r\n") == 2


def test_csv_list_makes_spreadsheet_formulas_harmless(client, register):
    publishing.publish([items.commitment("C-00002", title="=1+1")])
    text = b"".join(client.get(f"{API}/commitments.csv").streaming_content).decode()
    assert "'=1+1" in text


def test_different_filters_mean_and_repeated_ones_mean_or(client, register):
    publishing.publish([items.commitment("C-00002")])

    def keys(query: str) -> list[str]:
        return [record["key"] for record in client.get(f"{API}/commitments?{query}").json()["data"]]

    assert keys("delivery=on_track") == ["C-00001"]
    assert keys("delivery=on_track&delivery=not_started") == ["C-00001", "C-00002"]
    assert keys("delivery=on_track&weakened=true") == ["C-00001"]
    assert keys("delivery=not_started&weakened=true") == []
    assert client.get(f"{API}/commitments?weakened=yes").status_code == 400
    assert keys("q=apprenticeships") == ["C-00001", "C-00002"]


@pytest.mark.parametrize(
    ("query", "parameter", "type_"),
    [
        ("colour=red", "colour", "unknown-parameter"),
        ("limit=0", "limit", "invalid-parameter"),
        ("limit=501", "limit", "invalid-parameter"),
        ("limit=abc", "limit", "invalid-parameter"),
        ("limit=1&limit=2", "limit", "invalid-parameter"),
        ("weakened=true&weakened=false", "weakened", "invalid-parameter"),
        ("delivery=excellent", "delivery", "invalid-parameter"),
        ("format=xml", "format", "invalid-parameter"),
        ("cursor=made-up", "cursor", "invalid-cursor"),
        ("q=%00", "q", "invalid-parameter"),
    ],
)
def test_problem_details_name_the_wrong_parameter(client, register, query, parameter, type_):
    response = client.get(f"{API}/commitments?{query}")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["type"].endswith(type_)
    assert problem["errors"][0]["parameter"] == parameter


def test_cursor_for_other_filters_is_refused(client, register):
    publishing.publish([items.commitment("C-00002")])
    next_url = client.get(f"{API}/commitments?limit=1").json()["links"]["next"]
    cursor = next_url.partition("cursor=")[2]
    response = client.get(f"{API}/commitments?delivery=on_track&cursor={cursor}")
    assert response.json()["type"].endswith("invalid-cursor")


def test_cursor_of_another_list_is_refused(client, register):
    publishing.publish([items.commitment("C-00002")])
    next_url = client.get(f"{API}/commitments?limit=1").json()["links"]["next"]
    cursor = next_url.partition("cursor=")[2]
    for other in ("updates", "changes", "entries"):
        response = client.get(f"{API}/{other}?cursor={cursor}")
        assert response.status_code == 400, other
        assert response.json()["errors"][0]["parameter"] == "cursor"


@pytest.mark.parametrize("log", ["changes", "entries"])
def test_reader_ahead_of_a_restored_log_receives_its_head(client, register, log):
    assert client.get(f"{API}/{log}?after=9").json()["data"] == []
    response = client.get(f"{API}/{log}?after=10")
    assert response.status_code == 409
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["type"].endswith("/data#beyond-head")
    head = publishing.head()
    assert problem["head"] == {"number": 9, "hash": head.hash}
    assert 'id="beyond-head"' in client.get("/data").text


def test_reader_ahead_of_a_restored_log_learns_it_on_a_later_page_too(client, register):
    with transaction.atomic():
        publishing.publish([items.commitment(f"C-1000{n}") for n in range(3)])
        next_url = client.get(f"{API}/changes?limit=10").json()["links"]["next"]
        transaction.set_rollback(True)
    path = next_url.removeprefix("http://localhost:8000")
    assert client.get(path).status_code == 409


def test_changes_carry_the_hashes_of_the_log(client, register):
    changes = client.get(f"{API}/changes").json()["data"]
    entries = client.get(f"{API}/entries").json()["data"]
    for change, entry in zip(changes, entries, strict=True):
        assert (change["hash"], change["item_hash"]) == (entry["hash"], entry["item_hash"])


@pytest.mark.parametrize("value", ["csv", "json"])
def test_address_with_json_alone_knows_no_format(client, register, value):
    for path in ("changes", "entries/1", "commitments/C-00001", "codelists"):
        response = client.get(f"{API}/{path}?format={value}")
        (error,) = response.json()["errors"]
        assert (response.status_code, error["parameter"]) == (400, "format"), path
        assert "format" not in error["detail"]


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("entries/0", "No entry has this number. The log ends at entry 9."),
        ("entries/99999", "No entry has this number. The log ends at entry 9."),
        ("commitments/C-00001/versions/3", "The versions of this record are 1 to 2."),
        ("commitments/C-00001?as_of=1", "No record with this key was public at that moment."),
        ("commitments/C-ZZZZZ", "No record has this key."),
    ],
)
def test_answer_404_says_what_is_missing(client, register, path, detail):
    response = client.get(f"{API}/{path}")
    assert (response.status_code, response.json()["detail"]) == (404, detail)


@pytest.mark.parametrize("path", ["commitments/C-ZZZZZ", "pledges", "commitments/C-ZZZZZ/versions"])
def test_unknown_api_address_returns_problem_details(client, register, path):
    response = client.get(f"{API}/{path}")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


def test_api_is_read_only(client, register):
    response = client.post(f"{API}/commitments", {})
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert client.get(f"{API}/commitments", headers={"accept": "image/png"}).status_code == 406


def test_unchanged_response_costs_one_query_and_has_no_body(
    client, register, django_assert_num_queries
):
    first = client.get(f"{API}/commitments")
    assert first["Access-Control-Allow-Origin"] == "*"
    assert "Cookie" not in first["Vary"]
    assert not first.cookies
    with django_assert_num_queries(1):
        second = client.get(f"{API}/commitments", headers={"if-none-match": first["ETag"]})
    assert (second.status_code, second.content) == (304, b"")
    publishing.publish([items.commitment(action="confirm")])
    third = client.get(f"{API}/commitments", headers={"if-none-match": first["ETag"]})
    assert third.status_code == 200


def test_reader_who_kept_json_is_sent_csv_when_asking_for_it(client, register):
    kept = client.get(f"{API}/commitments")["ETag"]
    as_csv = {"if-none-match": kept, "accept": "text/csv"}
    response = client.get(f"{API}/commitments", headers=as_csv)
    assert (response.status_code, response["Content-Type"][:8]) == (200, "text/csv")
    again = client.get(f"{API}/commitments", headers=as_csv | {"if-none-match": response["ETag"]})
    assert again.status_code == 304


def test_every_cache_asks_before_it_repeats_a_text(client, register):
    for address in ("commitments", "commitments.csv", "commitments/C-00001", "changes", "entries"):
        assert client.get(f"{API}/{address}")["Cache-Control"] == "public, no-cache"


def test_number_of_queries_does_not_grow_with_the_register(
    client, register, django_assert_num_queries
):
    with django_assert_num_queries(3):
        client.get(f"{API}/commitments")
    publishing.publish([items.commitment(f"C-2000{n}") for n in range(9)])
    with django_assert_num_queries(3):
        client.get(f"{API}/commitments")


def test_code_lists_give_each_code_a_label(client, register):
    names = client.get(f"{API}/codelists").json()["data"]
    assert "delivery" in names
    codes = client.get(f"{API}/codelists/level_of_proof").json()["data"]
    assert [(code["code"], code["label"]) for code in codes][:2] == [
        ("self_reported", "Self-reported"),
        ("evidence_provided", "Evidence provided"),
    ]
    assert codes[0]["description"] == "The signatory’s own figure, with no evidence"


def test_no_number_in_the_data_is_a_float(client, register):
    def has_float(value):
        if isinstance(value, dict):
            return any(has_float(member) for member in value.values())
        if isinstance(value, list):
            return any(has_float(member) for member in value)
        return isinstance(value, float)

    for plural in kinds.KINDS_BY_PLURAL:
        assert not has_float(client.get(f"{API}/{plural}").json())


def test_generated_columns_read_only_fields_declared_by_a_kind():
    kind_fields = {name for kind in kinds.KINDS for name in kinds.item_serializer(kind).fields}
    for field in Record._meta.concrete_fields:
        if not field.generated:
            continue
        for expression in field.expression.flatten():
            name = getattr(expression, "key_name", None)
            assert name is None or name in kind_fields | {"text"}, field.name


def test_head_request_has_the_same_headers_as_get(client, register):
    for address in ("", "/commitments", "/commitments.csv", "/commitments/C-00001", "/changes"):
        url = f"{API}{address or '/'}"
        get_response, head_response = client.get(url), client.head(url)
        assert head_response.status_code == 200
        assert head_response["Content-Type"] == get_response["Content-Type"]
        assert head_response["ETag"] == get_response["ETag"]
