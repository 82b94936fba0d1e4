"""Badges, blocks, citations and cards for other sites, and the pages that explain them."""

import gzip
import re
import xml.etree.ElementTree as ElementTree
from functools import cache
from pathlib import Path

import pytest
from django.test import Client

from registry import clock
from registry.log import publishing
from registry.website.audiences import AUDIENCES
from tests.registry import items
from tests.registry.public_pages import day, publish, read
from tests.registry.test_website import ADDRESSES

pytestmark = pytest.mark.django_db

STATIC = Path(__file__).parents[2] / "registry" / "static" / "register"


def badge_text(reader: Client, on: str = "2026-04-04") -> str:
    with clock.fixed_at(day(on)):
        response = reader.get("/badges/C-00001.svg")
    assert response["Content-Type"] == "image/svg+xml"
    assert not response.cookies
    image = ElementTree.fromstring(response.content)  # noqa: S314 - we wrote it ourselves
    return " ".join(" ".join(image.itertext()).split())


def test_badge_shows_commitment_delivery_and_date_and_stays_current(commitment, reader):
    words = badge_text(reader)
    assert "Brookfield Catering Ltd promised: Twenty apprenticeships. Not started: " in words
    assert "4 April 2026" in words
    publish("2026-04-03", items.update(cumulative_value="14"))
    assert "On track, as reported on 28 March 2026: 14 of 20, self-reported" in badge_text(reader)
    assert "5 April 2026" in badge_text(reader, "2026-04-05")


def test_long_or_unusual_titles_fit_into_the_badge(commitment, reader):
    title = "Pay & train <everyone> " * 12
    publish("2026-01-06", items.commitment(action="correct", title=title, change_reason="More."))
    lines = re.findall(
        r'<text[^>]*font-size="16"[^>]*>(.*?)</text>',
        reader.get("/badges/C-00001.svg").content.decode(),
    )
    assert len(lines) == 3
    assert lines[2].endswith("…")
    assert badge_text(reader)


def test_badge_has_its_bar_and_a_grey_ground_once_nothing_recent_is_known(commitment, reader):
    received = items.period(received_on="2026-03-28", update="U-00001")
    publish("2026-04-03", items.update(cumulative_value="14"), received)
    with clock.fixed_at(day("2026-04-04")):
        drawn = reader.get("/badges/C-00001.svg").text
    assert 'class="way__done way__done--on_track"' in drawn
    assert 'class="ground"' in drawn
    with clock.fixed_at(day("2027-09-01")):
        drawn = reader.get("/badges/C-00001.svg").text
    assert 'class="way__stripes ' in drawn
    assert 'class="ground ground--old"' in drawn


def test_badge_shows_a_withdrawn_commitment_as_withdrawn(commitment, reader):
    publish("2026-02-01", items.commitment(action="withdraw", change_reason="Lost."))
    assert "Withdrawn" in badge_text(reader)


def test_badge_and_block_of_a_redacted_record_hide_its_text(commitment, reader):
    publishing.redact([4, 5], reason_code="personal_data")
    assert "The text of this record was removed" in badge_text(reader)
    for key in ("C-00001", "S-00001"):
        block = reader.get(f"/embedded/{key}").text
        assert "The text of this record was removed" in block
        assert "Brookfield" not in block


@pytest.mark.parametrize("key", ["C-99999", "S-99999", "E99999999", "M-00001", "A-00001", "x"])
def test_unknown_key_has_no_badge(commitment, reader, key):
    for address in (f"/badges/{key}.svg", f"/embedded/{key}"):
        assert reader.get(address).status_code == 404


@pytest.mark.parametrize(
    ("key", "above", "title"),
    [
        ("S-00001", "In the Charter Register", "Brookfield Catering Ltd"),
        ("T-00001", "Promised under", "Local Employment"),
        ("E05011121", "Promised for", "Aston"),
        ("E08000025", "Promised for", "Birmingham"),
    ],
)
def test_signatory_theme_and_place_have_a_badge_and_a_block(commitment, reader, key, above, title):
    publish("2026-01-06", items.commitment("C-00002", area_codes=["E05011121"]))
    image = reader.get(f"/badges/{key}.svg").text
    assert above in image
    number = "1 commitment: not started" if above == "Promised for" else "2 commitments: 2 not"
    assert number in image
    assert title in image
    assert "not started" in image
    block = reader.get(f"/embedded/{key}").text
    assert title in block
    assert "not started" in block
    assert f"/badges/{key}.svg" in reader.get(f"/badge?key={key.lower()}").text


def test_badge_shows_an_unreachable_signatory(commitment, reader):
    publish("2026-02-01", items.signatory(unreachable_since="2026-02-01"))
    assert "Unreachable since 1 February 2026. Not started" in badge_text(reader)
    assert "1 commitment is unreachable" in reader.get("/badges/S-00001.svg").text


def test_only_the_block_can_be_framed_by_another_site(commitment, reader):
    block = reader.get("/embedded/C-00001")
    assert "X-Frame-Options" not in block
    assert "frame-ancestors *" in block["Content-Security-Policy"]
    assert "default-src" in block["Content-Security-Policy"]
    assert b"<script" not in block.content
    assert not block.cookies
    page = reader.get("/commitments/C-00001")
    assert page["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]


def test_badge_builder_offers_code_to_copy(commitment, reader):
    words = reader.get("/badge?key=c-00001").content.decode()
    assert "&lt;a href=" in words
    assert "/badges/C-00001.svg&quot;" in words or '/badges/C-00001.svg"' in words
    assert "&lt;iframe src=" in reader.get("/badge?key=C-00001&what=block").content.decode()
    assert "Enter a reference from this register" in read(reader, "/badge?key=C-99999")
    assert "Copy the code" not in read(reader, "/badge")


def test_page_explains_how_to_cite_and_share_a_record(commitment, reader):
    body = reader.get("/commitments/C-00001").content.decode()
    assert '<meta property="og:title" content="“Twenty apprenticeships”">' in body
    assert "/id/C-00001" in body
    assert 'type="application/atom+xml"' in body
    words = read(reader, "/commitments/C-00001")
    cited = "/commitments/C-00001?as_of=6&amp;day=2026-01-06"
    assert "To cite: Charter Register, C-00001 as of entry 6 on 6 January 2026, " in words
    assert f"http://localhost:8000{cited} , Open Government Licence v3.0." in words


@pytest.mark.parametrize("name", AUDIENCES)
def test_each_audience_page_has_duties_benefits_and_a_first_step(reader, name):
    body = reader.get(f"/for/{name}").content.decode()
    for heading in ("What we ask of you", "What you get", "First steps"):
        assert heading in body
    assert reader.get("/for/nobody").status_code == 404


def test_methods_page_lists_every_theme_even_without_a_heading(commitment, reader):
    publish(
        "2026-01-06",
        publishing.NewEntry(
            "theme",
            "T-00002",
            "publish",
            items.theme().content | {"code": "new", "title": "New Theme"},
        ),
    )
    words = read(reader, "/methods")
    assert "Economic Local Employment" in words
    assert "Not filed yet: New Theme ." in words or "Not filed yet: New Theme." in words


def page_size(reader: Client, address: str) -> int:
    """Return the size of a compressed page in bytes."""
    response = reader.get(address, headers={"Accept-Encoding": "gzip, br"})
    content = response.content
    if response.get("Content-Encoding") == "gzip":
        assert response["ETag"].startswith("W/")
        assert gzip.decompress(content) == reader.get(address).content
    return len(content)


def static_files(text: str) -> set[str]:
    """Return the static files in a page or a style sheet, without fonts for other languages."""
    names = re.findall(r"(?:/static/register/|url\(\"?)([\w./-]+\.\w+)", text)
    return {name for name in names if "-latin-ext-" not in name}


@cache
def file_size(name: str) -> int:
    content = (STATIC / name).read_bytes()
    return len(content) if name.endswith(".woff2") else len(gzip.compress(content))


def test_every_page_is_light_on_first_and_later_visits(commitment, reader):
    publish("2026-01-05", items.update(), items.success())
    fonts = static_files((STATIC / "register.css").read_text())
    assert len(fonts) == 2
    for address in ADDRESSES:
        if address.startswith("/docs/"):  # a file to download, not a page
            continue
        files = static_files(reader.get(address).content.decode())
        if "start.js" in files:
            files |= fonts
        size = page_size(reader, address)
        assert size < 20_000, address
        assert size + sum(file_size(name) for name in files) < 100_000, address


def test_audience_pages_show_numbers_of_theirs_with_what_these_are_of(commitment, reader):
    publish("2026-02-01", items.commitment("C-00002", area_codes=["E05011121"]))
    publish("2026-04-03", items.update(self_assessment="met", cumulative_value="20"))
    assert "1 of 2 commitments met so far" in read(reader, "/for/buyers", "2026-04-04")
    assert "1 of 2 commitments for a named place" in read(reader, "/for/residents", "2026-04-04")
    late = "0 of 2 open commitments with an update not received"
    assert late in read(reader, "/for/councillors", "2026-04-04")


def test_buyer_opens_the_statement_of_a_reference_or_reads_what_is_wrong(commitment, reader):
    answer = reader.get("/for/buyers?reference=s-00001")
    assert answer["Location"] == "/signatories/S-00001/statement"
    body = reader.get("/for/buyers?reference=S-99999").content.decode()
    assert "No signatory or commitment has this reference." in body
    assert 'value="S-99999"' in body


def test_councillor_prints_a_sheet_of_their_ward(commitment, reader):
    body = reader.get("/for/councillors").content.decode()
    assert 'action="/summary"' in body
    assert '<option value="E05011121">Aston</option>' in body
