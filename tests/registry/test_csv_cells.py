"""Text in every CSV file is safe from being run as a formula; numbers stay numbers."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from registry.open_data import csv_cells
from tests.registry import items
from tests.registry.open_data import figure_update
from tests.registry.public_pages import publish

ROOT = Path(__file__).parents[2]
FORMULA = "=HYPERLINK(1)"


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "'"])
def test_text_like_a_formula_is_escaped_and_can_be_read_back(first):
    text = f"{first}1+1"
    cell = csv_cells.cell_text(text)
    assert cell == f"'{text}"
    assert csv_cells.unescape_formula(cell) == text
    assert csv_cells.cell_text([text, "b"]) == f"'{text};b"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (Decimal("-12.50"), "-12.5"),
        (Decimal("1E+2"), "100"),
        (-3, "-3"),
        (0, "0"),
        (None, ""),
        (False, "false"),
        (True, "true"),
        (date(2026, 7, 20), "2026-07-20"),
        ("plain", "plain"),
        ("a=b", "a=b"),
    ],
)
def test_numbers_dates_and_other_text_stay_as_they_are(value, cell):
    assert csv_cells.cell_text(value) == cell


def test_every_csv_file_is_written_by_the_same_function():
    writers = [
        str(path.relative_to(ROOT))
        for folder in ("registry", "charter", "reporting")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"csv\.(writer|DictWriter)\b|'\{text\}", path.read_text())
    ]
    assert writers == ["registry/open_data/csv_cells.py"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/commitments.csv",
        "/api/v1/commitments.csv",
        "/statistics.csv",
        "/compare.csv?measure=M-00001",
    ],
)
def test_no_download_holds_a_formula(address, reader):
    publish(
        "2026-04-03",
        items.charter(),
        items.theme(),
        items.measure(title=FORMULA),
        items.signatory(legal_name=FORMULA),
        items.commitment(title=FORMULA),
        items.period(1, received_on="2026-04-02", update="U-00001"),
        figure_update(1, 1, "3", "self_reported"),
    )
    text = reader.get(address).getvalue().decode()
    assert f"'{FORMULA}" in text
    assert not re.search(rf"(^|[,\"])={re.escape(FORMULA[1:])}", text, re.MULTILINE)
