"""Compare what pages and files say with a register's own figures."""

import csv
import html
import re
from collections import defaultdict
from fractions import Fraction

import pytest

from registry.reference_data import places
from registry.schema import code_lists
from tests.registry.open_data import table_rows
from tests.registry.own_figures import ADDED, Case, OwnFigures, add


def number_in(text: str) -> Fraction | None:
    """Return the number that a text begins with; None for words."""
    match = re.match(r"(−?)£?([\d,]+(?:\.\d+)?)", text)
    return Fraction(f"{'-' if match[1] else ''}{match[2].replace(',', '')}") if match else None


def shown_totals(body: str, part: str) -> list[tuple[str, Fraction | None]]:
    """Return the rows of totals in a part of a page: the label and the number of each."""
    rows = table_rows(body, part)
    return [(html.unescape(label), number_in(value)) for label, value, _ in rows]


def shown_bar(markup: str) -> tuple[float, ...] | None:
    """Return where the first bar of some markup has start, target, present and first target.

    None without a bar from start to target, or without a figure. The last is that of the target
    where no more was promised first.
    """
    bar = markup.partition('<svg class="way')[2].partition("</svg>\n</")[0]
    if "way__start" not in bar or "way__none" in bar:
        return None
    marks = {name: float(re.search(rf'way__{name}" x1="([\d.]+)%"', bar)[1])
             for name in ("start", "target")}  # fmt: skip
    drawn = r'class="way__(done [^"]*|old|given-up)" x="([\d.]+)%" width="([\d.]+)%"'
    parts = [(kind, float(at), float(width)) for kind, at, width in re.findall(drawn, bar)]
    now, first = marks["start"], marks["target"]
    for kind, at, width in parts:
        if kind == "given-up":
            first = at + width
        else:
            now = at if at < marks["start"] else at + width
    return marks["start"], marks["target"], now, first


def assert_bar_agrees(markup: str, case: Case) -> None:
    """Fail if a bar is drawn otherwise than by the figures of a commitment, to a tenth of it."""
    shown, expected = shown_bar(markup), case.bar if case.has_way else None
    assert (shown is None) is (expected is None), case.key
    if shown and expected:
        assert shown == pytest.approx(expected, abs=0.21), case.key


def assert_figures_agree(figures: OwnFigures, *, pages_of: list[Case]) -> None:
    """Compare the files and pages of a register with its own figures.

    `pages_of` are the commitments whose own pages are read.
    """
    assert_files_agree(figures)
    for case in pages_of:
        _assert_page_agrees(figures, case)
    _assert_lists_agree(figures)


def assert_files_agree(figures: OwnFigures) -> None:
    names = ("start", "value", "target", "promised", "delivered")
    records = figures.get("/api/v1/commitments?limit=500").json()["data"]
    progress = {record["key"]: record["progress"] for record in records}
    for case in figures.cases:
        published = progress[case.key]
        if case.item["value_type"] == "narrative":
            assert published is None, case.key
            continue
        found = [published[name] and Fraction(published[name]) for name in names]
        expected = [case.start, case.now, case.target, case.promised, case.delivered]
        assert found == expected, case.key
        assert published["is_met"] is case.is_met, case.key
        assert is_near(published["share"], case.way), case.key
    _assert_statistics_agree(figures)
    for measure in {case.item["measure"] for case in figures.cases}:
        _assert_comparison_agrees(figures, measure)
        _assert_measure_page_agrees(figures, measure)


def _assert_statistics_agree(figures: OwnFigures) -> None:
    text = figures.get("/statistics/measures.csv").content.decode()
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for row in csv.DictReader(text.splitlines()):
        found[row["code"], row["figure"], row["level_of_proof"]].append(row["value"])
    for key, unit, group in figures.groups(figures.cases):
        if unit not in ADDED:
            continue
        counted = [case for case in group if case.is_counted]
        firsts = [case.first_promised for case in group if not case.replaces_same_measure]
        for figure, number in [
            ("first_promised", add(firsts)),
            ("promised", add(case.promised for case in counted)),
            ("starting_point", add(case.start for case in counted)),
            ("starting_point_unknown", Fraction(sum(case.start is None for case in counted))),
        ]:
            assert str_of(number) in map(str_of, found[key, figure, ""]), (key, figure)
        for level in code_lists.LevelOfProof.values:
            changes = [
                case.delivered or Fraction(0) for case in counted
                if case.latest and case.latest["level_of_proof"] == level
            ]  # fmt: skip
            if changes:
                gained = add(change for change in changes if change > 0)
                lost = -add(change for change in changes if change < 0)
                assert str_of(gained) in map(str_of, found[key, "gained", level]), key
                assert str_of(lost) in map(str_of, found[key, "lost", level]), key


def str_of(number: Fraction | str) -> str:
    return str(Fraction(number)) if number else "0"


def _assert_comparison_agrees(figures: OwnFigures, measure: str) -> None:
    text = figures.get(f"/compare.csv?measure={measure}").content.decode()
    rows = {row["key"]: row for row in csv.DictReader(text.splitlines())}
    cases = {case.key: case for case in figures.cases if case.item["measure"] == measure}
    assert rows.keys() <= cases.keys()
    for key, row in rows.items():
        case = cases[key]
        found = [Fraction(row[name]) if row[name] else None for name in
                 ("starting_point", "value", "target")]  # fmt: skip
        assert found == [case.start, case.now, case.target], key
        assert is_near(row["share"], case.way), key
        middle = figures.median_of(case)
        assert is_near(row["median_share"], middle[0] if middle else None), key
        assert row["median_of"] == (str(middle[1]) if middle else ""), key


def _assert_measure_page_agrees(figures: OwnFigures, measure: str) -> None:
    page = figures.get(f"/measures/{measure}").content.decode()
    shown = re.search(r"median commitment has covered (−?)([\d,]+)% of the way", page)
    middle = figures.median_of_measure(measure)
    assert bool(shown) == (middle is not None), measure
    if shown and middle is not None:
        percent = int(shown[2].replace(",", "")) * (-1 if shown[1] else 1)
        assert abs(percent - middle * 100) <= Fraction(1, 2), measure


def is_near(text: str | None, number: Fraction | None) -> bool:
    """Return True if a published number is the expected one, which it rounds to 3 places."""
    if not text or number is None:
        return not text and number is None
    return abs(Fraction(text) - number) <= Fraction(1, 2000)


def _assert_page_agrees(figures: OwnFigures, case: Case) -> None:
    page = figures.get(f"/commitments/{case.key}").content.decode()
    assert_bar_agrees(page, case)
    if case.now is not None and case.has_way:
        figure = re.search(r'class="panel__figure">.*?<b>([^<]*)</b>', page)
        assert figure, case.key
        assert number_in(figure[1]) == case.now, case.key


def _assert_lists_agree(figures: OwnFigures) -> None:
    for key, _, _ in figures.groups(figures.cases):
        cases = [case for case in figures.cases if case.item["measure"] == key]
        body = figures.get(f"/measures/{key}").content.decode()
        assert shown_totals(body, "totals") == figures.total_rows(cases), key
    for theme in {case.item["theme"] for case in figures.cases}:
        cases = [case for case in figures.cases if case.item["theme"] == theme]
        body = figures.get(f"/themes/{theme}").content.decode()
        assert shown_totals(body, "totals") == figures.total_rows(cases), theme
    _assert_places_agree(figures)
    _assert_report_agrees(figures)
    _assert_rows_agree(figures)


def _assert_places_agree(figures: OwnFigures) -> None:
    """Compare the totals of each named place and of all that these are in."""
    named = {code for case in figures.cases for code in case.item.get("area_codes", [])}
    for code in (code for code in places.all_places() if named & set(places.codes_within(code))):
        within = set(places.codes_within(code))
        cases = [c for c in figures.cases if within & set(c.item.get("area_codes", []))]
        body = figures.get(f"/places/{code}").content.decode()
        assert shown_totals(body, "done") == figures.total_rows(cases), code


def _assert_report_agrees(figures: OwnFigures) -> None:
    """Compare the line of each measure in the full report: what is promised, and what it is of."""
    table = figures.get("/report").content.decode().partition("Promised and delivered")[2]
    lines = [
        (
            key,
            *(
                html.unescape(cell)
                for cell in re.findall(r'<td[^>]*data-label="[^"]*">(.*?)</td>', row)
            ),
        )
        for row in table.partition("</table>")[0].split("<tr")[2:]
        for key in re.findall(r'href="/measures/(M-\w+)"', row)
    ]
    groups = figures.groups(figures.cases)
    assert [line[0] for line in lines] == [key for key, _, _ in groups]
    for (key, promised, delivered, basis), (_, unit, group) in zip(lines, groups, strict=True):
        counted = [case for case in group if case.is_counted]
        organisations = len({case.item["signatory"] for case in counted})
        assert [int(n) for n in re.findall(r"\d+", basis)] == [len(counted), organisations], key
        if unit in ADDED:
            assert number_in(promised) == add(case.promised for case in counted), key
        if unit == "yesno":
            numbers = [number for _, number in figures.total_rows(group)]
            shown = [int(n) for n in re.findall(r"\d+", f"{promised} {delivered}")]
            assert shown == numbers, key


def _assert_rows_agree(figures: OwnFigures) -> None:
    """Compare the bars of all rows of the register, page by page."""
    address, rows = "/commitments", {}
    while address:
        body = figures.get(address).content.decode()
        for row in body.split('<li class="row">')[1:]:
            [key] = re.findall(r'href="/commitments/(C-\w+)"', row)
            rows[key] = row.partition("</li>")[0]
        following = re.search(r'href="([^"]+)" rel="next"', body)
        address = following[1].replace("&amp;", "&") if following else ""
    for case in figures.cases:
        assert_bar_agrees(rows[case.key], case)
