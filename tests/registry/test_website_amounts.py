"""Figures are shown in everyday words: percentages, yes or no, less is better, one person."""

from decimal import Decimal

import pytest

from registry.wording import formatting
from tests.registry import items
from tests.registry.public_pages import publish, read, section

pytestmark = pytest.mark.django_db
PERCENT = {"unit": "percent", "unit_label": "% of staff", "value_type": "percentage"}
YES_NO = {"unit": "yesno", "unit_label": "yes/no", "value_type": "yes_no"}


def publish_figures(target, *figures, direction="increase", **fields):
    """Publish a commitment and an update with a figure for each quarter of 2026."""
    kind = {name: fields[name] for name in ("unit", "unit_label", "value_type")}
    publish(
        "2026-01-05",
        items.charter(),
        items.theme(),
        items.measure(direction=direction, **kind),
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
    publish_figures("3", "6", "4", direction="decrease", baseline=start, **PERCENT)
    words = section(reader, "delivery", "2026-07-01")
    assert "4%, target at most 3%" in words
    assert "−2 percentage points since March 2026 (6% then), 12% at the start." in words
    body = reader.get("/commitments/C-00001").content.decode()
    assert 'class="progress__done" x="0" y="3" width="4%"' in body
    assert 'class="progress__start" x="12%"' in body
    assert 'class="progress__end" x="3%"' in body
    assert "told us: on track, 4%, target at most 3%" in section(reader, "timeline", "2026-07-01")
    assert "4%, target at most 3%" in read(reader, "/updates/U-00002", "2026-07-01")
    assert "No median where less is better" in read(
        reader, "/compare?measure=M-00001", "2026-07-01"
    )


def test_change_of_a_percentage_is_in_points(reader):
    publish_figures("50", "26", "30", **PERCENT)
    assert "30%, target 50% +4 percentage points since March 2026" in section(
        reader, "delivery", "2026-07-01"
    )
    assert "30% (+4 percentage points)" in section(reader, "progress", "2026-07-01")
    assert "Last heard" not in section(reader, "reporting", "2026-07-01")
    body = reader.get("/commitments/C-00001").content.decode()
    assert 'width="30%"' in body
    assert 'class="progress__end" x="50%"' in body


def test_yes_and_no_are_shown_as_words(reader):
    publish_figures("1", "0", "1", **YES_NO)
    words = section(reader, "delivery", "2026-07-01")
    assert "yes, as promised" in words
    assert "since" not in words
    assert "told us: on track, no, not yet as promised" in section(reader, "timeline", "2026-07-01")
    body = reader.get("/commitments/C-00001").content.decode()
    assert "Target yes" in section(reader, "promise", "2026-07-01")
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
