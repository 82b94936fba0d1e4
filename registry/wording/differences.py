"""Describe the differences between two versions of an item, field by field, in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from registry.log import publishing
from registry.log.progress import deadline_of
from registry.models import Record
from registry.reference_data import places
from registry.schema import code_lists, kinds, measure_codes
from registry.schema.commitment_fields import COMMITMENT_FIELDS, CommitmentField, FieldType
from registry.schema.fields import CodeField
from registry.wording.formatting import format_amount, format_day, format_number, join_list

Item = dict[str, Any]
NOTHING = "nothing"  # Stands for an empty text.


@dataclass(frozen=True)
class Difference:
    """The old and new text of a field."""

    label: str
    before: str
    after: str

    @property
    def sentence(self) -> str:
        """Return the difference in words: "Target changed from 20 to 15 people"."""
        if self.before == NOTHING:
            return f"{self.label} added: {self.after}"
        if self.after == NOTHING:
            return f"{self.label} removed: {self.before}"
        return f"{self.label} changed from {self.before} to {self.after}"


def target_text(item: Item) -> str:
    """Return "20 apprenticeships by 30 June 2027", "done by …", or "" without a number."""
    target = item.get("target")
    if not target:
        return ""
    figure = format_amount(target["value"], item.get("unit"), item.get("unit_label"))
    if item.get("unit") == measure_codes.Unit.YESNO and target["value"]:
        figure = "done"
    return f"{figure} by {format_day(target['by'])}" if target.get("by") else figure


def places_text(item: Item) -> str:
    return join_list([places.place_name(code) for code in item.get("area_codes") or []])


def contract_lines(item: Item) -> list[str]:
    """Return the contracts of a commitment, each as one line."""
    return [_contract_line(contract) for contract in item.get("contracts") or []]


def _contract_line(contract: Item) -> str:
    value, weighting = contract.get("value"), contract.get("weighting")
    clause, stage = contract.get("clause"), contract.get("stage")
    parts = [
        contract["reference"],
        contract.get("title"),
        contract.get("department"),
        f"clause {clause}" if clause else "",
        code_lists.ContractStage.label_of(stage).lower(),
        format_amount(value["amount"], measure_codes.Unit.GBP) if value else "",
        f"social value weighed {format_number(weighting)}% in the award" if weighting else "",
        contract.get("ocid"),
    ]
    return ", ".join(part for part in parts if part)


def _baseline_text(item: Item) -> str:
    """Return "3 FTE on 31 March 2026", or "" without a starting point."""
    baseline = item.get("baseline")
    if not baseline:
        return ""
    figure = format_amount(baseline["value"], item.get("unit"), item.get("unit_label"))
    return f"{figure} on {format_day(baseline['on'])}" if baseline.get("on") else figure


def _end_text(item: Item) -> str:
    """Return the deadline, or "" where the target already includes it."""
    if not item.get("end_on") or (item.get("target") or {}).get("by"):
        return ""
    return format_day(item["end_on"])


# Texts of the fields of a commitment that are more than their own value.
COMMITMENT_TEXTS: dict[str, Callable[[Item], str]] = {
    "target_value": target_text,
    "baseline_value": _baseline_text,
    "end_on": _end_text,
    "area_codes": places_text,
    "contracts": lambda item: "; ".join(contract_lines(item)),
    "evidence_text": lambda item: item["planned_evidence"]["text"],
}


def field_text(declared: CommitmentField, item: Item) -> str:
    """Return a field of a commitment in words, or "" if it is empty or part of another."""
    if declared.name in COMMITMENT_TEXTS:
        return COMMITMENT_TEXTS[declared.name](item)
    value = item.get(declared.name) if declared.is_plain else None
    if value is None:
        return ""
    match declared.type:
        case FieldType.CODE if declared.code_list:
            return declared.code_list.label_of(value)
        case FieldType.DAY:
            return format_day(value)
        case FieldType.NUMBER:
            return format_number(value)
    return str(value)


def _compared_text(kind: str, name: str, item: Item) -> str:
    """Return a field of an item in words, or "" if it is empty."""
    value = item.get(name)
    field = kinds.item_serializer(kind).fields[name]
    if value is None:
        return ""
    if name == "area_codes":
        return places_text(item)
    if isinstance(field, CodeField):
        return field.code_list.label_of(value)
    if isinstance(value, date):
        return format_day(value)
    if isinstance(value, Decimal):
        return format_amount(value, item.get("unit"))
    return str(value)


def compared_texts(kind: str, item: Item) -> list[tuple[str, str]]:
    """Return the labels and texts of the fields that are compared between versions of an item."""
    if kind == "commitment":
        return [(declared.label, field_text(declared, item)) for declared in COMMITMENT_FIELDS]
    compared = kinds.KINDS[kind].compared
    return [(label, _compared_text(kind, name, item)) for name, label in compared.items()]


def item_differences(kind: str, before: Item, after: Item) -> list[Difference]:
    """Return the differences between two typed items of a kind, in the fields that it compares.

    A target and its deadline are compared each on its own, so that only what differs is said.
    """
    texts = zip(_separate_texts(kind, before), _separate_texts(kind, after), strict=True)
    return [
        Difference(label, old or NOTHING, new or NOTHING)
        for (label, old), (_, new) in texts
        if old != new
    ]


def _separate_texts(kind: str, item: Item) -> list[tuple[str, str]]:
    if kind != "commitment":
        return compared_texts(kind, item)
    deadline = deadline_of(item)
    target = item["target"] and {"value": item["target"]["value"]}
    separate = {
        "target_value": target_text(item | {"target": target}),
        "end_on": format_day(deadline) if deadline else "",
    }
    return [
        (declared.label, separate.get(declared.name, field_text(declared, item)))
        for declared in COMMITMENT_FIELDS
    ]


def act_fields(act: publishing.NewEntry) -> list[tuple[str, str]]:
    """Return the labels and texts of the fields in an act; empty fields are left out."""
    item = kinds.parse_item(act.kind, kinds.clean_item(act.kind, act.content))
    return [(label, text) for label, text in compared_texts(act.kind, item) if text]


def public_differences(acts: Sequence[publishing.NewEntry]) -> list[Difference]:
    """Return the changes these acts would make to public records; new records have none."""
    records = Record.objects.in_bulk([act.key for act in acts])
    differences = []
    for act in acts:
        record = records.get(act.key)
        # A moved due date is shown with the reporting periods, not as a change of content.
        if act.kind != "period" and record and record.item:
            before = kinds.parse_item(act.kind, record.item)
            differences += item_differences(
                act.kind,
                before,
                kinds.parse_item(act.kind, kinds.clean_item(act.kind, act.content)),
            )
    return differences
