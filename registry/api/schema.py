"""Shapes of responses and parameters, for the OpenAPI description."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers

from registry.api.filters import SINGLE_FILTERS
from registry.api.paging import DEFAULT_LIMIT, LARGEST_LIMIT
from registry.api.representation import RECORD_SERIALIZERS, Redaction
from registry.models import Entry
from registry.schema import fields, kinds


class HeadShape(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="Number of the latest entry")
    hash = serializers.CharField(help_text="Hash of the latest entry")


# Where an answer comes from.
class Provenance(serializers.Serializer[Any]):
    head = HeadShape(help_text="Latest entry of the log")
    generated_at = serializers.DateTimeField(help_text="When this answer was made")
    licence = serializers.URLField(help_text="Address of the licence")


class Meta(Provenance):
    count = serializers.IntegerField(required=False, help_text="How many are in this answer")
    total = serializers.IntegerField(
        required=False, help_text="All matches; not with `updated_since`"
    )


class Links(serializers.Serializer[Any]):
    self = serializers.URLField(help_text="Address of this page")
    next = serializers.URLField(allow_null=True, help_text="Address of the next page")


class Root(Provenance):
    name = serializers.CharField(help_text="Name of the register")
    version = serializers.CharField(help_text="Version of the API")
    openapi_url = serializers.URLField(help_text="Address of the OpenAPI description")
    docs_url = serializers.URLField(help_text="Address of the page about the data")
    changes_url = serializers.URLField(help_text="Address of the list of changes")
    entries_url = serializers.URLField(help_text="Address of the entries as they were hashed")
    codelists_url = serializers.URLField(help_text="Address of the code lists")


# Common to entries and changes. No docstring: OpenAPI would publish it for both.
class EntryFields(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="Number of the entry")
    at = serializers.DateTimeField(help_text="When the entry was published")
    kind = fields.choice(kinds.KINDS, help_text="Kind of record")
    key = serializers.CharField(help_text="Reference of the record")
    action = fields.CodeField(Entry.Action, help_text="What the entry did to the record")
    item_hash = serializers.CharField(help_text="Hash of the item’s text")
    hash = serializers.CharField(help_text="Hash of the entry, chained to the entry before")


class EntryShape(EntryFields):
    item_text = serializers.CharField(
        allow_null=True, help_text="Text of the item as it was hashed; null if it was removed"
    )


class Change(EntryFields):
    change_reason = serializers.CharField(allow_null=True, help_text="Public reason for the change")
    item = serializers.DictField(
        allow_null=True, help_text="Item as an object; null if its text was removed"
    )


class Version(Change):
    version = serializers.IntegerField(help_text="Number of the version, from 1")
    redacted = serializers.BooleanField(help_text="Whether the text was removed")
    redaction = Redaction(allow_null=True, help_text="When and why the text was removed")


class BeyondHead(serializers.Serializer[Any]):
    type = serializers.URLField(help_text="Address of the problem’s explanation")
    title = serializers.CharField(help_text="The problem")
    status = serializers.IntegerField(help_text="Status code of the answer")
    detail = serializers.CharField(help_text="What to do next")
    instance = serializers.CharField(help_text="Address that was asked")
    head = HeadShape(help_text="Latest entry of the log")


class Code(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="Code in the data")
    label = serializers.CharField(  # type: ignore[assignment]  # a published name, as in DRF
        help_text="Label on pages"
    )
    description = serializers.CharField(
        allow_null=True, help_text="What the code means, if the label does not say it"
    )


def envelope_serializer(
    name: str, data: serializers.Field[Any, Any, Any, Any], *, paged: bool
) -> Any:
    """Return the shape of a response: `data`, `meta` and, if paged, `links`."""
    shape = {"data": data, "meta": Meta(help_text="Counts, head of the log and licence")}
    if paged:
        shape["links"] = Links(help_text="This page and the next")
    return inline_serializer(name, shape)


Entries = envelope_serializer(
    "Entries", EntryShape(many=True, help_text="Entries, oldest first"), paged=True
)
Changes = envelope_serializer(
    "Changes", Change(many=True, help_text="Changes, oldest first"), paged=True
)
Versions = envelope_serializer(
    "Versions", Version(many=True, help_text="Versions, oldest first"), paged=False
)
Codelist = envelope_serializer(
    "Codelist", Code(many=True, help_text="Codes of the list"), paged=False
)
Codelists = envelope_serializer(
    "Codelists",
    serializers.ListField(child=serializers.CharField(), help_text="Names of the code lists"),
    paged=False,
)

PAGING = [
    OpenApiParameter(
        "limit",
        int,
        description=f"How many at most, from 1 to {LARGEST_LIMIT}; {DEFAULT_LIMIT} without it",
    ),
    OpenApiParameter("cursor", str, description="As given by `links.next`"),
]
MOMENT = [
    OpenApiParameter(
        "as_of",
        int,
        description="Number of an entry: answers from the entries up to it. On a list without "
        "filters",
    ),
    OpenApiParameter(
        "day",
        OpenApiTypes.DATE,
        description="Day whose states are given; alone, also the last entry of that day. Not "
        "before the day of `as_of`. On a list without filters",
    ),
]
FORMATS = ("json", "csv")
FORMAT = OpenApiParameter(
    "format", str, enum=FORMATS, description="Format of the list; CSV has all that match"
)
UPDATED_SINCE = OpenApiParameter(
    "updated_since",
    str,
    description="Date or instant: only records whose `changed_at` is the same or later",
)
LOG_PARAMETERS = [
    OpenApiParameter("after", int, description="Only entries with a greater number"),
    OpenApiParameter("kind", str, enum=list(kinds.KINDS), many=True),
    OpenApiParameter("key", str, many=True),
    OpenApiParameter("action", str, many=True),
    *PAGING,
]


def log_responses(page: Any) -> dict[Any, Any]:
    """Return the answers of a list of the log: a page, or that `after` is beyond the head."""
    return {200: page, (409, "application/problem+json"): BeyondHead}


def filter_parameters(names: set[str]) -> list[OpenApiParameter]:
    """Describe filters as parameters; a repeated one matches any of its values."""
    return [
        OpenApiParameter(name, OpenApiTypes.STR, many=name not in SINGLE_FILTERS)
        for name in sorted(names)
    ]


def list_serializer(kind: str) -> Any:
    return envelope_serializer(
        f"{kind.title()}List",
        RECORD_SERIALIZERS[kind](many=True, help_text="Records, in the order of publication"),
        paged=True,
    )
