"""Shapes of responses and parameters, for the OpenAPI description."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers

from registry.api.paging import DEFAULT_LIMIT, LARGEST_LIMIT
from registry.api.representation import RECORD_SERIALIZERS, Redaction
from registry.models import Entry
from registry.schema import fields, kinds


class HeadShape(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    hash = serializers.CharField()


class Meta(serializers.Serializer[Any]):
    count = serializers.IntegerField(required=False)
    total = serializers.IntegerField(required=False)
    head = HeadShape()
    generated_at = serializers.DateTimeField()
    licence = serializers.URLField()


class Links(serializers.Serializer[Any]):
    self = serializers.URLField()
    next = serializers.URLField(allow_null=True)


class Root(serializers.Serializer[Any]):
    name = serializers.CharField()
    version = serializers.CharField()
    openapi_url = serializers.URLField()
    docs_url = serializers.URLField()
    changes_url = serializers.URLField()
    entries_url = serializers.URLField()
    codelists_url = serializers.URLField()
    head = HeadShape()
    generated_at = serializers.DateTimeField()
    licence = serializers.URLField()


class EntryShape(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    at = serializers.DateTimeField()
    kind = fields.choice(kinds.KINDS)
    key = serializers.CharField()
    action = fields.choice(Entry.Action.values)
    item_text = serializers.CharField(allow_null=True)
    item_hash = serializers.CharField()
    hash = serializers.CharField()


class Change(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    at = serializers.DateTimeField()
    kind = fields.choice(kinds.KINDS)
    key = serializers.CharField()
    action = fields.choice(Entry.Action.values)
    change_reason = serializers.CharField(allow_null=True)
    item = serializers.JSONField(allow_null=True)


class Version(Change):
    version = serializers.IntegerField()
    redacted = serializers.BooleanField()
    redaction = Redaction(allow_null=True)


class Code(serializers.Serializer[Any]):
    code = serializers.CharField()
    title = serializers.CharField()


def envelope_serializer(
    name: str, data: serializers.Field[Any, Any, Any, Any], *, paged: bool
) -> Any:
    """Return the shape of a response: `data`, `meta` and, if paged, `links`."""
    fields: dict[str, serializers.Field[Any, Any, Any, Any]] = {"data": data, "meta": Meta()}
    return inline_serializer(name, fields | {"links": Links()} if paged else fields)


Entries = envelope_serializer("Entries", EntryShape(many=True), paged=True)
Changes = envelope_serializer("Changes", Change(many=True), paged=True)
Versions = envelope_serializer("Versions", Version(many=True), paged=False)
Codelist = envelope_serializer("Codelist", Code(many=True), paged=False)
Codelists = envelope_serializer(
    "Codelists", serializers.ListField(child=serializers.CharField()), paged=False
)

PAGING = [
    OpenApiParameter(
        "limit",
        int,
        description=f"How many at most: 1 to {LARGEST_LIMIT}, or else {DEFAULT_LIMIT}",
    ),
    OpenApiParameter("cursor", str, description="As given by `links.next`"),
]
AS_OF = OpenApiParameter(
    "as_of",
    int,
    description="The number of an entry: answers what stood then. On a list without filters",
)
LOG_PARAMETERS = [
    OpenApiParameter("after", int, description="Only entries with a greater number"),
    OpenApiParameter("kind", str, enum=list(kinds.KINDS), many=True),
    OpenApiParameter("key", str, many=True),
    OpenApiParameter("action", str, many=True),
    *PAGING,
]


def filter_parameters(names: set[str]) -> list[OpenApiParameter]:
    """Describe filters as parameters; a repeated one matches any of its values."""
    return [
        OpenApiParameter(name, OpenApiTypes.STR, many=name not in ("q", "weakened"))
        for name in sorted(names)
    ]


def list_serializer(kind: str) -> Any:
    return envelope_serializer(
        f"{kind.title()}List", RECORD_SERIALIZERS[kind](many=True), paged=True
    )
