"""The open data form of records: their items, common fields and derived fields."""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from rest_framework import serializers

from registry.log.canonical import published_time
from registry.models import Entry, Record, RecordQuerySet
from registry.schema import code_lists, fields, kinds, measure_codes, nested


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
    redactions = Redaction(many=True, help_text="Text that was removed, and why")


class Latest(serializers.Serializer[Any]):
    update = fields.Key("update", help_text="Latest published update")  # type: ignore[assignment]  # a published name, and a method of DRF
    value = fields.optional(fields.PlainDecimalField, help_text="Value to date")
    as_of = serializers.DateField(help_text="Last day the update covers")
    self_assessment = fields.CodeField(
        code_lists.Delivery,
        code_lists.Delivery.self_assessments(),
        help_text="Delivery, as the signatory sees it",
    )
    level_of_proof = fields.CodeField(
        code_lists.LevelOfProof, help_text="Level of proof: how the figure is backed"
    )
    disputed = serializers.BooleanField(
        help_text="Whether the council or a beneficiary could not confirm the update"
    )


class Progress(serializers.Serializer[Any]):
    value = fields.PlainDecimalField(help_text="Value to date")
    of = fields.optional(fields.PlainDecimalField, help_text="Target")
    unit = fields.optional(fields.CodeField, measure_codes.Unit, help_text="Unit of the figures")
    as_of = serializers.DateField(help_text="Last day the figure covers")
    level_of_proof = fields.CodeField(
        code_lists.LevelOfProof, help_text="Level of proof: how the figure is backed"
    )
    disputed = serializers.BooleanField(
        help_text="Whether the council or a beneficiary could not confirm the figure"
    )


class Original(serializers.Serializer[Any]):
    target = fields.optional(nested.Target, help_text="First target and its deadline")
    end_on = fields.optional(serializers.DateField, help_text="First deadline")
    title = serializers.CharField(help_text="First title")
    description = serializers.CharField(help_text="First description")


class Weakening(serializers.Serializer[Any]):
    entry = serializers.IntegerField(help_text="Number of the entry that weakened the commitment")
    on = serializers.DateField(help_text="Date the commitment was weakened")
    what = fields.CodeField(
        code_lists.Weakening,
        help_text="Whether the target was lowered, the deadline moved or the commitment withdrawn",
    )
    before = fields.optional(serializers.CharField, help_text="Earlier value")
    after = fields.optional(serializers.CharField, help_text="Current value")
    reason = serializers.CharField(help_text="Reason given for the change")


class DerivedOfCommitment(serializers.Serializer[Any]):
    delivery = fields.CodeField(
        code_lists.Delivery, help_text="Delivery, from the latest published update"
    )
    reporting = fields.CodeField(
        code_lists.Reporting,
        help_text="Whether updates are received, due or late, by the published rule",
    )
    latest = fields.optional(Latest, help_text="Latest published update in short")
    progress = fields.optional(Progress, help_text="Latest figure next to the target")
    original = fields.optional(Original, help_text="What was first promised")
    weakenings = Weakening(many=True, help_text="Each time the commitment was weakened")
    superseded_by = fields.optional(
        fields.Key, "commitment", help_text="Commitment that replaces this one"
    )


class DerivedOfPeriod(serializers.Serializer[Any]):
    state = fields.CodeField(
        code_lists.PeriodState, help_text="Whether the update was received, is due or is late"
    )


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
