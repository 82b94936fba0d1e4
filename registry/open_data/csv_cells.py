"""The cells of every CSV file that the register writes."""

import csv
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

from registry.schema.fields import plain_decimal

# Spreadsheets run text that starts like this as a formula. An apostrophe prevents it. Text that
# starts with one gets another, so that readers can always remove the first.
FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "'")


def escape_formula(text: str) -> str:
    """Prefix text that a spreadsheet would run as a formula with an apostrophe."""
    return f"'{text}" if text.startswith(FORMULA_PREFIXES) else text


def unescape_formula(text: str) -> str:
    """Remove the apostrophe added by escape_formula."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_PREFIXES) else text


def cell_text(value: Any) -> str:
    """Return the text of a cell: numbers and dates as they are, text without formulas."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return plain_decimal(value)
        case int():
            return str(value)
        case date():
            return value.isoformat()
        case list():
            return escape_formula(";".join(str(member) for member in value))
    return escape_formula(str(value))


def csv_lines(rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Yield rows as lines of a CSV file (RFC 4180)."""
    for row in rows:
        line = StringIO()
        csv.writer(line).writerow([cell_text(value) for value in row])
        yield line.getvalue()
