"""Readers find a place by name, postcode, map or neighbour, and read its page."""

import math
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from registry.reference_data import places
from registry.website import maps
from tests.registry import items
from tests.registry.test_website import publish, read

pytestmark = pytest.mark.django_db
ASTON, LADYWOOD, LOZELLS, CITY = "E05011121", "E05011151", "E05011153", "E08000025"


@pytest.fixture(autouse=True)
def reader():
    return Client()


@pytest.fixture
def register():
    """Publish commitments for two wards, for the city and for another ward; the last is overdue."""
    publish(
        "2026-01-05",
        *items.small_register()[:4],
        items.commitment("C-00001", area_codes=[ASTON, LOZELLS]),
        items.commitment("C-00002", area_codes=[CITY], title="Trees for the city"),
        items.commitment("C-00003", area_codes=[LADYWOOD], title="Jobs in Ladywood"),
        items.period(1, "C-00003", requested_on=["2026-04-07"]),
    )


def postcode_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "postcodes.csv"
    path.write_text(text, encoding="utf-8-sig")
    return path


@pytest.fixture
def postcodes(tmp_path):
    """Load lines like those of the ONS directory: one postcode has ended, one is in London."""
    lines = [
        "pcd,pcds,dointr,doterm,wd25cd",
        f"B1 1BB,B1 1BB,198001,,{LADYWOOD}",
        f"B6 4AA,B6 4AA,198001,199805,{ASTON}",
        "SW1A2AA,SW1A 2AA,198001,,E05013806",
    ]
    call_command("load_postcodes", postcode_file(tmp_path, "\n".join(lines)))


@pytest.mark.parametrize("text", ["B1 1BB", "b11bb", " B1  1bb "])
def test_postcode_leads_to_its_ward(postcodes, reader, text):
    assert reader.get("/places", {"q": text}).url == f"/places/{LADYWOOD}"


def test_register_search_accepts_a_postcode(postcodes, reader):
    page = reader.get("/commitments", {"q": "b1 1bb"}, follow=True)
    assert page.redirect_chain[-1][0] == f"/places/{LADYWOOD}"


def test_ended_or_distant_postcode_matches_no_ward(postcodes, reader):
    for postcode in ("B6 4AA", "SW1A 2AA"):
        page = reader.get("/places", {"q": postcode}).text
        assert f"{postcode} is in none of the wards that this register lists." in page


def test_postcode_search_without_a_postcode_file_is_explained(reader):
    page = reader.get("/places", {"q": "b11bb"}).text
    assert "no list of postcodes yet, so it cannot tell the ward of B1 1BB" in page


def test_postcode_file_replaces_the_last_unless_it_is_unusable(postcodes, reader, tmp_path):
    with pytest.raises(CommandError, match="needs a column"):
        call_command("load_postcodes", postcode_file(tmp_path, "name,place\nB1 1BB,Ladywood\n"))
    with pytest.raises(CommandError, match="no postcode of a ward"):
        call_command("load_postcodes", postcode_file(tmp_path, "pcds,ward\nSW1A 2AA,E05013806\n"))
    with pytest.raises(CommandError):
        call_command("load_postcodes", tmp_path / "nothing.csv")
    assert reader.get("/places", {"q": "B1 1BB"}).status_code == 302
    call_command("load_postcodes", postcode_file(tmp_path, f"pcds,ward\nB6 4BB,{ASTON}\n"))
    assert reader.get("/places", {"q": "B1 1BB"}).status_code == 200
    assert reader.get("/places", {"q": "B6 4BB"}).url == f"/places/{ASTON}"


def test_place_name_in_any_spelling_leads_to_the_place(reader):
    assert reader.get("/places", {"q": "aston"}).url == f"/places/{ASTON}"
    assert reader.get("/places", {"q": "bordesley and highgate"}).status_code == 302
    page = reader.get("/places", {"q": "kings"}).text
    assert "King&#x27;s Norton North" in page
    assert "King&#x27;s Norton South" in page
    assert "No place is called so." in reader.get("/places", {"q": "Atlantis"}).text
    assert "/places/E14001096" in reader.get("/places", {"q": "Ladywood"}).text


def test_ward_page_links_to_wider_places_and_neighbours(register, reader):
    page = reader.get(f"/places/{LADYWOOD}").text
    for code in (CITY, "E47000007"):
        assert f'href="/places/{code}"' in page
    neighbours = page.partition('id="neighbours"')[2].partition("<ul")[2].partition("</ul>")[0]
    assert "Edgbaston" in neighbours
    assert "Aston</a>" not in neighbours
    assert 'id="neighbours"' not in reader.get(f"/places/{CITY}").text


def test_every_ward_has_neighbours_and_they_are_mutual():
    wards = [place for place in places.all_places().values() if place.level == "ward"]
    assert set(places.ward_boundaries()) == {ward.code for ward in wards}
    for ward in wards:
        neighbours = places.neighbouring_wards(ward.code)
        assert neighbours, ward
        assert all(ward in places.neighbouring_wards(other.code) for other in neighbours)


def test_wards_fill_the_map_without_overlap():
    """Each line of a ward is a neighbour's line in reverse, or part of the city's border."""
    lines = {line for ring in places.ward_boundaries().values() for line in places.lines_of(ring)}
    border = dict(line for line in lines if line[::-1] not in lines)
    path = [next(iter(border))]
    while (point := border[path[-1]]) != path[0]:
        path.append(point)
    assert len(path) == len(border), "the border is not one closed line"
    assert math.isclose(maps.city_drawing(CITY).height, 1230, rel_tol=0.1)


def test_map_and_table_show_the_commitments_of_each_ward(register, reader):
    page = read(reader, f"/places/{CITY}", "2026-05-02")
    assert "Aston: 1" in page
    assert "Ladywood: 1" in page
    assert "1 of 1 not heard from in time" in page
    late_map = read(reader, "/places?show=behind", "2026-05-02")
    assert "Ladywood: 1" in late_map
    assert "Aston: 1" not in late_map
    assert "Ladywood: 1" in read(reader, "/places?show=promised", "2026-05-02")


def test_commitment_counts_once_per_place_and_not_in_smaller_places(register, reader):
    assert "3 commitments by 1 signatory" in read(reader, f"/places/{CITY}")
    for code in (ASTON, LOZELLS):
        page = read(reader, f"/places/{code}")
        assert "1 commitment by 1 signatory" in page
        local, _, wider = page.partition("Promised for a wider area")
        assert "Trees for the city" in wider
        assert "Trees for the city" not in local


def test_highest_count_is_darkest_and_each_shade_has_a_range():
    count_map = maps.count_map(CITY, {ASTON: 1, LADYWOOD: 9})
    shades = {ward["code"]: ward["shade"] for ward in count_map["wards"]}
    assert (shades[ASTON], shades[LADYWOOD], shades[LOZELLS]) == (2, 4, 0)
    assert count_map["legend"] == [(2, "1 to 3"), (3, "4 to 6"), (4, "7 to 9")]
    assert maps.count_map(CITY, {ASTON: 1})["legend"] == [(4, "1")]
    assert maps.count_map("E08000026", {}) is None
