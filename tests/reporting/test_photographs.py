"""Photographs that may be shown are on pages in several sizes, and go with their evidence."""

import re
import struct
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from registry import evidence
from registry.log import verifying
from registry.models import Record
from registry.photograph_sizes import size_names
from reporting.actions import featured_records, successes
from reporting.evidence.cleaning import clean_file
from reporting.evidence.files import evidence_fields
from reporting.evidence.packing import pack_file, unpack_file
from reporting.models import Success
from reporting.redaction import actions as redactions
from reporting.redaction import search as redaction_search
from tests import factories
from tests.reporting import scenarios, uploads
from tests.reporting.scenarios import on
from tests.visitors import signed_in

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)
ALT = "Fifteen oak benches at a school gate"


def photograph(**changes):
    """Return the fields of a photograph as its form gives them."""
    clean = clean_file(uploads.picture(size=(1200, 900), exif=uploads.gps()))
    piece = {
        "reference": "44444444-4444-4444-8444-444444444444", "kind": "photograph",
        "title": "The benches", "alt_text": ALT, "may_be_shown": True, "sizes": clean.sizes,
    }  # fmt: skip
    return piece | evidence_fields(clean, piece["reference"]) | changes


@pytest.fixture
def commitment():
    return scenarios.commitment()


@pytest.fixture
def update(commitment):
    with on(DUE):
        return scenarios.published_update(commitment, evidence=[photograph()])


@pytest.fixture
def success(commitment):
    with on(DUE):
        success = successes.save_draft(
            commitment, by=factories.asha(), title="Somewhere to sit", story="Families talk.",
            happened_from=DUE, people_consent="none_identifiable", evidence=[photograph()],
        )  # fmt: skip
        factories.submit(success, by=factories.asha())
        return factories.publish(success, by=factories.officer())


def shown_addresses(text):
    """Return the addresses of all sizes of the photographs on a page."""
    return re.findall(r"(/evidence/[^ \"]+/[a-z]+\.(?:webp|jpg))", text)


def read(address):
    response = Client().get(address)
    return response.status_code, response.headers, response.content


def webp_size(content):
    """Return width and height as a WebP file of its simple kind says, without an image library."""
    assert (content[:4], content[8:16]) == (b"RIFF", b"WEBPVP8 ")
    width, height = struct.unpack("<HH", content[26:30])
    return width & 0x3FFF, height & 0x3FFF


def jpeg_size(content):
    [frame] = re.findall(rb"\xff[\xc0\xc2]\0\x11\x08(.{4})", content, re.S)
    return struct.unpack(">HH", frame)[::-1]


def test_photograph_of_an_update_is_on_its_pages_with_words_size_and_smaller_files(update):
    for address in (f"/commitments/{update.commitment.key}", f"/updates/{update.key}"):
        page = Client().get(address).text
        assert f'alt="{ALT}" width="960" height="720" loading="lazy"' in page
        addresses = shown_addresses(page)
        assert [address.rpartition("/")[2] for address in addresses] == [
            "small.webp", "medium.webp", "large.webp", "medium.jpg",
        ]  # fmt: skip
    answers = [read(address) for address in addresses]
    assert {(status, headers["Cache-Control"]) for status, headers, _ in answers} == {
        (200, "public, no-cache")
    }
    types = ["image/webp"] * 3 + ["image/jpeg"]
    assert [headers["Content-Type"] for _, headers, _ in answers] == types
    contents = [content for _, _, content in answers]
    assert [webp_size(content) for content in contents[:3]] == [(480, 360), (960, 720), (1200, 900)]
    assert jpeg_size(contents[3]) == (960, 720)
    # Neither is there a word of the camera, nor where it was.
    assert not any(part in content for content in contents for part in (b"EXIF", b"Exif", b"GPS"))


def test_reader_who_has_a_photograph_does_not_get_it_again(update):
    address = shown_addresses(Client().get(f"/updates/{update.key}").text)[0]
    etag = Client().get(address)["ETag"]
    again = Client().get(address, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_success_with_a_photograph_is_a_card_on_home_list_and_commitment(success, commitment):
    for address in (
        "/",
        "/successes",
        f"/commitments/{commitment.key}",
        f"/successes/{success.key}",
    ):
        page = Client().get(address).text
        assert f'alt="{ALT}"' in page, address
        assert shown_addresses(page)[0] == (
            f"/evidence/{success.key}/{photograph()['reference']}/small.webp"
        )
    # What came of the commitment is said as everywhere.
    assert "no progress reported yet" in Client().get("/successes").text


def test_featured_success_is_marked_and_on_top(success, commitment):
    with on(DUE):
        newer = successes.save_draft(
            commitment, by=factories.asha(), title="The newer one", story="It is newer.",
            happened_from=DUE, people_consent="none_identifiable",
        )  # fmt: skip
        factories.submit(newer, by=factories.asha())
        factories.publish(newer, by=factories.officer())
        page = Client().get("/successes").text
        assert page.index("The newer one") < page.index("Somewhere to sit")
        featured_records.feature_record(success, by=factories.officer(), why="Anyone can copy it.")
        page = Client().get("/successes").text
        assert page.index("Somewhere to sit") < page.index("The newer one")
        assert "Featured by the council" in page
        assert "Anyone can copy it." in page
        assert page.count(">Somewhere to sit<") == 1
        # Filters and later pages show the list alone, with its marks.
        found = Client().get("/successes?q=sit").text
        assert found.count("Featured by the council") == 1


def test_photograph_without_the_statement_is_not_shown(commitment):
    with on(DUE):
        update = scenarios.published_update(
            commitment, evidence=[photograph(may_be_shown=False, sizes={})]
        )
    page = Client().get(f"/updates/{update.key}").text
    assert not shown_addresses(page)
    assert f'In the picture: <span class="said">“{ALT}”' in page
    reference = update.evidence.get().reference
    assert read(f"/evidence/{update.key}/{reference}/small.webp")[0] == 404


def test_statement_is_asked_kept_and_published(commitment):
    with on(DUE):
        client, address = signed_in(factories.asha()), f"/{commitment.key}/success"
        form = client.get(address).context["form"]
        fields = {name: form[name].value() for name in form.fields if form[name].value()} | {
            "success_title": "Somewhere to sit", "success_story": "Families talk.",
            "success_on": "1/6/2026", "success_consent": "none_identifiable",
            "evidence_title": "The benches", "evidence_kind": "photograph",
            "evidence_alt_text": ALT,
        }  # fmt: skip

        def upload():
            return SimpleUploadedFile("benches.jpg", uploads.picture(size=(1200, 900)))

        refused = client.post(address, fields | {"evidence_file": upload()})
        assert "Confirm that you may publish the photograph" in refused.text
        assert not Success.objects.exists()
        sent = fields | {"evidence_file": upload(), "evidence_may_be_shown": "on"}
        assert client.post(address, sent).status_code == 302
        success = factories.publish(Success.objects.get(), by=factories.officer())
    [piece] = Record.objects.get(pk=success.key).item["evidence"]
    assert piece["may_be_shown"] is True
    assert (piece["file"]["width"], piece["file"]["height"]) == (1200, 900)
    assert shown_addresses(Client().get(f"/successes/{success.key}").text)


def test_redacted_photograph_is_gone_everywhere_at_once_with_all_its_sizes(
    update, django_capture_on_commit_callbacks
):
    piece = update.evidence.get()
    addresses = shown_addresses(Client().get(f"/updates/{update.key}").text)
    stored = [name for name in evidence_names(piece) if evidence.file_storage().exists(name)]
    assert len(stored) == 5
    with on(DUE), django_capture_on_commit_callbacks(execute=True):
        officer, references = factories.administrator(), [str(piece.reference)]
        findings = redaction_search.find_passages([], references, user=officer)
        redactions.redact(
            [], references, by=officer, reason_code="personal_data", seen_digest=findings.digest
        )
    for address in (f"/commitments/{update.commitment.key}", f"/updates/{update.key}"):
        page = Client().get(address).text
        assert ALT not in page
        assert not shown_addresses(page)
    assert {read(address)[0] for address in addresses} == {404}
    assert not any(evidence.file_storage().exists(name) for name in stored)


def evidence_names(piece):
    return [str(piece.file), *size_names(str(piece.file)).values()]


def test_verification_names_a_size_that_is_missing(update):
    assert verifying.verify() == []
    missing = evidence_names(update.evidence.get())[1]
    evidence.file_storage().delete(missing)
    assert [str(fault) for fault in verifying.verify() if missing in str(fault)]


def test_narrow_transparent_picture_is_never_enlarged_and_white_for_old_browsers():
    clean = clean_file(uploads.picture("PNG", size=(300, 5000), mode="RGBA"))
    assert set(clean.sizes) == {"small.webp", "medium.jpg"}
    assert jpeg_size(clean.sizes["medium.jpg"]) == (300, 5000)
    assert unpack_file(pack_file(clean)) == clean
