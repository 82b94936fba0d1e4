"""The data dictionary and the JSON Schemas, generated from the declared public fields."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from drf_spectacular.generators import SchemaGenerator
from rest_framework import serializers

from registry.api.representation import RECORD_SERIALIZERS, RecordFields
from registry.models import Record
from registry.schema import kinds
from registry.schema.fields import CodeField, Key

DRAFT = "https://json-schema.org/draft/2020-12/schema"
TYPES: list[tuple[type[Any], str]] = [
    (Key, "key"),
    (serializers.BooleanField, "true or false"),
    (serializers.DecimalField, "decimal as text"),
    (serializers.IntegerField, "whole number"),
    (serializers.DateTimeField, "time, UTC"),
    (serializers.DateField, "date"),
    (serializers.URLField, "web address"),
    (serializers.UUIDField, "UUID"),
    (serializers.ChoiceField, "code"),
    (serializers.CharField, "text"),
]


@dataclass(frozen=True)
class Field:
    """One field of a kind; `name` is its path with dots, as in JSON, and `origin` its source.

    `code_list` is the name of the list that explains its codes, if it holds any of ours.
    """

    name: str
    type: str
    meaning: str
    required: bool
    origin: str
    code_list: str = ""


def dictionary_fields(kind: str) -> list[Field]:
    """Return the fields of a kind in the data's order, each followed by its nested fields."""
    return [
        field
        for name, serializer_field in RECORD_SERIALIZERS[kind]().fields.items()
        for field in _describe_field(name, serializer_field, _field_origin(kind, name))
    ]


def _describe_field(name: str, field: Any, origin: str) -> list[Field]:
    is_list = isinstance(field, serializers.ListSerializer | serializers.ListField)
    member = field.child if is_list else field
    is_object = isinstance(member, serializers.Serializer)
    type_ = "object" if is_object else _type_label(member)
    row = Field(
        name=name,
        type=f"list of {type_}s" if is_list else type_,
        meaning=str(field.help_text),
        required=bool(field.required),
        origin=origin,
        code_list=member.code_list.list_name() if isinstance(member, CodeField) else "",
    )
    nested_rows = [
        nested_row
        for part, nested_field in (member.fields.items() if is_object else ())
        for nested_row in _describe_field(
            f"{name}{'[]' if is_list else ''}.{part}",
            nested_field,
            "derived" if nested_field.read_only else origin,
        )
    ]
    return [row, *nested_rows]


def _type_label(field: Any) -> str:
    return next((label for kind, label in TYPES if isinstance(field, kind)), "text")


def _field_origin(kind: str, name: str) -> str:
    if name in RecordFields().fields:
        return "the register"
    if name in kinds.derived_fields(kind):
        return "derived"
    return "published"


def json_schema(kind: str) -> dict[str, Any]:
    """Return the self-contained JSON Schema of the records of a kind.

    Only a redacted record may lack what its kind requires.
    """
    parts = _openapi_components()
    name = f"{kind.title()}Record"
    needed: dict[str, Any] = {}
    _collect_references(parts[name], parts, needed)
    return {
        "$schema": DRAFT,
        "$id": f"{settings.PUBLIC_URL}/schemas/v1/{kinds.KINDS[kind].plural}.json",
        "title": kind.capitalize(),
        **_with_local_references(parts[name]),
        "if": {"properties": {"record_status": {"const": Record.Status.REDACTED.value}}},
        "else": {
            "properties": {field: {"not": {"type": "null"}} for field in _required_fields(kind)}
        },
        **({"$defs": {part: _with_local_references(needed[part]) for part in sorted(needed)}}),
    }


def _required_fields(kind: str) -> list[str]:
    fields = RECORD_SERIALIZERS[kind]().fields.items()
    return [name for name, field in fields if field.required]


@cache
def _openapi_components() -> dict[str, Any]:
    document = SchemaGenerator().get_schema(request=None, public=True)
    return dict(document["components"]["schemas"])


def _collect_references(schema: Any, parts: dict[str, Any], needed: dict[str, Any]) -> None:
    """Add the parts referenced by a schema to `needed`, directly or through other parts."""
    if isinstance(schema, dict):
        reference = str(schema.get("$ref", "")).rpartition("/")[2]
        if reference and reference not in needed:
            needed[reference] = parts[reference]
            _collect_references(parts[reference], parts, needed)
        for member in schema.values():
            _collect_references(member, parts, needed)
    elif isinstance(schema, list):
        for member in schema:
            _collect_references(member, parts, needed)


def _with_local_references(schema: Any) -> Any:
    """Return a copy of a schema whose references point to its own definitions."""
    if isinstance(schema, dict):
        return {
            name: f"#/$defs/{member.rpartition('/')[2]}"
            if name == "$ref"
            else _with_local_references(member)
            for name, member in schema.items()
        }
    return (
        [_with_local_references(member) for member in schema]
        if isinstance(schema, list)
        else schema
    )
