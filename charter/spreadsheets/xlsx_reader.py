"""Reads the first sheet of a spreadsheet that somebody gave, as the text that people saw in it.

It runs as a process of its own (`python -m charter.spreadsheets.xlsx_reader`) with bounded memory
and time: the library lays out the whole rectangle that two cells span, and what is too much ends
its process.
"""

import json
import re
import resource
import sys
import unicodedata
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import python_calamine

MAX_UNPACKED = 60 * 1024 * 1024
MAX_CELLS = 1_000_000
# Of the process: a sheet of MAX_CELLS takes about half of it.
MEMORY_BYTES = 600 * 1024 * 1024
CPU_SECONDS = 15
UNREADABLE = (
    python_calamine.CalamineError,
    python_calamine.PasswordError,
    python_calamine.XmlError,
    python_calamine.ZipError,
    zipfile.BadZipFile,
    ElementTree.ParseError,
)
BUILT_IN_PERCENT = {"9", "10"}
LITERAL = re.compile(r'"[^"]*"|\\.')  # a sign in a format that is only shown
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

Lines = list[list[str]]
Faults = list[tuple[int, int, str]]  # line and place, from 0, and what is wrong with that cell


class RefusedSheetError(ValueError):
    """The file is not taken; the message says why, for people."""


def read_sheet(content: bytes) -> tuple[Lines, Faults]:
    """Return the first sheet as text, and what is wrong with single cells."""
    with zipfile.ZipFile(BytesIO(content)) as package:
        if sum(part.file_size for part in package.infolist()) > MAX_UNPACKED:
            raise RefusedSheetError("The file is too large once it is unpacked. Split it.")
        shown_as_percent, in_error = _find_marked_cells(package)
    book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(content))
    sheet = book.get_sheet_by_index(0)
    bottom, right = sheet.end or (0, 0)
    if (bottom + 1) * (right + 1) > MAX_CELLS:
        raise RefusedSheetError(
            "A cell stands very far away from the others. Copy your table into a new, empty sheet, "
            "and upload that."
        )
    lines = [
        [_cell_text(cell, (line, place) in shown_as_percent) for place, cell in enumerate(cells)]
        for line, cells in enumerate(sheet.to_python(skip_empty_area=False))
    ]
    faults = [(*at, "The formula in this cell gives an error") for at in in_error]
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or []:
        if top >= len(lines):
            continue
        if left == right:  # one cell over several rows means that all of them say it
            for line in range(top, min(bottom + 1, len(lines))):
                lines[line][left] = lines[top][left]
        else:
            faults.append((top, left, "This cell is merged with its neighbours: split it"))
    return lines, faults


def clean_text(text: str) -> str:
    """Return a cell's text without what a file puts around it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("_x000D_\n", "\n")
    return unicodedata.normalize("NFC", text).strip(" \n\t\u00a0\ufeff")


def _find_marked_cells(
    package: zipfile.ZipFile,
) -> tuple[set[tuple[int, int]], list[tuple[int, int]]]:
    """Return the cells shown in per cent and those in error, which the library does not tell."""
    parts = package.namelist()
    if "xl/workbook.xml" not in parts:  # another kind of spreadsheet
        return set(), []
    percent = _percent_styles(package) if "xl/styles.xml" in parts else set()
    shown_as_percent, in_error = set(), []
    with package.open(_first_sheet(package)) as source:
        for _, cell in ElementTree.iterparse(source):  # noqa: S314 in a bounded process
            if _local_name(cell) == "c" and "r" in cell.attrib:
                if cell.get("s") in percent:
                    shown_as_percent.add(_cell_position(cell.attrib["r"]))
                if cell.get("t") == "e":
                    in_error.append(_cell_position(cell.attrib["r"]))
            if _local_name(cell) == "row":
                cell.clear()
    return shown_as_percent, in_error


def _first_sheet(package: zipfile.ZipFile) -> str:
    sheet = next(e for e in _iter_elements(package, "xl/workbook.xml") if _local_name(e) == "sheet")
    targets = {
        e.get("Id"): e.get("Target", "")
        for e in _iter_elements(package, "xl/_rels/workbook.xml.rels")
    }
    target = targets[sheet.get(RELATION)]
    return target[1:] if target.startswith("/") else f"xl/{target}"


def _percent_styles(package: zipfile.ZipFile) -> set[str]:
    """Return the numbers of the styles that show 0.45 as 45%."""
    formats, styles, percent = set(BUILT_IN_PERCENT), [], set()
    for element in _iter_elements(package, "xl/styles.xml"):
        if _local_name(element) == "numFmt" and "%" in LITERAL.sub(
            "", element.get("formatCode", "")
        ):
            formats.add(element.get("numFmtId", ""))
        if _local_name(element) == "cellXfs":
            styles = list(element)
    for number, style in enumerate(styles):
        if style.get("numFmtId") in formats:
            percent.add(str(number))
    return percent


def _iter_elements(package: zipfile.ZipFile, part: str) -> Iterator[ElementTree.Element]:
    return ElementTree.fromstring(package.read(part)).iter()  # noqa: S314 in a bounded process


def _local_name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _cell_position(reference: str) -> tuple[int, int]:
    """Return line and place, from 0, of a cell such as C7."""
    letters = reference.rstrip("0123456789")
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return int(reference[len(letters) :]) - 1, place - 1


def _cell_text(cell: Any, is_percent: bool) -> str:
    """Return the value of a spreadsheet's cell as people would type it into a form."""
    match cell:
        case bool():
            return "yes" if cell else "no"
        case int() | float():
            # More than 15 digits are the machine's and not the writer's: 0.1 + 0.2.
            figure = Decimal(f"{cell:.15g}")
            return f"{(figure * 100).normalize():f}%" if is_percent else f"{figure.normalize():f}"
        case datetime():
            return cell.date().isoformat()
        case date():
            return cell.isoformat()
    return clean_text(str(cell))


def main() -> int:
    """Read a file from standard input; write what stands in it as JSON."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    if sys.platform == "linux":  # others do not keep this limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    try:
        lines, faults = read_sheet(sys.stdin.buffer.read())
    except RefusedSheetError as error:
        print(json.dumps({"refused": str(error)}))
        return 0
    except (*UNREADABLE, KeyError, StopIteration):
        return 1
    print(json.dumps({"lines": lines, "faults": faults}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
