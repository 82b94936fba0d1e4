"""The API's ready texts of records say what the records do, on every day and at every address."""

import json
from datetime import date, timedelta

import pytest
from rest_framework.renderers import JSONRenderer

from registry import clock
from registry.api.representation import with_derived_fields
from registry.log import publishing, verifying
from registry.log.documents import represent_record
from registry.models import Entry, Record
from registry.schema import kinds
from tests.databases import superuser
from tests.registry import items
from tests.registry.public_pages import day, publish

pytestmark = pytest.mark.django_db
API = "/api/v1"
WORDS = 'Twenty %1$s and 100 % of %s,\u2028"quoted"\\u0019'
EVIDENCE = {
    "id": "6f3d9f5e-5a0c-4e0e-9d43-0f6b7c7a1a11",
    "type": "photograph",
    "visibility": "public",
    "alt_text": "Saplings in a row.",
    "title": "Saplings",
    "file": {"bytes": 9, "sha256": "0" * 64, "media_type": "image/jpeg"},
}


@pytest.fixture
def register():
    """Publish two commitments, one with an update still to come, and records of other kinds."""
    publish("2026-01-05", *items.small_register(), items.commitment("C-00002", description=WORDS))
    publish(
        "2026-03-28",
        items.update(evidence=[EVIDENCE]),
        items.period(2, "C-00002", requested_on=["2026-07-03"]),
    )
    publish("2026-03-29", items.period(received_on="2026-03-28"), items.success(title=WORDS))
    with clock.fixed_at(day("2026-03-30")):
        publishing.redact([Entry.objects.get(key="T-00001").number], reason_code="legal")


def days_of_changes():
    """Return each day on which a state changes, and the one before."""
    changes = {on for record in Record.objects.all() for on in record.state_days}
    changes |= {on for record in Record.objects.all() for on in record.ending_days}
    assert len(changes) > 2
    return sorted(changes | {on - timedelta(days=1) for on in changes} | {date(2026, 4, 1)})


def test_lists_and_records_are_the_records_of_the_day(client, register):
    for on in days_of_changes():
        with clock.fixed_at(day(str(on))):
            for spec in kinds.KINDS.values():
                records = with_derived_fields(Record.objects.of_kind(spec.name), spec.name, on)
                expected = [represent_record(r, on) for r in records.order_by("first_entry")]
                expected = json.loads(JSONRenderer().render(expected))
                assert client.get(f"{API}/{spec.plural}").json()["data"] == expected
                for record in expected:
                    assert client.get(f"{API}/{spec.plural}/{record['key']}").json() == record


def test_a_register_that_moves_says_its_new_address_at_once(client, register, settings):
    settings.PUBLIC_URL = "https://register.example"
    with clock.fixed_at(day("2026-04-01")):
        (update,) = client.get(f"{API}/updates").json()["data"]
    assert update["uri"] == "https://register.example/id/U-00001"
    assert update["evidence"][0]["file"]["url"].startswith("https://register.example/evidence/")


def test_answers_hold_no_character_that_ends_a_line_of_a_script(client, register):
    with clock.fixed_at(day("2026-04-01")):
        body = client.get(f"{API}/commitments/C-00002").content.decode()
    assert r"\u2028" in body
    assert "\u2028" not in body


def test_a_reader_can_ask_for_indented_json(client, register):
    with clock.fixed_at(day("2026-04-01")):
        for address in (f"{API}/commitments", f"{API}/commitments/C-00002"):
            plain = client.get(address)
            indented = client.get(address, HTTP_ACCEPT="application/json; indent=2")
            assert b'\n    "' in indented.content or b'\n  "' in indented.content
            assert b"\n" not in plain.content
            without_time = [{**answer.json(), "meta": None} for answer in (plain, indented)]
            assert without_time[0] == without_time[1]


def test_verification_notices_a_text_that_its_record_does_not_say(register):
    before = verifying.verify()  # There is no photograph.
    with superuser() as cursor:
        cursor.execute("UPDATE registry_record SET document = replace(document, 'Twenty', 'Two')")
    faults = [str(fault) for fault in verifying.verify() if fault not in before]
    assert any("C-00002 differs from its entries in document" in fault for fault in faults)
