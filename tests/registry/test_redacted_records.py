"""A redacted record keeps its structure, loses its words, and stays valid for programs."""

from functools import cache

import jsonschema
import pytest
from django.db import transaction
from django.test import Client

from registry.log import ledger, publishing
from registry.models import Entry
from registry.schema import kinds
from tests.registry import items
from tests.registry.public_pages import publish

pytestmark = pytest.mark.django_db
API = "/api/v1"
WORDS = (
    "Example Charter",
    "Local Employment",
    "New apprentices",
    "Brookfield",
    "Twenty apprenticeships",
    "Payroll records",
    "No update needed",
    "They have started",
    "Planted",
    "A letter",
)


def publish_every_kind():
    letter = {"charter": "A-00001", "type": "letter", "about": "C-00001", "title": "A letter",
              "text": "We have not heard.", "dated_on": "2026-04-01"}  # fmt: skip
    publish(
        "2026-03-28",
        *items.small_register(),
        items.update(),
        items.period(excused_reason="No update needed"),
        items.success(title="Planted"),
        publishing.NewEntry("notice", "N-00001", "publish", letter),
    )
    assert {entry.kind for entry in Entry.objects.all()} == set(kinds.KINDS)


@pytest.fixture
def register():
    publish_every_kind()


def redact_all():
    numbers = list(Entry.objects.values_list("number", flat=True))
    publishing.redact(numbers, reason_code="legal")
    return numbers


def answers_about(reader, spec, **query):
    """Return each record of a kind as its list and its own address have it."""
    address = f"{API}/{spec.plural}"
    listed = reader.get(address, query).json()["data"]
    assert listed
    return listed + [reader.get(f"{address}/{r['key']}", query).json() for r in listed]


@cache
def description():
    return Client().get(f"{API}/openapi.json").json()


def check_against_description(name, answer):
    """Check an answer against a schema in the API's description."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": description()["components"]}
    jsonschema.Draft202012Validator(schema).validate(answer)


def test_redacted_records_of_every_kind_fit_their_schema(register, reader):
    published = redact_all()
    check_schemas(reader, [{}, {"as_of": published[-1]}, {"as_of": publishing.head().number}])


def test_records_lost_in_a_restore_fit_their_schema(reader):
    ledger.catch_up()
    with transaction.atomic():
        publish_every_kind()
        ledger.catch_up()
        transaction.set_rollback(True)
    last = publishing.restore_from_ledger()
    check_schemas(reader, [{}, {"as_of": last}, {"as_of": publishing.head().number}])


def check_schemas(reader, moments):
    """Check the records of every kind, all of them redacted, at some moments."""
    for spec in kinds.KINDS.values():
        schema = reader.get(f"/schemas/v1/{spec.plural}.json").json()
        for query in moments:
            for record in answers_about(reader, spec, **query):
                assert record["record_status"] == "redacted"
                jsonschema.Draft202012Validator(schema).validate(record)
                check_against_description(f"{spec.name.title()}Record", record)


def test_redacted_changes_and_versions_fit_the_description(register, reader):
    redact_all()
    changes = reader.get(f"{API}/changes?limit=500").json()["data"]
    for change in changes:
        check_against_description("Change", change)
    for key in {change["key"] for change in changes}:
        kind = next(spec for spec in kinds.KINDS.values() if spec.letter == key[0])
        address = f"{API}/{kind.plural}/{key}/versions"
        for version in reader.get(address).json()["data"]:
            assert version["redacted"]
            check_against_description("Version", version)


def test_redacted_record_keeps_its_structure_and_loses_its_words(register, reader):
    redact_all()
    commitment = reader.get(f"{API}/commitments/C-00001").json()
    assert commitment["signatory"] == "S-00001"
    assert (commitment["charter"], commitment["theme"]) == ("A-00001", "T-00001")
    assert commitment["target"] == {"value": "20", "by": "2027-06-30"}
    assert (commitment["title"], commitment["planned_evidence"]) == (None, None)
    update = reader.get(f"{API}/updates/U-00001").json()
    assert (update["commitment"], update["cumulative_value"]) == ("C-00001", "3")
    everything = [reader.get(f"{API}/{plural}").text for plural in kinds.KINDS_BY_PLURAL]
    everything += [reader.get(f"{API}/{log}").text for log in ("changes", "entries")]
    for word in WORDS:
        assert word not in "".join(everything), word


def test_structure_is_that_of_the_version_shown(register, reader):
    publish(
        "2026-04-02",
        items.commitment(
            action="amend", target={"value": "15", "by": "2027-06-30"}, change_reason="Closed."
        ),
    )
    amended = publishing.head().number
    numbers = list(Entry.objects.filter(key="C-00001").values_list("number", flat=True))
    publishing.redact(numbers[-1:], reason_code="error")
    publishing.redact(numbers[:-1], reason_code="error")
    address = f"{API}/commitments/C-00001"
    assert reader.get(address).json()["target"]["value"] == "15"
    assert reader.get(f"{address}?as_of={amended}").json()["target"]["value"] == "15"
    assert reader.get(f"{address}?as_of={amended - 1}").json()["target"]["value"] == "20"
    publish("2026-04-03", items.commitment(action="correct", change_reason="Without a name."))
    corrected = reader.get(address).json()
    assert (corrected["record_status"], corrected["title"]) == ("live", "Twenty apprenticeships")
