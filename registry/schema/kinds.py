"""The kinds of record, and the check that an item holds their declared fields and no others.

Each kind is declared once, with its public fields, types and help texts. Validation, keys, API,
OpenAPI, CSV, data dictionary, search and addresses all follow. Within version 1 of the API, fields
are only added, never renamed or given another meaning.
"""

from functools import cache
from typing import Any

from rest_framework import serializers

from registry.schema.charter_kinds import CHARTER_KINDS
from registry.schema.fields import STRUCTURE_TYPES, Key
from registry.schema.parsing import Parser, object_parser
from registry.schema.report_kinds import REPORT_KINDS
from registry.schema.signatory_kinds import SIGNATORY_KINDS

LICENCE = "http://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"

# By name, each after its parent; lists of kinds are in this order.
KINDS = {spec.name: spec for spec in (*CHARTER_KINDS, *SIGNATORY_KINDS, *REPORT_KINDS)}
KINDS_BY_PLURAL = {spec.plural: spec for spec in KINDS.values()}
SEARCHED_KINDS = tuple(s.name for s in KINDS.values() if s.name_fields or s.search_fields)


class InvalidItemError(ValueError):
    """An item that its kind does not allow; the message names the fields."""


@cache
def item_serializer(kind: str) -> serializers.Serializer[Any]:
    """Return the serializer of a kind. One instance is enough: it stores no data."""
    return KINDS[kind].serializer()


@cache
def derived_fields(kind: str) -> tuple[str, ...]:
    """Return the fields of a kind that no item contains."""
    derived = KINDS[kind].derived
    return tuple(derived().fields) if derived else ()


@cache
def commitment_parents() -> tuple[str, ...]:
    """Return the fields of commitments that name what they belong to: signatory, charter, ...

    Each is called as the kind of record it names.
    """
    fields = item_serializer("commitment").fields.items()
    return tuple(name for name, field in fields if isinstance(field, Key) and name in field.kinds)


def clean_item(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    """Return the content in its published form: validated, in NFC, without empty values.

    Raise InvalidItemError for unknown fields or invalid values.
    """
    content = _without_empty(content)
    serializer = item_serializer(kind)
    unknown = _unknown_fields(serializer, content)
    if unknown:
        raise InvalidItemError(f"{kind} may not publish: {', '.join(sorted(unknown))}")
    try:
        valid = serializer.run_validation(content)
    except serializers.ValidationError as error:
        raise InvalidItemError(f"{kind}: {error.detail}") from None
    return _without_empty(serializer.to_representation(valid))


def item_structure(kind: str, item: dict[str, Any]) -> dict[str, Any]:
    """Return an item without its words: the keys, codes, dates and numbers of it.

    An object inside that needs its words, such as a contract its reference, is left out.
    """
    structure: dict[str, Any] = _without_words(item_serializer(kind), item, is_whole=False)
    return structure


def _without_words(field: Any, value: Any, *, is_whole: bool = True) -> Any:
    """Return what stays of a value, or None if nothing does."""
    if isinstance(field, serializers.ListSerializer | serializers.ListField):
        members = [_without_words(field.child, member) for member in value]
        return [member for member in members if member is not None] or None
    if isinstance(field, serializers.Serializer):
        parts = {
            name: _without_words(member, value[name])
            for name, member in field.fields.items()
            if name in value
        }
        kept = {name: part for name, part in parts.items() if part is not None}
        needed = {name for name, member in field.fields.items() if member.required}
        return None if is_whole and needed - kept.keys() else kept
    return value if isinstance(field, STRUCTURE_TYPES) else None


def parse_item(kind: str, item: dict[str, Any]) -> dict[str, Any]:
    """Return a published item as Python values, such as dates and decimals.

    Missing fields, also of the objects inside, are None; unknown fields are left out.
    """
    parsed: dict[str, Any] = _item_parser(kind)(item)
    return parsed


@cache
def _item_parser(kind: str) -> Parser:
    return object_parser(item_serializer(kind))


def _unknown_fields(serializer: Any, content: Any, where: str = "") -> set[str]:
    if isinstance(serializer, serializers.ListSerializer):
        members = content if isinstance(content, list) else []
        return {
            name for member in members for name in _unknown_fields(serializer.child, member, where)
        }
    if not isinstance(serializer, serializers.Serializer) or not isinstance(content, dict):
        return set()
    allowed = {name for name, field in serializer.fields.items() if not field.read_only}
    unknown = {f"{where}{name}" for name in content if name not in allowed}
    for name, field in serializer.fields.items():
        unknown |= _unknown_fields(field, content.get(name), f"{where}{name}.")
    return unknown


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _without_empty(member)
            for name, member in value.items()
            if member not in (None, "", [], {})
        }
    if isinstance(value, list):
        return [_without_empty(member) for member in value]
    return value
