"""Reads and writes tables as CSV or XLSX. Knows files and cells, nothing of what they mean."""

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
from registry.open_data.csv_export import FORMULA_PREFIXES

MAX_BYTES = 2 * 1024 * 1024
MAX_ROWS = 2_000
READ_TIMEOUT_SECONDS = 30
# A title or two may stand above the line that names the columns.
MAX_HEADING_ROWS = 10
PROBLEMS_COLUMN = (
    "What is wrong"  # the column that we add to a file with problems; read, it is ignored
)
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
CANNOT_READ = "We cannot read this file. Save it as XLSX or CSV, and upload that."

Cell = str | Decimal | date | None


class UnreadableError(Exception):
    """The file cannot be taken; the message is a sentence for people."""


@dataclass(frozen=True)
class Remark:
    """What is to be said about a cell; rows are counted as spreadsheets do, from 1."""

    row: int
    column: str
    value: str
    message: str


@dataclass(frozen=True)
class Row:
    """A line below the headings; `cells` by column, as text without blanks around."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    """A file as read: its columns in order, its rows that are not empty, what could not be read."""

    columns: list[str]
    rows: list[Row]
    problems: list[Remark]
    is_xlsx: bool

    def unknown_columns(self, columns: Collection[str]) -> list[str]:
        """Return the columns of the file that are none of these."""
        return [name for name in self.columns if name not in columns and name != PROBLEMS_COLUMN]


def read_table(content: bytes, columns: Mapping[str, Collection[str]]) -> Table:
    """Read a file whose columns are called as given, or by one of the other names that they have.

    Raise UnreadableError where nothing can be said about single cells.
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
    """Return a table as CSV (RFC 4180) that Excel opens with its accents right."""
    file = StringIO()
    writer = csv.writer(file)
    for row in [columns, *rows]:
        writer.writerow([_cell_text(cell) for cell in row])
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def as_xlsx(
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    choices: Mapping[str, Sequence[str]] | None = None,
    marked: Collection[tuple[int, str]] = (),
) -> bytes:
    """Return a table as XLSX: text as text, days as days, lists to choose from in a second sheet.

    `marked`: cells to be seen at once, by the number of their row (from 0) and their column.
    """
    file = BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False})
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    plain = {"text_wrap": True, "valign": "top"}
    day = {"num_format": "yyyy-mm-dd"}
    marker = {"bg_color": "#FBD9D3"}
    formats = {
        (is_day, is_marked): book.add_format(
            plain | (day if is_day else {}) | (marker if is_marked else {})
        )
        for is_day in (True, False)
        for is_marked in (True, False)
    }
    sheet = book.add_worksheet("Register")
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, max(len(columns) - 1, 0), 22)
    for place, name in enumerate(columns):
        sheet.write_string(0, place, name, head)
    for line, row in enumerate(rows):
        for place, (name, cell) in enumerate(zip(columns, row, strict=True)):
            shape = formats[isinstance(cell, date), (line, name) in marked]
            match cell:
                case date():
                    sheet.write_datetime(line + 1, place, datetime.combine(cell, time()), shape)
                case Decimal():
                    sheet.write_number(line + 1, place, float(cell), shape)
                case _:
                    sheet.write_string(line + 1, place, _cell_text(cell), shape)
    _add_choice_lists(book, sheet, columns, choices or {})
    book.close()
    return file.getvalue()


def add_problem_column(table: Table, problems: Iterable[Remark]) -> bytes:
    """Return a file as it was uploaded, with a column that says what is wrong in each row."""
    messages: dict[int, list[str]] = {}
    marked = set()
    lines = {row.number: line for line, row in enumerate(table.rows)}
    for problem in problems:
        messages.setdefault(problem.row, []).append(f"{problem.column}: {problem.message}")
        marked.add((lines.get(problem.row, -1), problem.column))
    columns = [name for name in table.columns if name != PROBLEMS_COLUMN]
    rows = [
        [*(row.cells.get(name, "") for name in columns), "; ".join(messages.get(row.number, []))]
        for row in table.rows
    ]
    if table.is_xlsx:
        return as_xlsx([*columns, PROBLEMS_COLUMN], rows, marked=marked)
    return as_csv([*columns, PROBLEMS_COLUMN], rows)


def escape_formula(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run as a formula."""
    return f"'{text}" if text.startswith(FORMULA_PREFIXES) else text


def normalise_text(text: str) -> str:
    """Return a text without what people write differently: capitals, blanks."""
    return " ".join(text.casefold().split())


def unescape_formula(text: str) -> str:
    """Take off the apostrophe that `harmless` puts there."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_PREFIXES) else text


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
        beyond = [cell for cell in cells[len(columns) :] if cell]
        if beyond:
            message = "There are more cells in this row than there are columns"
            problems.append(Remark(line + 1, columns[-1], beyond[0], message))
        named = zip(columns, cells, strict=False)
        rows.append(Row(line + 1, {name: unescape_formula(cell) for name, cell in named if name}))
    if len(rows) > MAX_ROWS:
        raise UnreadableError(
            f"The file has {len(rows):,} rows. Upload at most {MAX_ROWS:,} at a time."
        )
    for (line, place), message in sorted(faults.items()):
        if line > top and place < len(columns):
            problems.append(Remark(line + 1, columns[place], lines[line][place], message))
    return Table([name for name in columns if name], rows, problems, is_xlsx)


def _find_heading_line(lines: list[list[str]], names: Mapping[str, str]) -> int:
    found = [_count_known_headings(line, names) for line in lines[:MAX_HEADING_ROWS]]
    if not any(found):
        columns = ", ".join(list(dict.fromkeys(names.values()))[:4])
        raise UnreadableError(
            f"The first rows name none of our columns, such as {columns}. Begin with our "
            "empty file."
        )
    return found.index(max(found))


def _count_known_headings(line: Sequence[str], names: Mapping[str, str]) -> int:
    return sum(_normalise_heading(cell) in names for cell in line)


def _read_csv(content: bytes, names: Mapping[str, str]) -> list[list[str]]:
    """Read CSV as Excel or anybody else writes it: several encodings, several separators."""
    text = _decode_text(content)
    if "\0" in text:
        raise UnreadableError("This is not a spreadsheet. Save it as XLSX or CSV, and upload that.")
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
        return content.decode("cp1252", errors="replace")  # what Excel on Windows calls CSV


def _read_xlsx(content: bytes) -> tuple[list[list[str]], dict[tuple[int, int], str]]:
    """Return the first sheet as text, and by line and place what is wrong with single cells.

    It is read in a process of its own, whose memory and time are bounded.
    """
    try:
        done = subprocess.run(  # noqa: S603 the command is ours, the file is its input
            [sys.executable, "-m", "charter.spreadsheets.xlsx_reader"],
            input=content,
            capture_output=True,
            timeout=READ_TIMEOUT_SECONDS,
            cwd=settings.BASE_DIR,
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableError("The file takes too long to read. Split it.") from error
    if done.returncode:
        raise UnreadableError(CANNOT_READ)
    result = json.loads(done.stdout)
    if "refused" in result:
        raise UnreadableError(result["refused"])
    return result["lines"], {(line, place): message for line, place, message in result["faults"]}


def _normalise_heading(heading: str) -> str:
    """Return a heading without what people write differently: capitals, blanks, hyphens."""
    return re.sub(r"[^a-z0-9]", "", heading.casefold())


def _cell_text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case Decimal():
            return f"{cell.normalize():f}"
        case date():
            return cell.isoformat()
    return escape_formula(cell)


def _add_choice_lists(
    book: Any, sheet: Any, columns: Sequence[str], choices: Mapping[str, Sequence[str]]
) -> None:
    """Let people choose from lists, which stand in a second sheet; other words are still taken."""
    if not choices:
        return
    lists = book.add_worksheet("Lists")
    lists.set_column(0, len(choices) - 1, 50)
    for place, (name, labels) in enumerate(choices.items()):
        lists.write_string(0, place, name)
        for line, label in enumerate(labels, 1):
            lists.write_string(line, place, label)
        letter = chr(ord("A") + place)
        at = columns.index(name)
        sheet.data_validation(
            1,
            at,
            MAX_ROWS,
            at,
            {
                "validate": "list",
                "source": f"=Lists!${letter}$2:${letter}${len(labels) + 1}",
                "error_type": "warning",
            },
        )
