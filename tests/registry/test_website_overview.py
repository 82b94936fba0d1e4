"""Home and statistics say what was promised and what came of it, now and a year ago."""

import csv
import io
from dataclasses import replace

import pytest

from registry import clock
from tests.registry import items
from tests.registry.public_pages import day, publish, read, section

pytestmark = pytest.mark.django_db
TODAY = "2027-08-03"


@pytest.fixture
def two_years(commitment):
    """Publish two signatories: one met its commitment, the other has fallen silent with two."""
    publish(
        "2026-01-06",
        items.signatory("S-00002", legal_name="Fenlock Engineering Ltd"),
        items.commitment("C-00002", signatory="S-00002", area_codes=["E05011121"]),
        items.commitment("C-00003", signatory="S-00002"),
        items.period(1),
        *(replace(items.period(n, f"C-0000{n}"), key=f"P-0000{n}") for n in (2, 3)),
    )
    publish(
        "2026-10-10",
        *(
            replace(items.period(n, f"C-0000{n}", requested_on=["2026-10-05"]), key=f"P-0000{n}")
            for n in (2, 3)
        ),
    )
    lower = {"target": {"value": "15", "by": "2028-06-30"}, "change_reason": "A site closed."}
    publish("2026-10-11", items.commitment("C-00003", "amend", signatory="S-00002", **lower))
    publish("2026-11-01", items.update(self_assessment="met", cumulative_value="20"))
    publish("2026-11-02", items.commitment(action="close", change_reason="Met."))


def rows_of(reader, name: str) -> list[dict[str, str]]:
    with clock.fixed_at(day(TODAY)):
        return list(csv.DictReader(io.StringIO(reader.get(f"/statistics/{name}.csv").text)))


def test_home_shows_each_number_with_its_total(two_years, reader):
    home = read(reader, "/", "2027-01-05")
    assert "1 of 1 commitments that have ended were met in full" in home
    assert "1 of 3 commitments were weakened after they were made" in home
    assert "2 of 2 open commitments have an update we have not received" in home
    assert "2 signatories have made 3 commitments. 2 are open." in home


def test_home_lists_a_late_signatory_once(two_years, reader):
    late = section(reader, "late-title", "2027-01-05", "/")
    assert late.count("Fenlock Engineering Ltd") == 1
    assert "2 of 2 open commitments" in late
    assert "Brookfield" not in late


def test_statistics_say_whether_the_year_was_better(two_years, reader):
    text = read(reader, "/statistics", "2027-01-06")
    assert "1 commitment has been met, up from 0 a year ago, but 2 have an update missing" in text
    assert "2 of 2 (100%)" in text
    assert "0 of 3 (0%)" in text


def test_chart_has_words_for_its_drawing_and_a_table(two_years, reader):
    with clock.fixed_at(day("2027-01-06")):
        body = reader.get("/statistics").content.decode()
    assert 'aria-label="Updates not received: 2 of 2 (100%) now, 0 of 3 (0%) a year ago"' in body
    assert "Met: 0 on 31 January 2025, 1 on 6 January 2027." in body
    assert "3 commitments: 1 met, 2 not started" in body
    months = section(reader, "months-title", "2027-01-06", "/statistics")
    assert "31 October 2026 3 0 1 2" in months


def test_months_of_the_csv_are_what_was_said_then(two_years, reader):
    rows = {(row["on"], row["code"]): row["value"] for row in rows_of(reader, "months")}
    assert rows["2026-09-30", "late"] == "0"
    assert rows["2026-12-31", "late"] == "2"
    assert rows["2026-10-31", "met"] == "0"
    assert rows["2026-11-30", "met"] == "1"
    assert rows[TODAY, "no_result"] == "1"


def test_csv_of_a_year_has_the_same_day_of_both(two_years, reader):
    assert {row["on"] for row in rows_of(reader, "year")} == {"2026-08-03", TODAY}


def test_theme_counts_its_outcomes_in_the_csv(two_years, reader):
    counts = {row["figure"]: row["value"] for row in rows_of(reader, "themes")}
    assert (counts["met"], counts["not_started"], counts["final_update_due"]) == ("1", "1", "1")


def test_empty_register_has_pages(reader):
    assert "No commitments have been published yet" in read(reader, "/")
    assert "No commitments have been published yet" in read(reader, "/statistics")
