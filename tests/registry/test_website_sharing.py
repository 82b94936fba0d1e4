"""A shared page shows a picture with its headline, and every page has a description."""

import io
import re
from html import unescape
from urllib.parse import urlsplit

import pytest
from PIL import Image

from registry import clock
from registry.website.card_drawing import BOTTOM, HEIGHT, ROOM, card_png, draw_card
from registry.website.sharing_cards import Sentence, SharingCard
from tests.registry import items
from tests.registry.public_pages import day, publish
from tests.registry.test_website import ADDRESSES

pytestmark = pytest.mark.django_db
MOST_BYTES = 100_000


@pytest.fixture
def world(commitment):
    publish("2026-02-01", items.update(), items.success())
    with clock.fixed_at(day("2026-03-01")):
        yield


def shared_as(text):
    """Return what a page says of itself to others, by name."""
    pattern = r'<meta (?:name="description" )?(?:property|name)="([^"]+)" content="([^"]*)">'
    return {name: unescape(content) for name, content in re.findall(pattern, text)}


def read_picture(reader, about):
    response = reader.get(f"/sharing/{about}.png")
    assert response["Content-Type"] == "image/png"
    assert len(response.content) < MOST_BYTES
    return Image.open(io.BytesIO(response.content))


def test_every_page_has_a_description_and_a_picture(world, reader):
    pictures, descriptions = set(), {}
    for address in ADDRESSES:
        response = reader.get(address)
        if "html" not in response["Content-Type"] or address.startswith("/embedded"):
            continue
        shared = shared_as(response.text)
        assert shared["twitter:card"] == "summary_large_image", address
        assert len(shared["og:description"]) > 15, address
        assert shared["og:image:alt"].startswith(shared["og:title"]), address
        pictures.add(urlsplit(shared["og:image"]).path)
        descriptions[urlsplit(address).path] = shared["og:description"]
    assert len({*descriptions.values()}) > 25
    assert "/sharing/C-00001.png" in pictures
    for picture in pictures:
        assert reader.get(picture).status_code == 200, picture


def test_picture_has_the_size_that_other_sites_expect(world, reader):
    for about in ("home", "C-00001", "S-00001", "T-00001", "M-00001", "W-00001", "E08000025"):
        picture = read_picture(reader, about)
        assert (picture.format, picture.size) == ("PNG", (1200, 630)), about


def test_picture_is_striped_on_grey_ground_once_nothing_recent_is_known(world, reader):
    def ground_of(on):
        with clock.fixed_at(day(on)):
            return read_picture(reader, "C-00001").convert("RGB").getpixel((600, 8))

    assert ground_of("2026-03-01") == (255, 254, 251)
    assert ground_of("2027-09-01") == (238, 235, 226)


def test_unknown_picture_is_not_found(world, reader):
    for about in ("C-99999", "privacy", "U-00001", "E99999999", "..%2Fhome"):
        assert reader.get(f"/sharing/{about}.png").status_code == 404, about


def test_everything_fits_however_long_it_is():
    long = "Unabhängigkeitsbewegung für Łódź und Őrség " * 8
    warnings = [Sentence(f"Warning {number}: {long[:120]}") for number in range(5)]
    for figure in ("", "1,234,567.89 of 9,999,999.99 kilogrammes of food"):
        card = SharingCard("Ethical Procurement", long, True, long[:90], figure, warnings)
        lines = draw_card(card).lines
        assert lines[0].text.startswith("Unabh")
        tops = [(line.y - line.size * 0.8, line.y) for line in lines]
        assert all(top >= bottom for (_, bottom), (top, _) in zip(tops, tops[1:], strict=False))
        assert tops[-1][1] <= BOTTOM < HEIGHT
        picture = Image.open(io.BytesIO(card_png(card))).convert("RGB")
        # Nothing is drawn in the margins.
        margin = picture.crop((1200 - (1200 - ROOM) // 2 + 5, 100, 1200, 630))
        assert margin.getcolors() == [(margin.width * margin.height, (255, 254, 251))]


def test_letters_of_central_europe_are_drawn():
    def drawn(title):
        return card_png(SharingCard("", title, True, "", "", []))

    missing = drawn("\u0378")
    assert len({drawn(letter) for letter in "ŁőżßÆœ"} | {missing}) == 7
