"""Read the first sheet of an uploaded spreadsheet as text, as its authors saw it.

Runs as a separate process (`python -m charter.spreadsheets.xlsx_reader`) with limits on memory and
time: the library allocates the whole rectangle between the outermost cells, so a hostile file may
exhaust both, and must end only this process.
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
# The limit of the process. A sheet of MAX_CELLS takes about half of it.
MEMORY_BYTES = 600 * 1024 * 1024
CPU_SECONDS = 15
READ_ERRORS = (
    python_calamine.CalamineError,
    python_calamine.PasswordError,
    python_calamine.XmlError,
    python_calamine.ZipError,
    zipfile.BadZipFile,
    ElementTree.ParseError,
)
BUILT_IN_PERCENT = {"9", "10"}
LITERAL = re.compile(r'"[^"]*"|\\.')  # a literal in a format, where % has no meaning
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

Lines = list[list[str]]
Faults = list[tuple[int, int, str]]  # line and place, from 0, and a message about the cell


class RefusedSheetError(ValueError):
    """The file is refused. The message is a sentence for users."""


def read_sheet(content: bytes) -> tuple[Lines, Faults]:
    """Return the first sheet's lines as text, and faults of single cells.

    Raise RefusedSheetError if the file is too large.
    """
    with zipfile.ZipFile(BytesIO(content)) as package:
        if sum(part.file_size for part in package.infolist()) > MAX_UNPACKED:
            raise RefusedSheetError("The file is too large once it is unpacked. Split it.")
        percent_cells, error_cells = _find_marked_cells(package)
    book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(content))
    sheet = book.get_sheet_by_index(0)
    bottom, right = sheet.end or (0, 0)
    if (bottom + 1) * (right + 1) > MAX_CELLS:
        raise RefusedSheetError(
            "A cell stands very far away from the others. Copy your table into a new, empty sheet, "
            "and upload that."
        )
    lines = [
        [_cell_text(cell, (line, place) in percent_cells) for place, cell in enumerate(cells)]
        for line, cells in enumerate(sheet.to_python(skip_empty_area=False))
    ]
    faults = [(*position, "The formula in this cell gives an error") for position in error_cells]
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or []:
        if top >= len(lines):
            continue
        if left == right:  # a cell merged over several rows applies to each of them
            for line in range(top, min(bottom + 1, len(lines))):
                lines[line][left] = lines[top][left]
        else:
            faults.append((top, left, "This cell is merged with its neighbours: split it"))
    return lines, faults


def clean_text(text: str) -> str:
    """Return a cell's text without artefacts of the file format."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("_x000D_\n", "\n")
    return unicodedata.normalize("NFC", text).strip(" \n\t\u00a0\ufeff")


def _find_marked_cells(
    package: zipfile.ZipFile,
) -> tuple[set[tuple[int, int]], list[tuple[int, int]]]:
    """Return the cells shown as percentages and those with errors.

    The library reports neither, so the XML is read directly.
    """
    parts = package.namelist()
    if "xl/workbook.xml" not in parts:  # another spreadsheet format, such as ODS
        return set(), []
    percent_styles = _percent_styles(package) if "xl/styles.xml" in parts else set()
    percent_cells, error_cells = set(), []
    with package.open(_first_sheet(package)) as source:
        for _, cell in ElementTree.iterparse(source):  # noqa: S314 in a bounded process
            if _local_name(cell) == "c" and "r" in cell.attrib:
                if cell.get("s") in percent_styles:
                    percent_cells.add(_cell_position(cell.attrib["r"]))
                if cell.get("t") == "e":
                    error_cells.append(_cell_position(cell.attrib["r"]))
            if _local_name(cell) == "row":
                cell.clear()
    return percent_cells, error_cells


def _first_sheet(package: zipfile.ZipFile) -> str:
    sheet = next(e for e in _iter_elements(package, "xl/workbook.xml") if _local_name(e) == "sheet")
    targets = {
        e.get("Id"): e.get("Target", "")
        for e in _iter_elements(package, "xl/_rels/workbook.xml.rels")
    }
    target = targets[sheet.get(RELATION)]
    return target[1:] if target.startswith("/") else f"xl/{target}"


def _percent_styles(package: zipfile.ZipFile) -> set[str]:
    """Return the indices of styles that show 0.45 as 45%."""
    formats, styles, percent_styles = set(BUILT_IN_PERCENT), [], set()
    for element in _iter_elements(package, "xl/styles.xml"):
        if _local_name(element) == "numFmt" and "%" in LITERAL.sub(
            "", element.get("formatCode", "")
        ):
            formats.add(element.get("numFmtId", ""))
        if _local_name(element) == "cellXfs":
            styles = list(element)
    for number, style in enumerate(styles):
        if style.get("numFmtId") in formats:
            percent_styles.add(str(number))
    return percent_styles


def _iter_elements(package: zipfile.ZipFile, part: str) -> Iterator[ElementTree.Element]:
    return ElementTree.fromstring(package.read(part)).iter()  # noqa: S314 in a bounded process


def _local_name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _cell_position(reference: str) -> tuple[int, int]:
    """Return (line, place), both from 0, for a cell reference such as C7."""
    letters = reference.rstrip("0123456789")
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return int(reference[len(letters) :]) - 1, place - 1


def _cell_text(cell: Any, is_percent: bool) -> str:
    """Return a cell's value as people would type it into a form."""
    match cell:
        case bool():
            return "yes" if cell else "no"
        case int() | float():
            # Digits beyond the 15th are rounding errors, as in 0.1 + 0.2.
            figure = Decimal(f"{cell:.15g}")
            return f"{(figure * 100).normalize():f}%" if is_percent else f"{figure.normalize():f}"
        case datetime():
            return cell.date().isoformat()
        case date():
            return cell.isoformat()
    return clean_text(str(cell))


def main() -> int:
    """Read a file from standard input and write its content to standard output as JSON."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    if sys.platform == "linux":  # other systems do not enforce this limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    try:
        lines, faults = read_sheet(sys.stdin.buffer.read())
    except RefusedSheetError as error:
        print(json.dumps({"refused": str(error)}))
        return 0
    except (*READ_ERRORS, KeyError, StopIteration):
        return 1
    print(json.dumps({"lines": lines, "faults": faults}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
