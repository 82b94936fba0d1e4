"""Lists of records as CSV."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any

from rest_framework import serializers

from registry.api.representation import RECORD_SERIALIZERS, represent_record
from registry.models import Record

# Spreadsheets run cells that start like this as formulas. An apostrophe prevents it. Cells that
# start with one get another, so that readers can always remove the first.
FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "'")
NUMBER_FIELDS = (serializers.IntegerField, serializers.DecimalField)


def csv_columns(kind: str) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
    """Return the columns of a kind by name; `a.b` becomes `a_b`, lists of objects are left out."""
    return dict(_flat_fields(RECORD_SERIALIZERS[kind]()))


def csv_rows(kind: str, records: Iterable[Record]) -> Iterator[str]:
    """Yield the lines of a CSV file (RFC 4180), starting with the header."""
    fields = csv_columns(kind)
    yield _format_line(list(fields))
    for record in records:
        values = _flat_values(represent_record(record))
        yield _format_line(
            [_format_cell(values.get(name), field) for name, field in fields.items()]
        )


def csv_lines(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield rows of text as lines of a CSV file, with formulas escaped as in `csv_rows`."""
    for row in rows:
        yield _format_line([_format_cell(value, None) for value in row])


def _flat_fields(shape: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, field in shape.fields.items():
        if isinstance(field, serializers.ListSerializer):
            continue
        if isinstance(field, serializers.Serializer):
            yield from _flat_fields(field, f"{prefix}{name}_")
        else:
            yield f"{prefix}{name}", field


def _flat_values(value: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, member in value.items():
        if isinstance(member, dict):
            flat |= _flat_values(member, f"{prefix}{name}_")
        else:
            flat[f"{prefix}{name}"] = member
    return flat


def _format_cell(value: Any, field: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = ";".join(str(member) for member in value) if isinstance(value, list) else str(value)
    if text.startswith(FORMULA_PREFIXES) and not isinstance(field, NUMBER_FIELDS):
        return f"'{text}"
    return text


def _format_line(cells: list[str]) -> str:
    line = StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
