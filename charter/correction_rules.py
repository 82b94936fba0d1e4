"""Corrections downwards: what a signatory may still correct, and on what public ground.

The log compares a correction as it compares a change. Once an update was sent, the council alone
may correct a commitment downwards: its figures have been measured by what was published.
"""

from dataclasses import replace
from typing import Any

from charter import review
from charter.models import Commitment
from registry.log.publishing import NewEntry
from registry.log.unpublished import new_weakenings
from registry.models import Entry, Record
from registry.schema import kinds
from registry.schema.code_lists import CorrectionGround, Weakening
from registry.wording.weakenings import weakening_text

USE_CHANGE = "because an update was sent. Use “Change what we promised” instead"
REFUSALS = {
    "target_value": f"The target cannot be corrected downwards, {USE_CHANGE}",
    "end_on": f"The deadline cannot be corrected to a later date, {USE_CHANGE}",
    "baseline_value": f"The starting point cannot be corrected, {USE_CHANGE}",
    "baseline_on": f"The starting point date cannot be corrected, {USE_CHANGE}",
    "measure": f"The measure cannot be corrected, {USE_CHANGE}",
}
# The field that each way to lower a commitment belongs to.
FIELDS: dict[str, str] = {
    Weakening.TARGET_LOWERED: "target_value",
    Weakening.DATE_LATER: "end_on",
    Weakening.START_CHANGED: "baseline_value",
    Weakening.MEASURE_CHANGED: "measure",
}


def was_update_sent(commitment: Commitment) -> bool:
    """Return True if an update was ever sent, published or not, or taken back since."""
    return review.was_sent("update", commitment)


def refused_fields(commitment: Commitment, correction: NewEntry) -> dict[str, str]:
    """Return messages by field for what a signatory can no longer correct."""
    if not was_update_sent(commitment):
        return {}
    names = downward_fields(correction)
    return {name: message for name, message in REFUSALS.items() if name in names}


def downward_fields(correction: NewEntry) -> set[str]:
    """Return the fields by which a correction lowers it, or moves the starting point."""
    names = {FIELDS[way["what"]] for way in new_weakenings(correction)}
    return names | ({"baseline_on"} if _moves_start_date(correction) else set())


def with_ground(correction: NewEntry, *, ground: str, document: str) -> NewEntry:
    """Return a correction with its ground if it lowers the commitment.

    A signatory has only one ground, which it does not give itself.
    """
    if not new_weakenings(correction):
        return correction
    facts = {
        "correction_ground": ground or CorrectionGround.BEFORE_FIRST_UPDATE,
        "correction_document": document or None,
    }
    return replace(correction, content=correction.content | facts)


def weakening_warnings(entry: NewEntry) -> list[str]:
    """Return how a version lowers the commitment, in the words of its public page."""
    verb = "corrects" if entry.action == Entry.Action.CORRECT else "weakens"
    words = " downwards" if entry.action == Entry.Action.CORRECT else ""
    item = kinds.parse_item(entry.kind, kinds.clean_item(entry.kind, entry.content))
    return [
        f"This {verb} the commitment{words}: {weakening_text(way, item)}."
        for way in new_weakenings(entry)
        if way["what"] != Weakening.WITHDRAWN
    ]


def _moves_start_date(correction: NewEntry) -> bool:
    item: dict[str, Any] = Record.objects.get(pk=correction.key).item or {}
    before = (item.get("baseline") or {}).get("on")
    after = (correction.content["baseline"] or {}).get("on")
    return before is not None and before != after
