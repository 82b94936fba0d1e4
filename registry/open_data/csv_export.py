"""Lists of records as CSV."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any

from rest_framework import serializers

from registry.api.representation import RECORD_SERIALIZERS
from registry.log.documents import represent_record
from registry.models import Record
from registry.open_data.csv_cells import csv_lines

NUMBER_FIELDS = (serializers.IntegerField, serializers.DecimalField)


def csv_columns(kind: str) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
    """Return the columns of a kind by name.

    `a.b` becomes `a_b`; of a list of objects, such as weakenings, there is the number.
    """
    return dict(_flat_fields(RECORD_SERIALIZERS[kind]()))


def csv_rows(kind: str, records: Iterable[Record], day: date) -> Iterator[str]:
    """Return the lines of a CSV file (RFC 4180) on a day, starting with the header."""
    fields = csv_columns(kind)
    rows = (_row_values(represent_record(record, day), fields) for record in records)
    return csv_lines(chain([list(fields)], rows))


def _row_values(record: dict[str, Any], fields: dict[str, Any]) -> list[Any]:
    values = _flat_values(record)
    return [_typed_value(values.get(name), field) for name, field in fields.items()]


def _flat_fields(shape: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, field in shape.fields.items():
        if isinstance(field, serializers.ListSerializer):
            yield f"{prefix}{name}_count", serializers.IntegerField()
        elif isinstance(field, serializers.Serializer):
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
        if isinstance(member, list):
            flat[f"{prefix}{name}_count"] = len(member)
    return flat


def _typed_value(value: Any, field: Any) -> Any:
    """Return a number as one: the API has decimals as text."""
    is_number = value is not None and isinstance(field, NUMBER_FIELDS)
    return Decimal(value) if is_number else value
