"""Readers find commitments by words and filters, in every sort order, page by page."""

import re
from dataclasses import replace

import pytest
from django.test import Client

from registry import clock
from registry.models import Record
from tests.registry import items
from tests.registry.public_pages import day, publish, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def register(commitment):
    publish(
        "2026-01-07",
        items.signatory("S-00002", legal_name="Fenlock Engineering Ltd"),
        items.commitment("C-00002", signatory="S-00002", title="Pay suppliers in 30 days"),
        items.commitment("C-00003", title="Trees for the ward", area_codes=["E05011121"]),
    )


def matching_keys(reader: Client, query: str) -> set[str]:
    return set(re.findall(r"C-\d{5}", read(reader, f"/commitments?{query}", "2026-01-08")))


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("", {"C-00001", "C-00002", "C-00003"}),
        ("q=record+payroll", {"C-00001", "C-00002", "C-00003"}),
        ("q=twentieth+OR+twenty", {"C-00001"}),
        ("q=twentty", {"C-00001"}),
        ("q=apprenticeships+zebra", {"C-00001", "C-00002", "C-00003"}),
        ("q=-twenty", {"C-00001"}),
        ("q=fenlock", {"C-00002"}),
        ("q=Aston", {"C-00003"}),
        ("q=c-oooo2", {"C-00002"}),
        ("q=nothing+like+it", set()),
        ("signatory=S-00002", {"C-00002"}),
        ("signatory=S-00001&signatory=S-00002", {"C-00001", "C-00002", "C-00003"}),
        ("area=E08000025", {"C-00003"}),
        ("delivery=on_track", set()),
        ("reporting=up_to_date&signatory=S-00001", {"C-00001", "C-00003"}),
        ("weakened=true", set()),
    ],
)
def test_reader_finds_commitments_by_words_and_filters(register, reader, query, keys):
    assert matching_keys(reader, query) == keys


def test_number_of_matches_is_announced_as_a_sentence(register, reader):
    body = reader.get("/commitments?q=fenlock").content.decode()
    assert 'role="status" aria-live="polite">1 commitment.<' in body
    assert "No commitment fits." in read(reader, "/commitments?q=zebra")


def test_filter_in_use_can_be_removed(register, reader):
    body = reader.get("/commitments?q=pay&signatory=S-00002&before=9.9").content.decode()
    assert 'href="/commitments?q=pay"><span class="govuk-visually-hidden">Remove' in body
    assert "Fenlock Engineering Ltd <span" in body
    assert 'href="/commitments.csv?q=pay&amp;signatory=S-00002"' in body


def test_register_list_shows_every_commitment_once(commitment, reader):
    publish("2026-02-01", *[items.commitment(f"C-1{number:04}") for number in range(60)])
    address, keys = "/commitments", []
    while address:
        body = reader.get(address).content.decode()
        keys += re.findall(r'href="/commitments/(C-\w+)"', body)
        next_link = re.search(r'href="([^"]+)" rel="next"', body)
        address = next_link[1].replace("&amp;", "&") if next_link else ""
    assert len(keys) == 61
    assert set(keys) == set(Record.objects.of_kind("commitment").values_list("key", flat=True))


@pytest.mark.parametrize(
    "sort", ["newest", "due", "heard", "relevance&q=apprenticeships", "size&measure=M-00001"]
)
def test_every_sort_order_shows_every_commitment_once(commitment, reader, sort):
    publish(
        "2026-02-01",
        *[items.commitment(f"C-1{n:04}", title=f"{n % 3} trees") for n in range(30)],
        *[replace(items.period(n % 3 + 1, f"C-1{n:04}"), key=f"P-1{n:04}") for n in range(20)],
    )
    address, keys = f"/commitments?sort={sort}", []
    while address:
        body = reader.get(address).content.decode()
        keys += re.findall(r'href="/commitments/(C-\w+)"', body)
        next_link = re.search(r'href="([^"]+)" rel="next"', body)
        address = next_link[1].replace("&amp;", "&") if next_link else ""
    assert len(keys) == len(set(keys)) == 31


def test_commitments_of_a_measure_are_listed_by_size(register, reader):
    without_number = {"value_type": "narrative", "unit": None, "target": None}
    publish(
        "2026-01-08",
        items.commitment("C-00004", target={"value": "300", "by": "2027-06-30"}),
        items.commitment("C-00005", target={"value": "9", "by": "2027-06-30"}),
        items.commitment("C-00006", **without_number),
    )
    body = reader.get("/commitments?measure=M-00001&sort=size").content.decode()
    order = re.findall(r'href="/commitments/(C-\w+)"', body)
    assert [order[0], *order[-2:]] == ["C-00004", "C-00005", "C-00006"]
    # Amounts of different measures have no order.
    assert "Most promised first" in body
    assert "Most promised first" not in read(reader, "/commitments", "2026-01-08")
    wrong = reader.get("/commitments?measure=M-00001&sort=size&before=NaN.1")
    assert wrong.status_code == 400


def test_best_matches_come_first(register, reader):
    publish(
        "2026-01-08",
        items.commitment("C-00004", title="Mentoring", description="Apprenticeships, " * 20),
        items.commitment("C-00005", title="Apprenticeships"),
        items.commitment("C-00006", title="Apprenticeships in Aston"),
        items.commitment("C-00007", title="Mentors for apprenticeships"),
    )
    body = reader.get("/commitments?q=apprenticeships").content.decode()
    order = re.findall(r'href="/commitments/(C-\w+)"', body)
    assert order[:2] == ["C-00005", "C-00006"]
    assert set(order[2:4]) == {"C-00001", "C-00007"}
    body = reader.get("/commitments?q=Fenlock").content.decode()
    assert re.findall(r'href="/commitments/(C-\w+)"', body)[0] == "C-00002"


def test_filter_values_show_their_number_of_matches(register, reader):
    publish("2026-01-08", items.signatory("S-00002", legal_name="Fenlock", size="small"))
    with clock.fixed_at(day("2026-01-09")):
        body = reader.get("/commitments?size=small").content.decode()
    assert ">10 to 49 people (1)</option>" in body
    assert "Brookfield Catering Ltd" not in body
    assert ">2027 (1)</option>" in body
    for query, count in (("size=small", 1), ("due_year=2027", 3), ("nature=output", 3)):
        assert len(matching_keys(reader, query)) == count
    assert matching_keys(reader, "sector=F") == set()


def test_only_signatory_of_a_typed_name_is_chosen_at_once(register, reader):
    response = reader.get("/commitments?signatory_name=fenlok&sort=due")
    assert (response.status_code, response["Location"]) == (
        302,
        "/commitments?sort=due&signatory=S-00002",
    )
    assert reader.get("/commitments?signatory_name=s-oooo2").status_code == 302


def test_several_signatories_of_a_typed_name_are_offered(register, reader):
    publish("2026-01-08", items.signatory("S-00003", legal_name="Fenlock Catering Ltd"))
    address = "/commitments?signatory_name=catering&signatory=S-00002&q=pay"
    body = reader.get(address).content.decode()
    assert re.findall(r'href="([^"]+)">\w+ Catering Ltd</a>', body) == [
        "/commitments?q=pay&amp;signatory=S-00002&amp;signatory=S-00001",
        "/commitments?q=pay&amp;signatory=S-00002&amp;signatory=S-00003",
    ]
    assert 'type="hidden" name="signatory" value="S-00002"' in body
    text = read(reader, "/commitments?signatory_name=zebra")
    assert "No signatories found for “zebra”." in text


def test_form_keeps_every_chosen_signatory(register, reader):
    body = reader.get("/commitments?signatory=S-00001&signatory=S-00002").content.decode()
    for key in ("S-00001", "S-00002"):
        assert f'type="hidden" name="signatory" value="{key}"' in body
    form = body[body.index("<main") :].partition("</form>")[0]
    assert re.findall(r'href="([^"]+)">Remove', form) == [
        "/commitments?signatory=S-00002",
        "/commitments?signatory=S-00001",
    ]
