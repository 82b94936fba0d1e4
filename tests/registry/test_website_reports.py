"""A list in one page and in full: dated, the same figures, every record."""

import re
from collections import Counter

import pytest

from registry.log import publishing
from registry.schema import code_lists
from tests.registry.open_data import (
    CITY,
    TODAY,
    TODAY_IN_WORDS,
    OpenData,
    body_of,
    by,
    three_signatories,
)
from tests.registry.public_pages import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def register():
    three_signatories()


@pytest.mark.parametrize("query", ["", "?theme=T-00001", f"?area={CITY}", "?signatory=S-00003"])
def test_one_page_and_full_report_say_what_the_open_data_says(register, reader, query):
    name, _, value = query.strip("?").partition("=")
    commitments = OpenData(reader).commitments(
        f"/{'places' if name == 'area' else name + 's'}/{value}"
    )
    if name == "signatory":
        commitments = [c for c in commitments if c["signatory"] == value]
    short, whole = (read(reader, f"/{form}{query}", TODAY) for form in ("summary", "report"))
    for words in (short, whole):
        assert f"As at {TODAY_IN_WORDS}, entry {publishing.head().number} of the register" in words
        assert f"{by(commitments)} on {TODAY_IN_WORDS}: " in words
        for state, count in Counter(c["delivery"] for c in commitments).items():
            assert f"{count} {code_lists.DELIVERY[state].lower()}" in words
        running = Counter(c["reporting"] for c in commitments if c["record_status"] == "live")
        assert f"{running.total()} of them " in words
        for state, count in running.items():
            assert f"{count} {code_lists.REPORTING[state].lower()}" in words
        assert f"{sum(bool(c['weakenings']) for c in commitments)} of them promise less" in words
        figures = OpenData(reader).totals(commitments)
        for what, value, behind in figures:
            if what == "Committed":
                assert behind in words
            assert value in words
    assert all(c["key"] in whole for c in commitments)
    assert short.partition("Only the same measure")[0].partition("Committed")[2] in whole


def test_full_report_goes_on_in_parts_without_gaps(register, reader, monkeypatch):
    monkeypatch.setattr("registry.website.reports.ROWS", 4)
    address, seen = "/report", []
    while address:
        body = body_of(reader, address)
        seen += re.findall(r'href="/commitments/(C-\w+)"', body)
        following = re.search(r'href="([^"]+)" rel="next"', body)
        address = following[1] if following else ""
    assert len(seen) == len(set(seen))
    assert set(seen) == {c["key"] for c in OpenData(reader).lists["commitments"]}
