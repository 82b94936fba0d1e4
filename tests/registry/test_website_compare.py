"""Signatories and commitments that a reader collects in the address, and compares."""

import csv

import pytest

from registry.log import publishing
from registry.models import Entry
from tests.registry.open_data import TODAY, page_body, three_signatories
from tests.registry.public_pages import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def register():
    three_signatories()


def test_collected_signatories_are_compared_over_all_measures_they_share(register, reader):
    words = read(reader, "/compare?compare=S-00001.S-00002", TODAY)
    assert "Organisation 1" in words
    shared, others = words.split("Measures they do not share")[0], words
    # Both have commitments of the first, the second and the third measure.
    for measure in ("M-00001", "M-00002", "M-00003"):
        assert f'id="{measure}"' in page_body(reader, "/compare?compare=S-00001.S-00002")
    assert "Organisation 3" not in shared
    assert "Measures they do not share" not in others


def test_names_are_found_and_added_to_the_address(register, reader):
    body = page_body(reader, "/compare?compare=S-00001&add=Organisation+2")
    assert 'href="/compare?compare=S-00001.S-00002"' in body
    assert "Nothing found for “zebra”" in read(reader, "/compare?add=zebra", TODAY)


def test_each_of_the_collected_can_be_taken_out_again(register, reader):
    body = page_body(reader, "/compare?compare=S-00001.C-00003")
    assert 'href="/compare?compare=C-00003"' in body
    assert 'href="/compare?compare=S-00001"' in body


def test_list_of_signatories_keeps_what_was_collected(register, reader):
    body = page_body(reader, "/signatories?compare=S-00001")
    assert 'href="/compare?compare=S-00001.S-00002"' in body
    assert 'href="/compare?compare=S-00001.S-00001"' not in body
    assert 'name="compare" value="S-00001"' in body
    assert "Add to comparison" not in page_body(reader, "/signatories")


def test_collected_commitments_are_a_file_too(register, reader):
    lines = page_body(reader, "/compare.csv?compare=S-00001.C-00003").splitlines()
    keys = {row["key"] for row in csv.DictReader(lines)}
    assert "C-00003" in keys
    assert {row["signatory"] for row in csv.DictReader(lines)} == {"S-00001", "S-00002"}


@pytest.mark.parametrize("basket", ["T-00001", "x", ".".join(f"S-0000{n}" for n in range(1, 8))])
def test_wrong_or_too_many_references_are_refused(reader, basket):
    answer = reader.get(f"/compare?compare={basket}")
    assert answer.status_code == 400


def test_removed_commitments_are_not_compared(register, reader):
    publishing.redact([Entry.objects.get(key="C-00003").number], reason_code="personal_data")
    assert "C-00003" not in page_body(reader, "/compare.csv?compare=C-00003")
