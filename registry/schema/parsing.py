"""Turn published items into Python values, such as dates and decimals.

An item is checked when it is published (`kinds.clean_item`) and never again. Only fields whose text
stands for another type are converted; to check each again would cost fifty times as much.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from rest_framework import serializers

Parser = Callable[[Any], Any]
DECIMAL_STEP = Decimal("0.001")  # As a PlainDecimalField validates them.


def object_parser(serializer: serializers.Serializer[Any]) -> Parser:
    """Return a function that parses an object with the fields of a serializer.

    Missing fields are None, unknown fields are left out.
    """
    missing = dict.fromkeys(serializer.fields)
    parsers = {
        name: parser
        for name, field in serializer.fields.items()
        if (parser := _field_parser(field)) is not None
    }

    def parse_object(published: dict[str, Any]) -> dict[str, Any]:
        parsed = missing.copy()
        for name, value in published.items():
            if name in parsed and value is not None:
                parsed[name] = parsers[name](value) if name in parsers else value
        return parsed

    return parse_object


def _field_parser(field: Any) -> Parser | None:
    """Return the function that parses the values of a field, or None for texts and numbers."""
    match field:
        case serializers.ListSerializer() | serializers.ListField():
            member_parser = _field_parser(field.child)
            return member_parser and (lambda values: [member_parser(value) for value in values])
        case serializers.Serializer():
            return object_parser(field)
        case serializers.DateField():
            return date.fromisoformat
        case serializers.DecimalField():
            return lambda text: Decimal(text).quantize(DECIMAL_STEP)
        case serializers.UUIDField():
            return UUID
    return None
