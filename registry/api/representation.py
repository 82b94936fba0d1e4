"""The open data form of records: their items, common fields and derived fields."""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from rest_framework import serializers

from registry.log.canonical import published_time
from registry.models import Entry, Record, RecordQuerySet
from registry.schema import code_lists, fields, kinds, nested


class Redaction(serializers.Serializer[Any]):
    entry = serializers.IntegerField(help_text="The emptied entry")
    redact_entry = serializers.IntegerField()
    reason_code = fields.choice(code_lists.REDACTION_REASONS)
    at = serializers.DateTimeField()


class RecordFields(serializers.Serializer[Any]):
    """The fields common to the records of all kinds."""

    key = serializers.CharField()
    uri = serializers.URLField(help_text="Permanent address; leads to the page or to JSON")
    kind = fields.choice(kinds.KINDS)
    version = serializers.IntegerField(help_text="From 1; redactions do not count")
    record_status = fields.choice(Record.Status.values)
    published_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    entry = serializers.IntegerField(help_text="Number of the latest entry")
    redactions = Redaction(many=True)


class Latest(serializers.Serializer[Any]):
    update = fields.Key("update")  # type: ignore[assignment]  # a published name, and a method of DRF
    value = fields.optional(fields.PlainDecimalField)
    as_of = serializers.DateField()
    self_assessment = fields.choice(code_lists.SELF_ASSESSMENTS)
    level_of_proof = fields.choice(code_lists.LEVELS_OF_PROOF)
    disputed = serializers.BooleanField()


class Progress(serializers.Serializer[Any]):
    value = fields.PlainDecimalField()
    of = fields.optional(fields.PlainDecimalField, help_text="The target")
    unit = fields.optional(serializers.CharField)
    as_of = serializers.DateField()
    level_of_proof = fields.choice(code_lists.LEVELS_OF_PROOF)
    disputed = serializers.BooleanField()


class Original(serializers.Serializer[Any]):
    target = fields.optional(nested.Target)
    end_on = fields.optional(serializers.DateField)
    title = serializers.CharField()
    description = serializers.CharField()


class Weakening(serializers.Serializer[Any]):
    entry = serializers.IntegerField()
    on = serializers.DateField()
    what = fields.choice(["target_lowered", "date_later", "withdrawn"])
    before = fields.optional(serializers.CharField)
    after = fields.optional(serializers.CharField)
    reason = serializers.CharField()


class DerivedOfCommitment(serializers.Serializer[Any]):
    delivery = fields.choice(code_lists.DELIVERY)
    reporting = fields.choice(code_lists.REPORTING)
    latest = fields.optional(Latest)
    progress = fields.optional(Progress)
    original = fields.optional(Original)
    weakenings = Weakening(many=True)
    superseded_by = fields.optional(fields.Key, "commitment")


class DerivedOfPeriod(serializers.Serializer[Any]):
    state = fields.choice(code_lists.PERIOD_STATES)


DERIVED_SERIALIZERS: dict[str, type[serializers.Serializer[Any]]] = {
    "commitment": DerivedOfCommitment,
    "period": DerivedOfPeriod,
}


def _record_serializer(kind: str) -> type[serializers.Serializer[Any]]:
    derived = (DERIVED_SERIALIZERS[kind],) if kind in DERIVED_SERIALIZERS else ()
    bases = (*derived, kinds.KINDS[kind].serializer, RecordFields)
    return type(f"{kind.title()}Record", bases, {"__doc__": f"A {kind} as the open data has it."})


# The serializer of each kind's records, from which OpenAPI and the columns of CSV are generated.
RECORD_SERIALIZERS = {kind: _record_serializer(kind) for kind in kinds.KINDS}


def with_derived_fields(records: RecordQuerySet, kind: str, today: date) -> RecordQuerySet:
    """Annotate the fields that depend on the date."""
    if kind == "commitment":
        return records.with_reporting(today)
    return records.with_state(today) if kind == "period" else records


def represent_record(record: Record) -> dict[str, Any]:
    """Return a record in its open data form: missing values are null, the salt is left out."""
    item = record.item or {}
    empty = dict.fromkeys(kinds.item_serializer(record.kind).fields)
    published = {name: value for name, value in item.items() if name in empty}
    return {
        "key": record.key,
        "uri": f"{settings.PUBLIC_URL}/id/{record.key}",
        "kind": record.kind,
        "version": record.version,
        "record_status": record.status,
        "published_at": published_time(record.published_at),
        "updated_at": published_time(record.updated_at),
        "entry": record.entry,
        **empty,
        **published,
        **_derived_fields(record),
        "redactions": record.redactions,
    }


def represent_records(records: Iterable[Record]) -> list[dict[str, Any]]:
    return [represent_record(record) for record in records]


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
    }


def _derived_fields(record: Record) -> dict[str, Any]:
    names = DERIVED_SERIALIZERS[record.kind]().fields if record.kind in DERIVED_SERIALIZERS else []
    # The database stores a missing code as an empty text.
    return {name: None if getattr(record, name) == "" else getattr(record, name) for name in names}
