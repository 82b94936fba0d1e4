"""The fields of records in the open data, for OpenAPI and CSV, and the forms of entries."""

import json
from datetime import date
from typing import Any

from rest_framework import serializers

from registry.models import Entry, Record, RecordQuerySet
from registry.schema import code_lists, fields, kinds


class Redaction(serializers.Serializer[Any]):
    entry = serializers.IntegerField(help_text="Number of the entry whose text was removed")
    redact_entry = serializers.IntegerField(
        help_text="Number of the entry that records the redaction"
    )
    reason_code = fields.CodeField(code_lists.RedactionReason, help_text="Why the text was removed")
    at = serializers.DateTimeField(help_text="When the text was removed")


class RecordFields(serializers.Serializer[Any]):
    """The fields common to the records of all kinds."""

    key = serializers.CharField(help_text="Reference of the record; never used twice")
    uri = serializers.URLField(help_text="Permanent address; leads to the page or to JSON")
    kind = fields.choice(kinds.KINDS, help_text="Kind of record")
    version = serializers.IntegerField(
        help_text="Number of the version, from 1; redactions do not count"
    )
    record_status = fields.CodeField(
        Record.Status, help_text="Whether the record is live, closed, withdrawn or redacted"
    )
    published_at = serializers.DateTimeField(help_text="When the first version was published")
    updated_at = serializers.DateTimeField(help_text="When the latest entry was published")
    entry = serializers.IntegerField(help_text="Number of the latest entry")
    changed_at = serializers.DateTimeField(
        help_text="When anything shown about it last changed: by an entry of its own or of the "
        "records shown with it, or on the day its state changed"
    )
    changed_entry = serializers.IntegerField(
        help_text="Number of the latest entry that changed what is shown about it; reminders and "
        "new names of what it belongs to do not count"
    )
    redactions = Redaction(many=True, help_text="Text that was removed, and why")


class RedactableFields(serializers.Serializer[Any]):
    record_kind: str

    # No docstring: OpenAPI would publish it for all kinds. A redacted record has no words, and one
    # that was lost nothing of its item.
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields, of which those of the item may be null."""
        fields = super().get_fields()
        for name, _ in kinds.item_serializer(self.record_kind).fields.items():
            fields[name].allow_null = True
        return fields


def _record_serializer(kind: str) -> type[serializers.Serializer[Any]]:
    spec = kinds.KINDS[kind]
    bases = (RedactableFields, spec.derived, spec.serializer, RecordFields)
    return type(
        f"{kind.title()}Record",
        tuple(base for base in bases if base),
        {"__doc__": f"A {kind} as the open data has it.", "record_kind": kind},
    )


# The serializer of each kind's records, from which OpenAPI and the columns of CSV are generated.
RECORD_SERIALIZERS = {kind: _record_serializer(kind) for kind in kinds.KINDS}


def with_derived_fields(records: RecordQuerySet, kind: str, today: date) -> RecordQuerySet:
    """Annotate the fields that depend on the date."""
    if kind == "commitment":
        return records.with_reporting(today)
    return records.with_state(today) if kind == "period" else records


def represent_entry(entry: Entry) -> dict[str, Any]:
    """Return an entry with its item's text as it was hashed, salt included."""
    return {
        "number": entry.number,
        "at": entry.published_at,
        "kind": entry.kind,
        "key": entry.key,
        "action": entry.action,
        "item_text": entry.item,
        "item_hash": entry.item_hash,
        "hash": entry.hash,
    }


def represent_change(entry: Entry) -> dict[str, Any]:
    """Return an entry with its item as an object, without its salt."""
    item = json.loads(entry.item) if entry.item is not None else None
    if item is not None:
        item.pop("salt")
    return {
        "number": entry.number,
        "at": entry.published_at,
        "kind": entry.kind,
        "key": entry.key,
        "action": entry.action,
        "change_reason": item.get("change_reason") if item else None,
        "item": item,
        "item_hash": entry.item_hash,
        "hash": entry.hash,
    }
