"""The summary and the full report of a list: dated, with the same figures and every record."""

import re
from collections import Counter

import pytest

from registry.log import publishing
from registry.schema import code_lists
from registry.wording.formatting import count_noun
from tests.registry import items
from tests.registry.open_data import (
    CITY,
    TODAY,
    TODAY_IN_WORDS,
    OpenData,
    base_text,
    counted_as,
    page_body,
    three_signatories,
)
from tests.registry.public_pages import publish, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def register():
    three_signatories()


@pytest.mark.parametrize("query", ["", "?theme=T-00001", f"?area={CITY}", "?signatory=S-00003"])
def test_summary_and_report_match_the_open_data(register, reader, query):
    name, _, value = query.strip("?").partition("=")
    commitments = OpenData(reader).commitments(
        f"/{'places' if name == 'area' else name + 's'}/{value}"
    )
    if name == "signatory":
        commitments = [c for c in commitments if c["signatory"] == value]
    summary, report = (read(reader, f"/{form}{query}", TODAY) for form in ("summary", "report"))
    for words in (summary, report):
        assert f"As at {TODAY_IN_WORDS}, entry {publishing.head().number} of the register" in words
        assert f"{base_text(commitments)} on {TODAY_IN_WORDS}: " in words
        for state, count in Counter(map(counted_as, commitments)).items():
            assert f"{count} {code_lists.COUNTED_DELIVERIES[state].lower()}" in words
        open_counts = Counter(c["reporting"] for c in commitments if c["record_status"] == "live")
        assert f" open. Reporting on {TODAY_IN_WORDS}: " in words
        for state, count in open_counts.items():
            assert f"{count} {code_lists.Reporting.label_of(state).lower()}" in words
        weakened = sum(bool(c["weakenings"]) for c in commitments)
        total = count_noun(len(commitments), "commitment")
        assert f"{weakened} of {total} had been weakened by {TODAY_IN_WORDS}." in words
        figures = OpenData(reader).totals(commitments)
        for label, value, base in figures:
            if label == "Promised":
                assert base in words
            if base.startswith("Starting point"):
                share, _, proof = value.partition(" ")
                target = base.rpartition(" ")[2]
                is_reported = share.endswith("%")
                assert (f"{share} (target {target}), {proof}" in words) is is_reported
            elif label == "First promised":
                assert f"first promised: {value}" in words
            else:
                assert value in words
    assert all(c["key"] in report for c in commitments)
    assert (
        summary.partition("Only the same measure")[0].partition("Promised and delivered")[2]
        in report
    )


@pytest.mark.parametrize("query", ["", "?theme=T-00001", "?q=C-00001"])
def test_summary_and_report_say_that_there_are_more_successes(register, reader, monkeypatch, query):
    publish(TODAY, items.success())
    summary, report = (read(reader, f"/{form}{query}", TODAY) for form in ("summary", "report"))
    assert "At least" not in summary
    assert "Every success, oldest first" in report
    monkeypatch.setattr("registry.website.reports.MOST_ADDED", 1)
    summary, report = (read(reader, f"/{form}{query}", TODAY) for form in ("summary", "report"))
    assert "At least 1 success published." in summary
    assert "At least 1 success published." in report
    assert "The newest successes, oldest first" in report


def test_full_report_continues_on_further_pages_without_gaps(register, reader, monkeypatch):
    monkeypatch.setattr("registry.website.reports.ROWS", 4)
    address, keys = "/report", []
    while address:
        body = page_body(reader, address)
        keys += re.findall(r'href="/commitments/(C-\w+)"', body)
        next_link = re.search(r'href="([^"]+)" rel="next"', body)
        address = next_link[1] if next_link else ""
    assert len(keys) == len(set(keys))
    assert set(keys) == {c["key"] for c in OpenData(reader).lists["commitments"]}
