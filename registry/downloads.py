"""Lists of records as CSV."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any

from rest_framework import serializers

from registry.api.representation import SHAPES, represent
from registry.models import Record

# A spreadsheet would run such a cell as a formula: an apostrophe stops it, and can be taken off.
RUNS_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
NUMBERS = (serializers.IntegerField, serializers.DecimalField)


def columns(kind: str) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
    """Return the columns of a kind: `a.b` becomes `a_b`; lists of objects have no column."""
    return dict(_flat(SHAPES[kind]()))


def csv_rows(kind: str, records: Iterable[Record]) -> Iterator[str]:
    """Yield the lines of a CSV file (RFC 4180), the header first."""
    fields = columns(kind)
    yield _line(list(fields))
    for record in records:
        shown = _flat_values(represent(record))
        yield _line([_cell(shown.get(name), field) for name, field in fields.items()])


def lines(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield rows of text as lines of a CSV file, made harmless as all others."""
    for row in rows:
        yield _line([_cell(value, None) for value in row])


def _flat(shape: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, field in shape.fields.items():
        if isinstance(field, serializers.ListSerializer):
            continue
        if isinstance(field, serializers.Serializer):
            yield from _flat(field, f"{prefix}{name}_")
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


def _cell(value: Any, field: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = ";".join(str(member) for member in value) if isinstance(value, list) else str(value)
    if text.startswith(RUNS_AS_FORMULA) and not isinstance(field, NUMBERS):
        return f"'{text}"
    return text


def _line(cells: list[str]) -> str:
    line = StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
