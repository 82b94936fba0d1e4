"""What a change of an item changed, field by field, in words: old and new."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from registry import codelists, kinds, log, places
from registry.models import Record
from registry.website import words

Item = dict[str, Any]


@dataclass(frozen=True)
class Difference:
    """One field: what stood there and what stands there now; a sentence where there was nothing."""

    label: str
    before: str
    after: str


def target(item: Item) -> str:
    """Return "20 apprenticeships by 30 June 2027", or "" for a promise without a number."""
    aim = item.get("target")
    if not aim:
        return ""
    figure = words.amount(aim["value"], item.get("unit"), item.get("unit_label"))
    return f"{figure} by {words.day(aim['by'])}" if aim.get("by") else figure


def area(item: Item) -> str:
    return words.joined([places.name(code) for code in item.get("area_codes") or []])


def contracts(item: Item) -> list[str]:
    """Return each contract that a promise stands in as one line."""
    return [_contract(contract) for contract in item.get("contracts") or []]


def _contract(contract: Item) -> str:
    value, weighting = contract.get("value"), contract.get("weighting")
    clause, stage = contract.get("clause"), contract.get("stage")
    told = [
        contract["reference"],
        contract.get("title"),
        contract.get("department"),
        f"clause {clause}" if clause else "",
        codelists.CONTRACT_STAGES[stage].lower() if stage else "",
        words.amount(value["amount"], "gbp") if value else "",
        f"social value weighed {words.number(weighting)}% in the award" if weighting else "",
        contract.get("ocid"),
    ]
    return ", ".join(part for part in told if part)


def _text(name: str) -> Callable[[Item], str]:
    return lambda item: item.get(name) or ""


def _day(name: str) -> Callable[[Item], str]:
    return lambda item: words.day(item[name]) if item.get(name) else ""


def _to_date(item: Item) -> str:
    value = item.get("cumulative_value")
    return words.amount(value, item.get("unit")) if value is not None else ""


def _baseline(item: Item) -> str:
    start = item.get("baseline")
    return words.amount(start["value"], item.get("unit"), item.get("unit_label")) if start else ""


def _end(item: Item) -> str:
    """Return the last day, unless the target says it."""
    return "" if (item.get("target") or {}).get("by") else _day("end_on")(item)


def _code(name: str, codes: dict[str, str]) -> Callable[[Item], str]:
    return lambda item: codes[item[name]] if item.get(name) else ""


FIELDS: dict[str, list[tuple[str, Callable[[Item], str]]]] = {
    "commitment": [
        ("Promise", _text("title")),
        ("Target", target),
        ("End", _end),
        ("What we will do", _text("description")),
        ("How you will know", lambda item: item["planned_evidence"]["text"]),
        ("At the start", _baseline),
        ("Start", _day("start_on")),
        ("Place", area),
        ("Who answers for it", _text("answerable_role")),
        ("Contract", lambda item: "; ".join(contracts(item))),
        ("More than usual work", _code("additionality", codelists.ADDITIONALITY)),
        ("Updates", _code("cadence", codelists.CADENCES)),
    ],
    "update": [
        ("Value to date", _to_date),
        ("Delivery", _code("self_assessment", codelists.DELIVERY)),
        ("Words", _text("narrative")),
        ("Level of proof", _code("level_of_proof", codelists.LEVELS_OF_PROOF)),
    ],
    "success": [
        ("Title", _text("title")),
        ("Story", _text("story")),
        ("Level of proof", _code("level_of_proof", codelists.LEVELS_OF_PROOF)),
    ],
    "period": [("Update due", _day("due_on"))],
    "signatory": [
        ("Name", _text("legal_name")),
        ("Known as", _text("trading_name")),
        ("Size", _code("size", codelists.SIZES)),
        ("Standing", _code("standing", codelists.STANDINGS)),
        ("Certificate", _text("certificate_number")),
        ("What it covers", _text("covers")),
        ("Website", _text("website")),
        ("Left on", _day("left_on")),
    ],
}


def between(kind: str, before: Item, after: Item) -> list[Difference]:
    """Return the differences of two typed items of a kind that readers care about."""
    return [
        Difference(label, say(before) or "nothing", say(after) or "nothing")
        for label, say in FIELDS.get(kind, [])
        if say(before) != say(after)
    ]


def told(act: log.Item) -> list[tuple[str, str]]:
    """Return what an act says, field by field in words; what it does not say is left out."""
    item = kinds.typed(act.kind, kinds.clean(act.kind, act.content))
    return [(label, said) for label, say in FIELDS[act.kind] if (said := say(item))]


def to_public(acts: Sequence[log.Item]) -> list[Difference]:
    """Return what these acts would change of what is public; nothing for what is all new."""
    public = Record.objects.in_bulk([act.key for act in acts])
    found = []
    for act in acts:
        record = public.get(act.key)
        if act.kind != "period" and record and record.item:
            before = kinds.typed(act.kind, record.item)
            found += between(
                act.kind, before, kinds.typed(act.kind, kinds.clean(act.kind, act.content))
            )
    return found
