"""Figures are shown in everyday words: percentages, yes or no, less is better, one person."""

from decimal import Decimal

import pytest

from registry.wording import formatting
from tests.registry import items
from tests.registry.figure_checks import shown_bar
from tests.registry.public_pages import publish, read, section

pytestmark = pytest.mark.django_db
PERCENT = {"unit": "percent", "unit_label": "% of staff", "value_type": "percentage"}
YES_NO = {"unit": "yesno", "unit_label": "yes/no", "value_type": "yes_no"}


def publish_figures(target, *figures, counts="since_promise", may_be_negative=False,
                    direction="increase", **fields):  # fmt: skip
    """Publish a commitment and an update with a figure for each quarter of 2026."""
    kind = {name: fields[name] for name in ("unit", "unit_label", "value_type")}
    counting = {"counts": counts, "may_be_negative": may_be_negative, "direction": direction}
    publish(
        "2026-01-05",
        items.charter(),
        items.theme(),
        items.measure(**counting, **kind),
        items.signatory(),
        items.commitment(target={"value": target}, **fields),
    )
    for number, value in enumerate(figures, start=1):
        publish(
            f"2026-0{number * 3}-29",
            items.update(number, cumulative_value=value, unit=kind["unit"]),
        )


def test_figure_where_less_is_better_shows_maximum_and_start(reader):
    start = {"value": "12", "on": "2026-01-01"}
    publish_figures(
        "3", "6", "4", direction="decrease", counts="on_a_day", baseline=start, **PERCENT
    )
    words = section(reader, "delivery", "2026-07-01")
    assert "4% (target 3% or less)" in words
    assert "Down 2 percentage points since March 2026 (from 6% to 4%). Starting point: 12%" in words
    # 8 of the 9 points from the start of 12 to the target of 3.
    body = reader.get("/commitments/C-00001").content.decode()
    assert shown_bar(body) == (0, 100, 88.9, 100)
    assert "12% at the start" in body
    assert "target 3% or less" in body
    assert "reported: on track, 4% (target 3% or less)" in section(reader, "timeline", "2026-07-01")
    assert "4% (target 3% or less)" in read(reader, "/updates/U-00002", "2026-07-01")


def test_change_of_a_percentage_is_in_points(reader):
    start = {"value": "20"}
    publish_figures("50", "26", "30", counts="on_a_day", baseline=start, **PERCENT)
    words = section(reader, "delivery", "2026-07-01")
    assert "30% (target 50%)" in words
    assert "Up 4 percentage points since March 2026 (from 26% to 30%)." in words
    assert "30% (+4 percentage points)" in section(reader, "progress", "2026-07-01")
    # 10 of the 30 points from the start of 20 to the target of 50.
    assert shown_bar(reader.get("/commitments/C-00001").content.decode()) == (0, 100, 33.3, 100)


@pytest.mark.parametrize(
    ("start", "target", "now", "direction", "drawn", "words"),
    [
        # Half as much again as promised: the mark of the target is at two thirds.
        ("10", "20", "25", "increase", (0, 66.7, 100), "25% (target 20%)"),
        # A fifth of the way was lost: the bar goes back from the mark of the start.
        ("10", "20", "8", "increase", (16.7, 100, 0), "8% (target 20%)"),
        ("20", "10", "25", "decrease", (33.3, 100, 0), "25% (target 10% or less)"),
        ("95", "95", "96", "increase", None, "96% (target: keep 95% or more)"),
        ("100", "100", "99", "increase", None, "99% (target: keep 100%)"),
        ("12", "10", "11", "increase", None, "Starting point: 12%, already beyond the target."),
    ],
)  # fmt: skip
def test_bar_shows_what_went_beyond_the_target_and_what_was_lost(
    reader, start, target, now, direction, drawn, words
):
    publish_figures(
        target, now, counts="on_a_day", direction=direction, baseline={"value": start}, **PERCENT
    )
    assert words in section(reader, "delivery", "2026-03-30")
    body = reader.get("/commitments/C-00001").content.decode()
    row = reader.get("/commitments").content.decode()
    for page in (body, row):
        shown = shown_bar(page)
        assert (shown and shown[:3]) == drawn
        assert ("--lost" in page) is (now in ("8", "99") or target == "10" and now == "25")


def test_figure_without_a_known_start_has_no_bar_and_says_so(reader):
    publish_figures("50", "30", counts="on_a_day", **PERCENT)
    assert "Starting point not known." in section(reader, "delivery", "2026-07-01")
    assert 'class="progress"' not in reader.get("/commitments/C-00001").content.decode()


def test_figures_below_zero_are_drawn_from_the_start(reader):
    start = {"value": "-4", "on": "2026-01-01"}
    publish_figures(
        "-1", "-3", "-2.5", counts="on_a_day", may_be_negative=True, baseline=start, **PERCENT
    )
    words = section(reader, "delivery", "2026-07-01")
    assert "−2.5% (target −1%)" in words
    assert "Up 0.5 percentage points since March 2026 (from −3% to −2.5%)." in words
    body = reader.get("/commitments/C-00001").content.decode()
    assert shown_bar(body) == (0, 100, 50, 100)
    assert "Figures over time: −4% on 1 January 2026, −3% on" in body


def test_yes_and_no_are_shown_as_words(reader):
    publish_figures("1", "0", "1", **YES_NO)
    words = section(reader, "delivery", "2026-07-01")
    assert "Yes target met" in words
    assert "since" not in words
    assert "reported: on track, No: target not met yet" in section(reader, "timeline", "2026-07-01")
    body = reader.get("/commitments/C-00001").content.decode()
    assert "Target done" in section(reader, "promise", "2026-07-01")
    assert "yes/no" not in section(reader, "progress", "2026-07-01")
    assert 'class="progress"' not in body
    assert "Figures over time" not in body


@pytest.mark.parametrize(
    ("value", "unit", "label", "text"),
    [
        ("1", "count", "people", "1 person"),
        ("1.0", "count", "person-hours", "1 person-hour"),
        ("1", "count", "businesses", "1 business"),
        ("1", "fte", "FTE", "1 FTE"),
        ("0", "count", "people", "0 people"),
        ("2", "count", "weeks", "2 weeks"),
        ("1", "gbp", "£", "£1"),
    ],
)
def test_amount_of_one_is_singular(value, unit, label, text):
    assert formatting.format_amount(Decimal(value), unit, label) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        ("4", "percent", "+4 percentage points"),
        ("-1", "percent", "−1 percentage point"),
        ("-200", "gbp", "−£200"),
        ("0", "percent", "no change"),
    ],
)
def test_change_is_formatted_in_its_unit(value, unit, text):
    assert formatting.format_difference(Decimal(value), unit) == text


def test_figure_is_never_dated_after_its_report(reader):
    publish_figures("20", "3", unit="count", unit_label="people", value_type="quantity")
    early = {"to": "2026-06-30", "reported_on": "2026-04-10", "cumulative_value": "5"}
    publish("2026-04-10", items.update(2, **early))
    later = {"to": "2026-09-30", "reported_on": "2026-08-20", "cumulative_value": "9"}
    publish("2026-08-20", items.update(3, **later))
    words = section(reader, "delivery", "2026-08-21")
    assert "Up 4 since April 2026 (from 5 to 9)." in words
    comparison = read(reader, "/compare?measure=M-00001", "2026-08-21")
    assert "Up 4 since April 2026 20 August 2026" in comparison
    body = reader.get("/commitments/C-00001").content.decode()
    assert "5 on 10 April 2026 and 9 on 20 August 2026" in body
    latest = reader.get("/api/v1/commitments/C-00001").json()["latest"]
    assert latest["on"] == "2026-08-20"
