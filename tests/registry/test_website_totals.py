"""Every total on every page equals the one that re-users compute from the open data."""

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
    base_text,
    counted_as,
    figure_update,
    page_body,
    statistics_rows,
    table_rows,
    three_signatories,
)
from tests.registry.public_pages import day, publish, read

pytestmark = pytest.mark.django_db

PAGES = ["/themes/T-00001", "/themes/T-00002", "/measures/M-00001", "/measures/M-00002",
         "/measures/M-00003", f"/places/{ASTON}", f"/places/{LOZELLS}", f"/places/{CITY}",
         "/places/E47000007"]  # fmt: skip


@pytest.fixture
def register():
    three_signatories()


def csv_lines(text):
    return list(csv.DictReader(text.splitlines()))


@pytest.mark.parametrize("address", PAGES)
def test_promised_and_delivered_match_the_open_data(register, reader, address):
    data = OpenData(reader)
    part = "done" if address.startswith("/places") else "totals"
    assert table_rows(page_body(reader, address), part) == data.totals(data.commitments(address))


def test_statistics_list_measures_by_theme(register, reader):
    data, body = OpenData(reader), page_body(reader, "/statistics/measures")
    for theme in ("T-00001", "T-00002"):
        assert table_rows(body, theme) == data.totals(data.commitments(f"/themes/{theme}"))
    counted = [
        c for c in data.lists["commitments"]
        if c["record_status"] != "withdrawn" and not c.get("superseded_by")
    ]  # fmt: skip
    number = len({c["measure"] for c in counted})
    assert f"{base_text(counted)} are counted by {number} measures on {TODAY_IN_WORDS}." in read(
        reader, "/statistics", TODAY
    )


def test_totals_never_mix_levels_of_proof_or_units(register, reader):
    body = page_body(reader, "/statistics/measures")
    rows = [*table_rows(body, "T-00001"), *table_rows(body, "T-00002")]
    said = code_lists.LevelOfProof.label_of("self_reported").lower()
    shown = code_lists.LevelOfProof.label_of("evidence_provided").lower()
    assert ("First promised", "1,336.5", "") in rows
    assert ("Promised", "1,228.5", "4 commitments by 3 signatories") in rows
    assert (f"Delivered: {shown}", "5.5", "2 commitments by 1 signatory") in rows
    assert (f"Delivered: {said}", "150", "1 commitment by 1 signatory") in rows
    assert ("Promised", "Cannot be added up", "1 commitment by 1 signatory") in rows
    share = ("Twenty apprenticeships Organisation 1", "20% checked by the council",
             "Starting point: not known Target: 40%")  # fmt: skip
    assert share in rows


def test_totals_leave_the_starting_point_out_and_separate_losses(register, reader):
    rows = table_rows(page_body(reader, "/statistics/measures"), "T-00002")
    assert ("Promised", "£29,900", "3 commitments by 3 signatories") in rows
    assert ("Delivered: confirmed by the beneficiary", "£600",
            "2 commitments by 2 signatories") in rows  # fmt: skip
    assert ("Lost: confirmed by the beneficiary", "£300", "1 commitment") in rows


def test_totals_say_what_they_leave_out(register, reader):
    words = read(reader, "/statistics/measures", TODAY)
    assert "Percentages of different things are never added: read each commitment." in words
    assert (
        "Not in the totals: 1 commitment withdrawn and 1 commitment replaced by another." in words
    )
    assert "Starting point, not included: £900." in words
    assert "Starting point not known, so not in these totals: 1 commitment." in words
    assert "No figure reported yet for 1 commitment." in words


@pytest.mark.parametrize("address", PAGES)
def test_page_summary_has_a_total_and_a_date(register, reader, address):
    commitments = OpenData(reader).commitments(address)
    counts = Counter(counted_as(c) for c in commitments)
    words = read(reader, address, TODAY)
    assert f"{base_text(commitments)} on {TODAY_IN_WORDS}: " in words
    for code, count in counts.items():
        assert f"{count} {code_lists.COUNTED_DELIVERIES[code].lower()}" in words


def test_statistics_tables_match_the_open_data(register, reader):
    data = OpenData(reader)
    commitments = data.lists["commitments"]
    open_commitments = [c for c in commitments if c["record_status"] == "live"]
    total = len(commitments)
    for name, column, labels, base in (
        ("theme", "theme", {t["key"]: t["title"] for t in data.lists["themes"]}, commitments),
        ("delivery", "counted_as", code_lists.COUNTED_DELIVERIES, commitments),
        ("reporting", "reporting", dict(code_lists.Reporting.choices), open_commitments),
    ):
        counts = Counter(counted_as(c) if column == "counted_as" else c[column] for c in base)
        expected = [(labels[code], f"{n} of {len(base)}") for code, n in counts.items()]
        assert sorted(statistics_rows(reader, name)) == sorted(expected)
    ways = [{(w["correction"], w["what"]) for w in c["weakenings"]} for c in commitments]
    changes = Counter(what for found in ways for ground, what in found if not ground)
    assert statistics_rows(reader, "weakened") == [
        (label, f"{changes[code]} of {total}") for code, label in code_lists.Weakening.choices
    ]
    grounds = Counter(g for found in ways for g in {ground for ground, _ in found if ground})
    assert statistics_rows(reader, "corrected") == [
        (label, f"{grounds[code]} of {total}")
        for code, label in code_lists.CorrectionGround.choices
    ]
    due = [p for p in data.lists["periods"] if p["due_on"] <= TODAY]
    states = Counter(p["state"] for p in due)
    assert sorted(statistics_rows(reader, "answers")) == sorted(
        (code_lists.PeriodState.label_of(state), f"{n} of {len(due)}")
        for state, n in states.items()
    )
    updates = data.lists["updates"]
    unchanged = sum(u["nothing_changed"] for u in updates)
    assert statistics_rows(reader, "news") == [
        ("A new figure or words", f"{len(updates) - unchanged} of {len(updates)}"),
        ("Confirmed: nothing has changed", f"{unchanged} of {len(updates)}"),
    ]
    levels = Counter(
        c["progress"]["level_of_proof"]
        for c in commitments
        if c["progress"]
        and c["progress"]["value"] is not None
        and c["record_status"] != "withdrawn"
        and not c.get("superseded_by")
    )
    assert statistics_rows(reader, "level_of_proof") == [
        (label, f"{levels[code]} of {levels.total()}")
        for code, label in code_lists.LevelOfProof.choices
    ]


def test_statistics_download_matches_the_tables(register, reader):
    text = page_body(reader, "/statistics.csv")
    lines = csv_lines(text)
    for name in ("theme", "delivery", "reporting", "weakened", "answers", "news", "level_of_proof"):
        found = [line for line in lines if line["table"] == name]
        assert [
            (line["name"], f"{line['value']} of {line['of']}", line["figure"], line["on"])
            for line in found
        ] == [(*row, "count", TODAY) for row in statistics_rows(reader, name)]
        assert csv_lines(page_body(reader, f"/statistics/{name}.csv")) == found
    by_delivery = Counter(counted_as(c) for c in OpenData(reader).lists["commitments"])
    codes = {line["code"]: int(line["value"]) for line in lines if line["table"] == "delivery"}
    assert codes == by_delivery


def test_measures_in_the_statistics_download_match_the_open_data(register, reader):
    expected = OpenData(reader).measure_lines()
    assert csv_lines(page_body(reader, "/statistics/measures.csv")) == expected
    assert csv_lines(page_body(reader, "/statistics.csv"))[-len(expected) :] == expected
    amounts = {(line["code"], line["figure"], line["level_of_proof"]): line for line in expected}
    assert amounts["M-00001", "promised", ""]["value"] == "1228.5"
    assert amounts["M-00003", "lost", "confirmed_by_beneficiary"]["value"] == "300"


def test_comparison_download_matches_the_open_data(register, reader):
    data = OpenData(reader)
    names = {s["key"]: s["legal_name"] for s in data.lists["signatories"]}
    sizes = {s["key"]: s["size"] or "" for s in data.lists["signatories"]}
    commitments = {c["key"]: c for c in data.commitments("/measures/M-00001")}
    lines = csv_lines(page_body(reader, "/compare.csv?measure=M-00001"))
    assert sorted(line["key"] for line in lines) == sorted(commitments)
    for line in lines:
        c = commitments[line["key"]]
        figure = c["progress"]
        proof = figure if figure["value"] is not None else c["latest"] or {}
        expected = {
            "signatory": c["signatory"],
            "signatory_name": names[c["signatory"]],
            "unit": c["unit"],
            "starting_point": figure["start"] or "",
            "target": figure["target"] or "",
            "target_by": (c["target"] or {}).get("by") or "",
            "value": figure["value"] or "",
            "share": figure["share"] or "",
            "weakened": str(bool(c["weakenings"])).lower(),
            "size": sizes[c["signatory"]],
            "title": c["title"],
            "on": figure["on"] or "",
            "level_of_proof": proof.get("level_of_proof", ""),
            "disputed": str(proof.get("disputed", False)).lower(),
            "delivery": c["delivery"],
            "reporting": c["reporting"],
        }
        assert {name: line[name] for name in expected} == expected


def test_place_page_counts_once_and_lists_wider_commitments_apart(register, reader):
    for code in (ASTON, LOZELLS, CITY):
        body = page_body(reader, f"/places/{code}")
        local, _, wider = body.partition('id="wider"')
        keys = set(re.findall(r'href="/commitments/(C-\w+)"', local))
        assert keys == {c["key"] for c in OpenData(reader).commitments(f"/places/{code}")}
        assert not keys & set(re.findall(r'href="/commitments/(C-\w+)"', wider))
    assert "C-00003" in page_body(reader, f"/places/{ASTON}").partition('id="wider"')[2]
    region = table_rows(page_body(reader, "/places/E47000007"), "parts")
    assert ("Birmingham", "5 commitments, none met yet", "1 of 5 not heard from in time") in region
    assert ("Coventry", "1 commitment, 1 met", "Nobody") in region
    wards = table_rows(page_body(reader, f"/places/{CITY}"), "parts")
    assert ("Aston", "2 commitments, none met yet", "1 of 2 not heard from in time") in wards
    assert ("Lozells", "3 commitments, none met yet", "1 of 3 not heard from in time") in wards


def test_counts_on_home_and_lists_match_the_open_data(register, reader):
    commitments = OpenData(reader).lists["commitments"]
    open_counts = Counter(c["reporting"] for c in commitments if c["record_status"] == "live")
    home = read(reader, "/", TODAY)
    signatories = {commitment["signatory"] for commitment in commitments}
    assert f"{len(signatories)} signatories have made {len(commitments)} commitments." in home
    assert f"{open_counts.total()} are open. Reporting on {TODAY_IN_WORDS}: " in home
    for state, count in open_counts.items():
        assert f"{count} {code_lists.Reporting.label_of(state).lower()}" in home
    late = sum(c["reporting"] in ("overdue", "silent", "unreachable") for c in commitments)
    weakened = sum(bool(c["weakenings"]) for c in commitments)
    assert (
        f"{len(commitments)} commitments, {late} not heard from in time, {weakened} weakened."
        in read(reader, "/commitments", TODAY)
    )
    for signatory in ("S-00001", "S-00002", "S-00003"):
        counts = Counter(counted_as(c) for c in commitments if c["signatory"] == signatory)
        words = read(reader, f"/signatories/{signatory}", TODAY)
        assert f"{counts.total()} commitments: " in words
        for state, count in counts.items():
            assert f"{count} {code_lists.COUNTED_DELIVERIES[state].lower()}" in words
    themes = read(reader, "/themes", TODAY)
    for theme in ("T-00001", "T-00002"):
        assert base_text([c for c in commitments if c["theme"] == theme]) in themes


def test_comparison_shows_the_median_of_the_same_size(register, reader):
    assert "Too few of its size" not in read(reader, "/compare?measure=M-00001", TODAY)
    assert "Size not known: no median" in read(reader, "/compare?measure=M-00001", TODAY)
    publish(
        "2026-04-21",
        *[
            items.signatory(f"S-0000{n}", legal_name=f"Organisation {n}", size="small")
            for n in (1, 2, 3)
        ],
        figure_update(9, 10, "6", "self_reported"),
    )
    words = read(reader, "/compare?measure=M-00001&size=small", TODAY)
    # 3 of 15, 2.5 of 7.5, 150 of 1200, 6 of 6; the withdrawn one is left out.
    assert "20% of the way; median of 4 of its size: 27%" in words
    assert (
        words.index("Organisation 1")
        < words.index("Organisation 2")
        < words.index("Organisation 3")
    )
    selection = read(reader, "/compare?measure=M-00001&commitment=C-00003", TODAY)
    assert "Organisation 2" in selection
    assert "Organisation 3" not in selection
    lines = list(
        csv.DictReader(page_body(reader, "/compare.csv?measure=M-00001&size=small").splitlines())
    )
    assert {line["key"] for line in lines} >= {"C-00001", "C-00002", "C-00003"}


def test_counts_of_measures_places_and_signatories_match_the_open_data(register, reader):
    data = OpenData(reader)
    commitments = data.lists["commitments"]
    expected = Counter(c["measure"] for c in commitments)
    body = page_body(reader, "/measures")
    measure_counts = re.findall(r'href="/measures/(M-\w+)".*?(\d+) commitments?<', body)
    assert {key: int(count) for key, count in measure_counts} == expected
    place_counts = re.findall(
        r'href="/places/(\w+)">[^<]+</a></th>\s*<td[^>]*>(\d+) commitment.*?bars__behind">([^<]+)<',
        page_body(reader, "/places"), re.S)  # fmt: skip
    assert len(place_counts) > 4
    for code, count, late_text in place_counts:
        local = data.commitments(f"/places/{code}")
        late = sum(c["reporting"] in ("overdue", "silent", "unreachable") for c in local)
        assert int(count) == len(local)
        assert late_text == (f"{late} of {len(local)} not heard from in time" if late else "Nobody")
    total = sum(bool(c.get("area_codes")) for c in commitments)
    assert f"{total} commitments name a place on {TODAY_IN_WORDS}." in read(
        reader, "/places", TODAY
    )
    words = read(reader, "/signatories", TODAY)
    assert f"{len(data.lists['signatories'])} signatories" in words
    for signatory in data.lists["signatories"]:
        counts = Counter(counted_as(c) for c in commitments if c["signatory"] == signatory["key"])
        row = words.partition(signatory["legal_name"])[2].partition("Organisation ")[0]
        assert f"{counts.total()} commitments: " in row
        for state, n in counts.items():
            assert f"{n} {code_lists.COUNTED_DELIVERIES[state].lower()}" in row


@pytest.mark.parametrize("query", ["", "theme=T-00001&delivery=on_track", "q=apprenticeships"])
def test_filter_counts_match_the_open_data(register, reader, query):
    """Selecting a value must find as many commitments as the number beside it."""
    body = page_body(reader, f"/commitments?{query}")
    checked_values = 0
    for name, options in re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', body, re.S):
        for value, count in re.findall(r'value="([^"]+)"[^>]*>[^<]*\((\d+)\)<', options):
            other_filters = [part for part in query.split("&") if not part.startswith(f"{name}=")]
            api_query = "&".join([*filter(None, other_filters), f"{name}={value}"])
            with clock.fixed_at(day(TODAY)):
                records = reader.get(f"/api/v1/commitments?{api_query}&limit=500").json()["data"]
            assert len(records) == int(count), api_query
            checked_values += 1
    assert checked_values > 10


def test_counts_of_similar_commitments_and_successes_match(register, reader):
    sizes = {"S-00001": "small", "S-00002": "small", "S-00003": "medium"}
    publish("2026-04-21", *[items.signatory(key, size=size) for key, size in sizes.items()],
            items.success())  # fmt: skip
    data = OpenData(reader)
    similar = [
        c for c in data.lists["commitments"]
        if c["measure"] == "M-00001" and sizes[c["signatory"]] == "small" and c["key"] != "C-00001"
    ]  # fmt: skip
    reporting = sum(c["reporting"] not in ("overdue", "silent", "unreachable") for c in similar)
    assert (
        f"{len(similar)} similar commitments, same measure, each by an organisation with "
        f"10 to 49 people (too few figures for a median, {reporting} of {len(similar)} reporting)."
    ) in read(reader, "/commitments/C-00001", TODAY)
    count = f"{len(data.lists['successes'])} success "
    assert count in read(reader, "/successes", TODAY)
