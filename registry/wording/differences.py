"""Describe the differences between two versions of an item, field by field, in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from registry.log import publishing
from registry.models import Record
from registry.reference_data import places
from registry.schema import code_lists, kinds
from registry.schema.codes import CodeList
from registry.schema.commitment_fields import COMMITMENT_FIELDS, CommitmentField, FieldType
from registry.wording.formatting import format_amount, format_day, format_number, join_list

Item = dict[str, Any]


@dataclass(frozen=True)
class Difference:
    """The old and new text of a field; "nothing" stands for an empty one."""

    label: str
    before: str
    after: str


def target_text(item: Item) -> str:
    """Return "20 apprenticeships by 30 June 2027", or "" for a commitment without a number."""
    target = item.get("target")
    if not target:
        return ""
    figure = format_amount(target["value"], item.get("unit"), item.get("unit_label"))
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
        format_amount(value["amount"], code_lists.Unit.GBP) if value else "",
        f"social value weighed {format_number(weighting)}% in the award" if weighting else "",
        contract.get("ocid"),
    ]
    return ", ".join(part for part in parts if part)


def _text_field(name: str) -> Callable[[Item], str]:
    return lambda item: item.get(name) or ""


def _date_field(name: str) -> Callable[[Item], str]:
    return lambda item: format_day(item[name]) if item.get(name) else ""


def _value_to_date(item: Item) -> str:
    value = item.get("cumulative_value")
    return format_amount(value, item.get("unit")) if value is not None else ""


def _baseline_text(item: Item) -> str:
    """Return "3 FTE on 31 March 2026", or "" without a starting point."""
    baseline = item.get("baseline")
    if not baseline:
        return ""
    figure = format_amount(baseline["value"], item.get("unit"), item.get("unit_label"))
    return f"{figure} on {format_day(baseline['on'])}" if baseline.get("on") else figure


def _end_text(item: Item) -> str:
    """Return the deadline, or "" where the target already includes it."""
    return "" if (item.get("target") or {}).get("by") else _date_field("end_on")(item)


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


def _code_field(name: str, code_list: type[CodeList]) -> Callable[[Item], str]:
    return lambda item: code_list.label_of(item.get(name))


FIELDS: dict[str, list[tuple[str, Callable[[Item], str]]]] = {
    "commitment": [
        (declared.label, partial(field_text, declared)) for declared in COMMITMENT_FIELDS
    ],
    "update": [
        ("Value to date", _value_to_date),
        ("Delivery", _code_field("self_assessment", code_lists.Delivery)),
        ("Words", _text_field("narrative")),
        ("Level of proof", _code_field("level_of_proof", code_lists.LevelOfProof)),
    ],
    "success": [
        ("Title", _text_field("title")),
        ("Story", _text_field("story")),
        ("Level of proof", _code_field("level_of_proof", code_lists.LevelOfProof)),
    ],
    "period": [("Update due", _date_field("due_on"))],
    "signatory": [
        ("Name", _text_field("legal_name")),
        ("Known as", _text_field("trading_name")),
        ("Size", _code_field("size", code_lists.Size)),
        ("Standing", _code_field("standing", code_lists.Standing)),
        ("Certificate", _text_field("certificate_number")),
        ("What it covers", _text_field("covers")),
        ("Website", _text_field("website")),
        ("Left on", _date_field("left_on")),
    ],
}


def item_differences(kind: str, before: Item, after: Item) -> list[Difference]:
    """Return the differences between two typed items of a kind, in the fields in `FIELDS`."""
    return [
        Difference(label, field_text(before) or "nothing", field_text(after) or "nothing")
        for label, field_text in FIELDS.get(kind, [])
        if field_text(before) != field_text(after)
    ]


def act_fields(act: publishing.NewEntry) -> list[tuple[str, str]]:
    """Return the labels and texts of the fields in an act; empty fields are left out."""
    item = kinds.parse_item(act.kind, kinds.clean_item(act.kind, act.content))
    return [(label, text) for label, field_text in FIELDS[act.kind] if (text := field_text(item))]


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
