"""Every total on every page, recomputed from the open data as a stranger would do it."""

import csv
import re
from collections import Counter

import pytest

from registry import clock
from registry.schema import code_lists
from tests.registry import items
from tests.registry.open_data import (
    ASTON,
    CITY,
    LOZELLS,
    TODAY,
    TODAY_IN_WORDS,
    OpenData,
    body_of,
    by,
    rows,
    table,
    three_signatories,
    told,
)
from tests.registry.public_pages import day, publish, read

pytestmark = pytest.mark.django_db

PAGES = ["/themes/T-00001", "/themes/T-00002", "/measures/M-00001", "/measures/M-00002",
         "/measures/M-00003", f"/places/{ASTON}", f"/places/{LOZELLS}", f"/places/{CITY}",
         "/places/E47000007"]  # fmt: skip


@pytest.fixture
def register():
    three_signatories()


@pytest.mark.parametrize("address", PAGES)
def test_committed_and_delivered_are_what_the_open_data_says(register, reader, address):
    data = OpenData(reader)
    part = "done" if address.startswith("/places") else "totals"
    assert rows(body_of(reader, address), part) == data.totals(data.commitments(address))


def test_measures_stand_below_their_theme(register, reader):
    data, body = OpenData(reader), body_of(reader, "/statistics/measures")
    for theme in ("T-00001", "T-00002"):
        assert rows(body, theme) == data.totals(data.commitments(f"/themes/{theme}"))
    measured = [
        c for c in data.lists["commitments"]
        if c["record_status"] != "withdrawn" and not c.get("superseded_by")
    ]  # fmt: skip
    number = len({c["measure"] for c in measured})
    assert f"{by(measured)} are counted by {number} measures on {TODAY_IN_WORDS}." in read(
        reader, "/statistics", TODAY
    )


def test_levels_of_proof_and_units_are_never_mixed(register, reader):
    body = body_of(reader, "/statistics/measures")
    shown = [*rows(body, "T-00001"), *rows(body, "T-00002")]
    assert ("Committed", "1,228.5", "4 commitments by 3 signatories") in shown
    assert ("Delivered: evidence linked", "5.5", "2 commitments by 1 signatory") in shown
    assert ("Delivered: said by the business", "150", "1 commitment by 1 signatory") in shown
    assert ("Committed", "£30,000", "1 commitment by 1 signatory") in shown
    assert ("Committed", "Not added up", "2 commitments by 2 signatories") in shown
    words = read(reader, "/statistics/measures", TODAY)
    assert "Percentages of different things are never added: read each commitment." in words
    assert (
        "Not in the totals: 1 commitment withdrawn and 1 commitment replaced by another." in words
    )
    assert "There at the start: 2. Targets and values to date include it." in words
    assert "No figure has been told yet for 1 commitment." in words


@pytest.mark.parametrize("address", PAGES)
def test_sentence_of_a_page_has_denominator_and_date(register, reader, address):
    commitments = OpenData(reader).commitments(address)
    counts = Counter(c["delivery"] for c in commitments)
    words = read(reader, address, TODAY)
    assert f"{by(commitments)} on {TODAY_IN_WORDS}: " in words
    for code, count in counts.items():
        assert f"{count} {code_lists.DELIVERY[code].lower()}" in words


def test_tables_of_the_statistics_are_what_the_open_data_says(register, reader):
    data = OpenData(reader)
    commitments = data.lists["commitments"]
    running = [c for c in commitments if c["record_status"] == "live"]
    of = len(commitments)
    for name, column, labels, whole in (
        ("theme", "theme", {t["key"]: t["title"] for t in data.lists["themes"]}, commitments),
        ("delivery", "delivery", code_lists.DELIVERY, commitments),
        ("reporting", "reporting", code_lists.REPORTING, running),
    ):
        counts = Counter(c[column] for c in whole)
        expected = [(labels[code], f"{n} of {len(whole)}") for code, n in counts.items()]
        assert sorted(table(reader, name)) == sorted(expected)
    ways = Counter(w for c in commitments for w in {way["what"] for way in c["weakenings"]})
    assert table(reader, "weakened") == [
        ("Target lowered", f"{ways['target_lowered']} of {of}"),
        ("Date moved to later", f"{ways['date_later']} of {of}"),
        ("Commitment withdrawn", f"{ways['withdrawn']} of {of}"),
    ]
    due = [p for p in data.lists["periods"] if p["due_on"] <= TODAY]
    states = Counter(p["state"] for p in due)
    assert sorted(table(reader, "answers")) == sorted(
        (code_lists.PERIOD_STATES[state], f"{n} of {len(due)}") for state, n in states.items()
    )
    updates = data.lists["updates"]
    same = sum(u["nothing_changed"] for u in updates)
    assert table(reader, "news") == [
        ("A new figure or words", f"{len(updates) - same} of {len(updates)}"),
        ("Confirmed: nothing has changed", f"{same} of {len(updates)}"),
    ]
    backed = Counter(
        c["progress"]["level_of_proof"]
        for c in commitments
        if c.get("progress") and c["record_status"] != "withdrawn" and not c.get("superseded_by")
    )
    assert table(reader, "level_of_proof") == [
        (label, f"{backed[code]} of {backed.total()}")
        for code, label in code_lists.LEVELS_OF_PROOF.items()
    ]


def test_download_says_the_same_as_the_tables(register, reader):
    lines_of_all = body_of(reader, "/statistics.csv").splitlines()
    lines = list(csv.DictReader(lines_of_all))
    for name in ("theme", "delivery", "reporting", "weakened", "answers", "news"):
        told = [(r["row"], f"{r['value']} of {r['of']}") for r in lines if r["table"] == name]
        assert told == table(reader, name)
        own = body_of(reader, f"/statistics/{name}.csv").splitlines()
        assert own[1:] == [line for line in lines_of_all if line.startswith(f"{name},")]
    committed = [r for r in lines if r["table"] == "committed M-00001"]
    assert [r["value"] for r in committed] == ["1228.5"]
    assert {r["on"] for r in lines} == {TODAY}


def test_place_counts_once_and_lists_wider_commitments_apart(register, reader):
    for code in (ASTON, LOZELLS, CITY):
        body = body_of(reader, f"/places/{code}")
        own, _, wider = body.partition('id="wider"')
        promised = set(re.findall(r'href="/commitments/(C-\w+)"', own))
        assert promised == {c["key"] for c in OpenData(reader).commitments(f"/places/{code}")}
        assert not promised & set(re.findall(r'href="/commitments/(C-\w+)"', wider))
    assert "C-00003" in body_of(reader, f"/places/{ASTON}").partition('id="wider"')[2]
    region = rows(body_of(reader, "/places/E47000007"), "parts")
    assert ("Birmingham", "5 commitments", "1 of 5 not heard from in time") in region
    assert ("Coventry", "1 commitment", "Nobody") in region
    wards = rows(body_of(reader, f"/places/{CITY}"), "parts")
    assert ("Aston", "2 commitments", "1 of 2 not heard from in time") in wards
    assert ("Lozells", "3 commitments", "1 of 3 not heard from in time") in wards


def test_home_and_lists_count_what_the_open_data_counts(register, reader):
    commitments = OpenData(reader).lists["commitments"]
    running = Counter(c["reporting"] for c in commitments if c["record_status"] == "live")
    home = read(reader, "/", TODAY)
    assert f"{by(commitments)}." in home
    assert f"{running.total()} of them are still running: " in home
    for state, count in running.items():
        assert f"{count} {code_lists.REPORTING[state].lower()}" in home
    behind = sum(c["reporting"] in ("overdue", "silent", "unreachable") for c in commitments)
    weakened = sum(bool(c["weakenings"]) for c in commitments)
    assert (
        f"{len(commitments)} commitments, {behind} not heard from in time, {weakened} weakened."
        in read(reader, "/commitments", TODAY)
    )
    for signatory in ("S-00001", "S-00002", "S-00003"):
        own = Counter(c["delivery"] for c in commitments if c["signatory"] == signatory)
        words = read(reader, f"/signatories/{signatory}", TODAY)
        assert f"{own.total()} commitments: " in words
        for state, count in own.items():
            assert f"{count} {code_lists.DELIVERY[state].lower()}" in words
    themes = read(reader, "/themes", TODAY)
    for theme in ("T-00001", "T-00002"):
        assert by([c for c in commitments if c["theme"] == theme]) in themes


def test_comparing_stands_beside_the_median_of_the_same_size(register, reader):
    assert "Too few of its size" not in read(reader, "/compare?measure=M-00001", TODAY)
    assert "Size not told: no median" in read(reader, "/compare?measure=M-00001", TODAY)
    publish(
        "2026-04-21",
        *[
            items.signatory(f"S-0000{n}", legal_name=f"Organisation {n}", size="small")
            for n in (1, 2, 3)
        ],
        told(9, 10, "6", "self_reported"),
    )
    words = read(reader, "/compare?measure=M-00001&size=small", TODAY)
    # 3 of 15, 2.5 of 7.5, 150 of 1200, 6 of 6; the withdrawn one is left out.
    assert "20% of its target; median of 4 of its size: 27%" in words
    assert (
        words.index("Organisation 1")
        < words.index("Organisation 2")
        < words.index("Organisation 3")
    )
    kept = read(reader, "/compare?measure=M-00001&commitment=C-00003", TODAY)
    assert "Organisation 2" in kept
    assert "Organisation 3" not in kept
    lines = list(
        csv.DictReader(body_of(reader, "/compare.csv?measure=M-00001&size=small").splitlines())
    )
    assert {line["key"] for line in lines} >= {"C-00001", "C-00002", "C-00003"}


def test_lists_of_measures_places_and_signatories_count_the_same(register, reader):
    data = OpenData(reader)
    commitments = data.lists["commitments"]
    promised = Counter(c["measure"] for c in commitments)
    body = body_of(reader, "/measures")
    shown = re.findall(r'href="/measures/(M-\w+)".*?Promised (\d+) time', body)
    assert {key: int(count) for key, count in shown} == promised
    found = re.findall(
        r'href="/places/(\w+)">[^<]+</a></th>\s*<td[^>]*>(\d+) commitment.*?bars__behind">([^<]+)<',
        body_of(reader, "/places"), re.S)  # fmt: skip
    assert len(found) > 4
    for code, count, behind in found:
        here = data.commitments(f"/places/{code}")
        late = sum(c["reporting"] in ("overdue", "silent", "unreachable") for c in here)
        assert int(count) == len(here)
        assert behind == (f"{late} of {len(here)} not heard from in time" if late else "Nobody")
    placed = sum(bool(c.get("area_codes")) for c in commitments)
    assert f"{placed} commitments name a place on {TODAY_IN_WORDS}." in read(
        reader, "/places", TODAY
    )
    listed = read(reader, "/signatories", TODAY)
    assert f"{len(data.lists['signatories'])} signatories" in listed
    for signatory in data.lists["signatories"]:
        own = Counter(c["delivery"] for c in commitments if c["signatory"] == signatory["key"])
        told = listed.partition(signatory["legal_name"])[2].partition("Organisation ")[0]
        assert f"{own.total()} commitments: " in told
        assert all(f"{n} {code_lists.DELIVERY[state].lower()}" in told for state, n in own.items())


@pytest.mark.parametrize("chosen", ["", "theme=T-00001&delivery=on_track", "q=apprenticeships"])
def test_number_beside_each_filter_is_what_the_open_data_gives(register, reader, chosen):
    """Choosing a value must find as many commitments as stood beside it."""
    body = body_of(reader, f"/commitments?{chosen}")
    tried = 0
    for name, options in re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', body, re.S):
        for value, count in re.findall(r'value="([^"]+)"[^>]*>[^<]*\((\d+)\)<', options):
            kept = [part for part in chosen.split("&") if not part.startswith(f"{name}=")]
            query = "&".join([*filter(None, kept), f"{name}={value}"])
            with clock.fixed_at(day(TODAY)):
                found = reader.get(f"/api/v1/commitments?{query}&limit=500").json()["data"]
            assert len(found) == int(count), query
            tried += 1
    assert tried > 10


def test_similar_commitments_and_successes_count_the_same(register, reader):
    sizes = {"S-00001": "small", "S-00002": "small", "S-00003": "medium"}
    publish("2026-04-21", *[items.signatory(key, size=size) for key, size in sizes.items()],
            items.success())  # fmt: skip
    data = OpenData(reader)
    small = [
        c for c in data.lists["commitments"]
        if c["measure"] == "M-00001" and sizes[c["signatory"]] == "small" and c["key"] != "C-00001"
    ]  # fmt: skip
    heard = sum(c["reporting"] not in ("overdue", "silent", "unreachable") for c in small)
    assert (
        f"{len(small)} similar commitments, same measure, organisations of 10 to 49 people "
        f"(too few figures for a median, {heard} of {len(small)} reporting)."
    ) in read(reader, "/commitments/C-00001", TODAY)
    assert f"{len(data.lists['successes'])} success." in read(reader, "/successes", TODAY)
