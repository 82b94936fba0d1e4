"""Read and write tables as CSV or XLSX. Deals with files and cells, not with their meaning."""

import csv
import json
import re
import subprocess
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import xlsxwriter
from django.conf import settings

from charter.spreadsheets.xlsx_reader import clean_text
from registry.open_data.csv_cells import cell_text, csv_lines, unescape_formula

MAX_BYTES = 2 * 1024 * 1024
MAX_ROWS = 2_000
READ_TIMEOUT_SECONDS = 30
# A few lines of title may precede the headings.
MAX_HEADING_ROWS = 10
PROBLEMS_COLUMN = (
    "What is wrong"  # added to a file with problems, and ignored when it is uploaded again
)
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
CANNOT_READ = "We cannot read this file. Save it as XLSX or CSV and upload it again."

Cell = str | Decimal | date | None


class UnreadableError(Exception):
    """The file cannot be read. The message is a sentence for users."""


@dataclass(frozen=True)
class Remark:
    """A message about a cell. Rows are numbered from 1, as in spreadsheets."""

    row: int
    column: str
    value: str
    message: str


@dataclass(frozen=True)
class Row:
    """A row below the headings. `cells` has stripped text by column."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    """The content of a file: columns in order, non-empty rows, and problems in reading it."""

    columns: list[str]
    rows: list[Row]
    problems: list[Remark]
    is_xlsx: bool

    def unknown_columns(self, columns: Collection[str]) -> list[str]:
        """Return the file's columns that are not among `columns`."""
        return [name for name in self.columns if name not in columns and name != PROBLEMS_COLUMN]


def read_table(content: bytes, columns: Mapping[str, Collection[str]]) -> Table:
    """Read a CSV or XLSX file. `columns` maps our headings to other headings in use for them.

    Raise UnreadableError if the whole file is unusable; problems of cells are in the table.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableError("The file is larger than 2 MB. Split it, or take pictures out of it.")
    names = {
        _normalise_heading(name): column
        for column, others in {**columns, PROBLEMS_COLUMN: ()}.items()
        for name in (column, *others)
    }
    try:
        if content.startswith(b"PK"):
            lines, faults = _read_xlsx(content)
            return _build_table(lines, faults, names, is_xlsx=True)
        if content.startswith(b"\xd0\xcf\x11\xe0"):
            raise UnreadableError(
                "This is an old or a protected Excel file. Take its password off, save it as XLSX "
                "or CSV, and upload that."
            )
        return _build_table(_read_csv(content, names), {}, names, is_xlsx=False)
    except csv.Error as error:
        raise UnreadableError(CANNOT_READ) from error


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a table as CSV (RFC 4180), with a byte order mark so that Excel shows accents."""
    return b"\xef\xbb\xbf" + "".join(csv_lines([columns, *rows])).encode()


def as_xlsx(
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    choices: Mapping[str, Sequence[str]] | None = None,
    highlights: Collection[tuple[int, str]] = (),
) -> bytes:
    """Return a table as XLSX with typed cells, and the lists of choices in a second sheet.

    `highlights` has cells to highlight, as (row from 0, column).
    """
    file = BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False})
    heading_format = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}
    )
    base_style = {"text_wrap": True, "valign": "top"}
    day_style = {"num_format": "yyyy-mm-dd"}
    highlight_style = {"bg_color": "#FBD9D3"}
    formats = {
        (is_day, is_highlighted): book.add_format(
            base_style | (day_style if is_day else {}) | (highlight_style if is_highlighted else {})
        )
        for is_day in (True, False)
        for is_highlighted in (True, False)
    }
    sheet = book.add_worksheet("Register")
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, max(len(columns) - 1, 0), 22)
    for place, name in enumerate(columns):
        sheet.write_string(0, place, name, heading_format)
    for line, row in enumerate(rows):
        for place, (name, cell) in enumerate(zip(columns, row, strict=True)):
            style = formats[isinstance(cell, date), (line, name) in highlights]
            match cell:
                case date():
                    sheet.write_datetime(line + 1, place, datetime.combine(cell, time()), style)
                case Decimal():
                    sheet.write_number(line + 1, place, float(cell), style)
                case _:
                    sheet.write_string(line + 1, place, cell_text(cell), style)
    _add_choice_lists(book, sheet, columns, choices or {})
    book.close()
    return file.getvalue()


def add_problem_column(table: Table, problems: Iterable[Remark]) -> bytes:
    """Return an uploaded table as a file in its format, with a column of problems by row."""
    messages: dict[int, list[str]] = {}
    highlights = set()
    lines = {row.number: line for line, row in enumerate(table.rows)}
    for problem in problems:
        messages.setdefault(problem.row, []).append(f"{problem.column}: {problem.message}")
        highlights.add((lines.get(problem.row, -1), problem.column))
    columns = [name for name in table.columns if name != PROBLEMS_COLUMN]
    rows = [
        [*(row.cells.get(name, "") for name in columns), "; ".join(messages.get(row.number, []))]
        for row in table.rows
    ]
    if table.is_xlsx:
        return as_xlsx([*columns, PROBLEMS_COLUMN], rows, highlights=highlights)
    return as_csv([*columns, PROBLEMS_COLUMN], rows)


def normalise_text(text: str) -> str:
    """Return text without differences of capitals and spaces, for comparison."""
    return " ".join(text.casefold().split())


def _build_table(
    lines: list[list[str]],
    faults: dict[tuple[int, int], str],
    names: Mapping[str, str],
    *,
    is_xlsx: bool,
) -> Table:
    top = _find_heading_line(lines, names)
    columns, problems = [], []
    for heading in lines[top]:
        name = names.get(_normalise_heading(heading), heading)
        if name and name in columns:
            problems.append(Remark(top + 1, name, heading, "Two columns have this name: take one"))
        columns.append(name)
    rows = []
    for line, cells in enumerate(lines[top + 1 :], top + 1):
        if not any(cells):
            continue
        extra_cells = [cell for cell in cells[len(columns) :] if cell]
        if extra_cells:
            message = "There are more cells in this row than there are columns"
            problems.append(Remark(line + 1, columns[-1], extra_cells[0], message))
        named_cells = zip(columns, cells, strict=False)
        rows.append(
            Row(line + 1, {name: unescape_formula(cell) for name, cell in named_cells if name})
        )
    if len(rows) > MAX_ROWS:
        raise UnreadableError(
            f"The file has {len(rows):,} rows. Upload at most {MAX_ROWS:,} at a time."
        )
    for (line, place), message in sorted(faults.items()):
        if line > top and place < len(columns):
            problems.append(Remark(line + 1, columns[place], lines[line][place], message))
    return Table([name for name in columns if name], rows, problems, is_xlsx)


def _find_heading_line(lines: list[list[str]], names: Mapping[str, str]) -> int:
    counts = [_count_known_headings(line, names) for line in lines[:MAX_HEADING_ROWS]]
    if not any(counts):
        columns = ", ".join(list(dict.fromkeys(names.values()))[:4])
        raise UnreadableError(
            f"The first rows name none of our columns, such as {columns}. Begin with our "
            "empty file."
        )
    return counts.index(max(counts))


def _count_known_headings(line: Sequence[str], names: Mapping[str, str]) -> int:
    return sum(_normalise_heading(cell) in names for cell in line)


def _read_csv(content: bytes, names: Mapping[str, str]) -> list[list[str]]:
    """Read CSV in any usual encoding, with the separator that finds most of our headings."""
    text = _decode_text(content)
    if "\0" in text:
        raise UnreadableError(
            "This is not a spreadsheet. Save it as XLSX or CSV and upload it again."
        )
    readings = [
        [[clean_text(cell) for cell in line] for line in csv.reader(StringIO(text), delimiter=sign)]
        for sign in ",;\t"
    ]
    return max(
        readings,
        key=lambda lines: max(
            (_count_known_headings(line, names) for line in lines[:MAX_HEADING_ROWS]), default=0
        ),
    )


def _decode_text(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode(
            "cp1252", errors="replace"
        )  # the encoding of CSV from Excel on Windows


def _read_xlsx(content: bytes) -> tuple[list[list[str]], dict[tuple[int, int], str]]:
    """Return the first sheet's lines as text, and faults by (line, place), both from 0.

    The file is read in a separate process with limits on memory and time.
    """
    try:
        process = subprocess.run(  # noqa: S603 the command is ours, the file is its input
            [sys.executable, "-m", "charter.spreadsheets.xlsx_reader"],
            input=content,
            capture_output=True,
            timeout=READ_TIMEOUT_SECONDS,
            cwd=settings.BASE_DIR,
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableError("The file takes too long to read. Split it.") from error
    if process.returncode:
        raise UnreadableError(CANNOT_READ)
    result = json.loads(process.stdout)
    if "refused" in result:
        raise UnreadableError(result["refused"])
    return result["lines"], {(line, place): message for line, place, message in result["faults"]}


def _normalise_heading(heading: str) -> str:
    """Return a heading without differences of capitals, spaces and hyphens, for comparison."""
    return re.sub(r"[^a-z0-9]", "", heading.casefold())


def _add_choice_lists(
    book: Any, sheet: Any, columns: Sequence[str], choices: Mapping[str, Sequence[str]]
) -> None:
    """Add a second sheet with lists of choices. Cells offer them but accept other values too."""
    if not choices:
        return
    lists = book.add_worksheet("Lists")
    lists.set_column(0, len(choices) - 1, 50)
    for list_number, (name, labels) in enumerate(choices.items()):
        lists.write_string(0, list_number, name)
        for line, label in enumerate(labels, 1):
            lists.write_string(line, list_number, label)
        letter = chr(ord("A") + list_number)
        index = columns.index(name)
        sheet.data_validation(
            1,
            index,
            MAX_ROWS,
            index,
            {
                "validate": "list",
                "source": f"=Lists!${letter}$2:${letter}${len(labels) + 1}",
                "error_type": "warning",
            },
        )
