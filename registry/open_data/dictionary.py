"""The data dictionary and the JSON Schemas, made from the declaration of what is published."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from drf_spectacular.generators import SchemaGenerator
from rest_framework import serializers

from registry.api.representation import DERIVED_SERIALIZERS, RECORD_SERIALIZERS, RecordFields
from registry.schema import kinds
from registry.schema.field_descriptions import FIELD_DESCRIPTIONS
from registry.schema.fields import Key

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
    """One field of a kind: `name` with dots as in JSON; `origin` is where it comes from."""

    name: str
    type: str
    meaning: str
    required: bool
    origin: str


def dictionary_fields(kind: str) -> list[Field]:
    """Return the fields of a kind in the order of the data, those within fields after them."""
    return [
        field
        for name, declared in RECORD_SERIALIZERS[kind]().fields.items()
        for field in _describe_field(name, declared, _field_origin(kind, name))
    ]


def _describe_field(name: str, declared: Any, origin: str) -> list[Field]:
    several = isinstance(declared, serializers.ListSerializer | serializers.ListField)
    member = declared.child if several else declared
    inner = isinstance(member, serializers.Serializer)
    type_ = "object" if inner else _type_label(member)
    row = Field(
        name=name,
        type=f"list of {type_}s" if several else type_,
        meaning=str(
            declared.help_text or member.help_text or FIELD_DESCRIPTIONS[name.rpartition(".")[2]]
        ),
        required=bool(declared.required),
        origin=origin,
    )
    within = [
        field
        for part, field_ in (member.fields.items() if inner else ())
        for field in _describe_field(f"{name}{'[]' if several else ''}.{part}", field_, origin)
    ]
    return [row, *within]


def _type_label(field: Any) -> str:
    return next((label for kind, label in TYPES if isinstance(field, kind)), "text")


def _field_origin(kind: str, name: str) -> str:
    if name in RecordFields().fields:
        return "the register"
    if kind in DERIVED_SERIALIZERS and name in DERIVED_SERIALIZERS[kind]().fields:
        return "derived"
    return "published"


def json_schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of the records of a kind, whole in itself."""
    parts = _openapi_components()
    name = f"{kind.title()}Record"
    needed: dict[str, Any] = {}
    _collect_references(parts[name], parts, needed)
    return {
        "$schema": DRAFT,
        "$id": f"{settings.PUBLIC_URL}/schemas/v1/{kinds.PLURALS[kind]}.json",
        "title": kind.capitalize(),
        **_with_local_references(parts[name]),
        **({"$defs": {part: _with_local_references(needed[part]) for part in sorted(needed)}}),
    }


@cache
def _openapi_components() -> dict[str, Any]:
    document = SchemaGenerator().get_schema(request=None, public=True)
    return dict(document["components"]["schemas"])


def _collect_references(schema: Any, parts: dict[str, Any], needed: dict[str, Any]) -> None:
    """Gather what a schema refers to, and what that refers to."""
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
    """Return a schema whose references lead to its own definitions."""
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
