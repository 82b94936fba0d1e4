"""Any text survives a spreadsheet unchanged, and none runs as a formula."""

import csv
import zipfile
from contextlib import suppress
from io import BytesIO, StringIO

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from charter.spreadsheets import tables, xlsx_reader
from charter.spreadsheets.xlsx_reader import clean_text
from registry.open_data import csv_cells

COLUMNS = {"Text": (), "Beside": ()}
# Text as forms save it: no control characters but line breaks, no blanks at the ends.
TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]) | st.just("\n"),
    max_size=40,
).map(clean_text)
DANGEROUS = st.sampled_from(["=", "+", "-", "@", "'", "''", "'="])


@settings(max_examples=40, deadline=None)
@given(st.lists(TEXT | st.builds(str.__add__, DANGEROUS, TEXT), min_size=1, max_size=5))
def test_every_text_survives_csv_and_xlsx(texts):
    texts = [text for text in map(clean_text, texts) if text]
    rows = [[text, "x"] for text in texts]
    table = tables.read_table(tables.as_csv(list(COLUMNS), rows), COLUMNS)
    assert [row.cells["Text"] for row in table.rows] == texts
    lines, _ = xlsx_reader.read_sheet(tables.as_xlsx(list(COLUMNS), rows))
    assert [csv_cells.unescape_formula(line[0]) for line in lines[1:]] == texts
    cells = list(csv.reader(StringIO(tables.as_csv(["Text"], rows).decode("utf-8-sig"))))
    for [text, _] in cells[1:]:
        assert not text.startswith(("=", "+", "-", "@", "\t", "\r"))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda end: b"Text,Beside\n" + end))
def test_any_bytes_are_read_or_refused(content):
    with suppress(tables.UnreadableError):
        tables.read_table(content, COLUMNS)


def test_file_that_unpacks_to_a_huge_size_is_refused():
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", b"0" * (xlsx_reader.MAX_UNPACKED + 1))
    with pytest.raises(tables.UnreadableError, match="too large once it is unpacked"):
        tables.read_table(file.getvalue(), COLUMNS)


def sheet(cells) -> bytes:
    """Return a workbook of cells by position, each a pair of value and number format."""
    file = BytesIO()
    book = xlsxwriter.Workbook(file)
    worksheet = book.add_worksheet()
    for place, (value, number_format) in cells.items():
        worksheet.write(place, value, book.add_format({"num_format": number_format}))
    book.close()
    return file.getvalue()


@pytest.mark.parametrize("corner", ["XFD1048576", "XFD100", "A1048576"])
def test_two_distant_cells_do_not_fill_the_memory(corner):
    file = sheet({"A1": ("Text", "@"), corner: ("x", "@")})
    with pytest.raises(tables.UnreadableError, match="far away|cannot read"):
        tables.read_table(file, COLUMNS)


def test_percentages_are_read_as_displayed():
    examples = [(0.45, "0%"), (0.07, "0.0%"), (0.45, "0.00"), (12, '0"%"'), (0.1 + 0.2, "0.0")]
    cells = {f"A{line}": cell for line, cell in enumerate(examples, 2)}
    file = sheet({"A1": ("Text", "@"), **cells})
    rows = tables.read_table(file, COLUMNS).rows
    assert [row.cells["Text"] for row in rows] == ["45%", "7%", "0.45", "12", "0.3"]
