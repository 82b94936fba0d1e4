"""Any text comes back from a file as it went in, and none of it ever runs."""

import csv
import zipfile
from contextlib import suppress
from io import BytesIO, StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charter import spreadsheets

COLUMNS = {"Text": (), "Beside": ()}
# What a form keeps: no control characters but line breaks, nothing blank at the ends.
TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]) | st.just("\n"),
    max_size=40,
).map(spreadsheets._clean)
DANGEROUS = st.sampled_from(["=", "+", "-", "@", "'", "''", "'="])


@settings(max_examples=40, deadline=None)
@given(st.lists(TEXT | st.builds(str.__add__, DANGEROUS, TEXT), min_size=1, max_size=5))
def test_every_text_survives_both_kinds_of_file(texts):
    texts = [text for text in map(spreadsheets._clean, texts) if text]
    rows = [[text, "x"] for text in texts]
    for written in (
        spreadsheets.as_csv(list(COLUMNS), rows),
        spreadsheets.as_xlsx(list(COLUMNS), rows),
    ):
        table = spreadsheets.read(written, COLUMNS)
        assert [row.cells["Text"] for row in table.rows] == texts
    cells = list(csv.reader(StringIO(spreadsheets.as_csv(["Text"], rows).decode("utf-8-sig"))))
    for [text, _] in cells[1:]:
        assert not text.startswith(("=", "+", "-", "@", "\t", "\r"))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda end: b"Text,Beside\n" + end))
def test_any_bytes_are_read_or_refused_with_a_sentence(content):
    with suppress(spreadsheets.UnreadableError):
        spreadsheets.read(content, COLUMNS)


def test_a_file_that_unpacks_to_very_much_is_refused():
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", b"0" * (spreadsheets.MAX_UNPACKED + 1))
    with pytest.raises(spreadsheets.UnreadableError, match="too large once it is unpacked"):
        spreadsheets.read(file.getvalue(), COLUMNS)
