"""Catalogues, search engines and programs read descriptions of the data."""

import csv
import json
import re
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime

import jsonschema
import pytest

from registry import clock
from registry.open_data import catalogue, dictionary
from registry.schema import kinds
from registry.schema.codes import published_lists
from tests.registry import items
from tests.registry.public_pages import publish

pytestmark = pytest.mark.django_db
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
SITE = "http://localhost:8000"


@pytest.fixture
def register():
    publish("2026-01-05", *items.small_register(), items.update(), items.success())
    publish("2026-02-01", items.commitment(action="amend", title="<b>", change_reason="New."))


def locations(reader, address):
    root = ElementTree.fromstring(reader.get(address).content)  # noqa: S314 - we wrote it ourselves
    return [loc.text.removeprefix(SITE) for loc in root.iter(f"{SITEMAP}loc")]


def test_records_match_the_published_schemas(register, reader):
    for plural in kinds.KINDS_BY_PLURAL:
        schema = reader.get(f"/schemas/v1/{plural}.json").json()
        assert schema["$id"] == f"{SITE}/schemas/v1/{plural}.json"
        jsonschema.Draft202012Validator.check_schema(schema)
        for record in reader.get(f"/api/v1/{plural}").json()["data"]:
            jsonschema.Draft202012Validator(schema).validate(record)


def test_schema_rejects_an_invalid_record(register, reader):
    schema = reader.get("/schemas/v1/commitments.json").json()
    record = reader.get("/api/v1/commitments/C-00001").json() | {"delivery": "splendid"}
    assert not jsonschema.Draft202012Validator(schema).is_valid(record)
    assert reader.get("/schemas/v1/nonsense.json").status_code == 404


def test_dictionary_explains_every_field(register, reader):
    page = reader.get("/data/dictionary").text
    for kind in kinds.KINDS:
        for field in dictionary.dictionary_fields(kind):
            assert field.meaning not in ("", "None"), f"{kind}.{field.name} has no help_text"
            assert f">{field.name}<" in page


def test_dictionary_links_each_code_to_its_list(register, reader):
    page = reader.get("/data/dictionary").text
    names = {
        field.code_list
        for kind in kinds.KINDS
        for field in dictionary.dictionary_fields(kind)
        if field.code_list
    }
    assert {"delivery", "level_of_proof", "planned_evidence_type"} <= names
    for name in names:
        assert f'href="#codes-{name}"' in page
        assert f'id="codes-{name}"' in page


def test_openapi_explains_every_field(reader):
    schemas = reader.get("/api/v1/openapi.json").json()["components"]["schemas"]
    unexplained = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, described in schema.get("properties", {}).items()
        if "description" not in described
    ]
    assert unexplained == []


def test_sitemap_lists_pages_that_exist(register, reader):
    files = locations(reader, "/sitemap.xml")
    addresses = [address for file in files for address in locations(reader, file)]
    assert len(addresses) == len(set(addresses))
    assert {"/", "/commitments/C-00001", "/signatories/S-00001", "/places/E05011121"} <= set(
        addresses
    )
    for address in addresses[10:17] + addresses[-5:]:
        assert reader.get(address).status_code == 200, address
    # An update has been due since the first of April, when summer time had begun.
    assert "2026-03-31T23:00:00Z" in reader.get("/sitemaps/commitments-1.xml").text
    for file in ("commitments-2", "nonsense-1", "periods-1"):
        assert reader.get(f"/sitemaps/{file}.xml").status_code == 404


def test_large_sitemap_is_split_without_repeated_addresses(register, reader, monkeypatch):
    monkeypatch.setattr(catalogue, "ENTRIES_OF_A_FILE", 2)
    publish("2026-02-02", *[items.commitment(f"C-1000{number}") for number in range(4)])
    files = [file for file in locations(reader, "/sitemap.xml") if "commitments" in file]
    assert len(files) == 3
    addresses = [address for file in files for address in locations(reader, file)]
    assert len(addresses) == len(set(addresses)) == 5


def test_robots_and_security_researchers_find_their_files(reader):
    robots = reader.get("/robots.txt").text
    assert f"Sitemap: {SITE}/sitemap.xml" in robots
    assert "Disallow: /council" in robots
    assert "/api" not in robots
    with clock.fixed_at(datetime(2028, 2, 29, 12, tzinfo=UTC)):
        response = reader.get("/.well-known/security.txt")
    assert response["Content-Type"].startswith("text/plain")
    assert "Expires: 2029-02-28T00:00:00Z" in response.text


def test_catalogue_and_search_engines_read_the_same_description(register, reader):
    [dataset] = reader.get("/data.json").json()["dataset"]
    page = reader.get("/data").text
    [block] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    json_ld = json.loads(block)
    assert len(dataset["title"]) <= 65
    assert dataset["license"] == json_ld["license"] == kinds.LICENCE
    assert dataset["publisher"]["name"] == json_ld["creator"]["name"] == "Example Council"
    assert dataset["modified"] == json_ld["dateModified"] == "2026-02-01T09:00:00Z"
    urls = [file["downloadURL"] for file in dataset["distribution"]]
    assert urls == [file["contentUrl"] for file in json_ld["distribution"]]
    for url in urls:
        assert reader.head(url.removeprefix(SITE)).status_code == 200, url


def test_code_lists_are_the_same_in_json_and_csv(reader):
    for name in published_lists():
        codes = reader.get(f"/api/v1/codelists/{name}").json()["data"]
        file = reader.get(f"/api/v1/codelists/{name}.csv")
        assert file["Content-Type"].startswith("text/csv")
        rows = csv.DictReader(file.text.splitlines())
        assert [row | {"description": row["description"] or None} for row in rows] == codes
    assert reader.get("/api/v1/codelists/nonsense.csv").status_code == 404


def test_each_api_problem_links_to_its_explanation(register, reader):
    for address in ("commitments?limit=0", "commitments?colour=red", "commitments/C-99999"):
        page, _, anchor = reader.get(f"/api/v1/{address}").json()["type"].partition("#")
        assert f'id="{anchor}"' in reader.get(page.removeprefix(SITE)).text
