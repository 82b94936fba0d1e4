"""The data dictionary and the JSON Schemas, made from the declaration of what is published."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from drf_spectacular.generators import SchemaGenerator
from rest_framework import serializers

from registry import kinds
from registry.api.representation import DERIVED, SHAPES, RecordFields
from registry.fields import Key
from registry.meanings import MEANINGS

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


def fields(kind: str) -> list[Field]:
    """Return the fields of a kind in the order of the data, those within fields after them."""
    return [
        field
        for name, declared in SHAPES[kind]().fields.items()
        for field in _described(name, declared, _origin(kind, name))
    ]


def _described(name: str, declared: Any, origin: str) -> list[Field]:
    several = isinstance(declared, serializers.ListSerializer | serializers.ListField)
    member = declared.child if several else declared
    inner = isinstance(member, serializers.Serializer)
    type_ = "object" if inner else _type(member)
    described = Field(
        name=name,
        type=f"list of {type_}s" if several else type_,
        meaning=str(declared.help_text or member.help_text or MEANINGS[name.rpartition(".")[2]]),
        required=bool(declared.required),
        origin=origin,
    )
    within = [
        field
        for part, field_ in (member.fields.items() if inner else ())
        for field in _described(f"{name}{'[]' if several else ''}.{part}", field_, origin)
    ]
    return [described, *within]


def _type(field: Any) -> str:
    return next((words for kind, words in TYPES if isinstance(field, kind)), "text")


def _origin(kind: str, name: str) -> str:
    if name in RecordFields().fields:
        return "the register"
    if kind in DERIVED and name in DERIVED[kind]().fields:
        return "derived"
    return "published"


def json_schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of the records of a kind, whole in itself."""
    parts = _components()
    name = f"{kind.title()}Record"
    needed: dict[str, Any] = {}
    _collect(parts[name], parts, needed)
    return {
        "$schema": DRAFT,
        "$id": f"{settings.PUBLIC_URL}/schemas/v1/{kinds.PLURALS[kind]}.json",
        "title": kind.capitalize(),
        **_referring(parts[name]),
        **({"$defs": {part: _referring(needed[part]) for part in sorted(needed)}}),
    }


@cache
def _components() -> dict[str, Any]:
    described = SchemaGenerator().get_schema(request=None, public=True)
    return dict(described["components"]["schemas"])


def _collect(schema: Any, parts: dict[str, Any], needed: dict[str, Any]) -> None:
    """Gather what a schema refers to, and what that refers to."""
    if isinstance(schema, dict):
        reference = str(schema.get("$ref", "")).rpartition("/")[2]
        if reference and reference not in needed:
            needed[reference] = parts[reference]
            _collect(parts[reference], parts, needed)
        for member in schema.values():
            _collect(member, parts, needed)
    elif isinstance(schema, list):
        for member in schema:
            _collect(member, parts, needed)


def _referring(schema: Any) -> Any:
    """Return a schema whose references lead to its own definitions."""
    if isinstance(schema, dict):
        return {
            name: f"#/$defs/{member.rpartition('/')[2]}" if name == "$ref" else _referring(member)
            for name, member in schema.items()
        }
    return [_referring(member) for member in schema] if isinstance(schema, list) else schema
