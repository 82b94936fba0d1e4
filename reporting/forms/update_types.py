"""The types of a progress update, and the form data of a saved one."""

from typing import Any

from django.db import models

from registry.schema.code_lists import Delivery
from reporting.forms.evidence import RESTORABLE_EVIDENCE_FIELDS
from reporting.models import ProgressUpdate

FIGURE_AND_TEXT_FIELDS = [
    "value",
    "percentage_of",
    "not_measured_reason",
    "self_assessment",
    "narrative",
    "obstacles",
    "lessons",
]


FINAL_FIELDS = ["value", "percentage_of", "result", "narrative", "obstacles", "lessons"]


class UpdateType(models.TextChoices):
    SAME = "same", "Nothing has changed"
    NUMBER = "number", "Report a new figure"
    FINAL = "final", "It is finished"


# What can be sent before the final update.
ORDINARY_TYPES = [choice for choice in UpdateType.choices if choice[0] != UpdateType.FINAL]
# What can have a figure and evidence.
FIGURE_TYPES = (UpdateType.NUMBER, UpdateType.FINAL)
# The fields of each update type. Success fields go with every type.
FIELDS_BY_TYPE = {
    UpdateType.SAME: ["remark"],
    UpdateType.NUMBER: [*FIGURE_AND_TEXT_FIELDS, *RESTORABLE_EVIDENCE_FIELDS],
    UpdateType.FINAL: [*FINAL_FIELDS, *RESTORABLE_EVIDENCE_FIELDS],
}


def initial_form_data(update: ProgressUpdate) -> dict[str, Any]:
    """Return the form data of a draft as it was entered, or else of what is saved."""
    form_data = update.draft_form_data or saved_form_data(update)
    return form_data | {"answer": _update_type_of(update)}


def saved_form_data(update: ProgressUpdate) -> dict[str, Any]:
    """Return the form data of a saved update, with its type."""
    update_type = _update_type_of(update)
    is_result = update.self_assessment in Delivery.final_results()
    result = update.self_assessment if is_result else ""
    final_fields = {name: getattr(update, name) for name in FINAL_FIELDS if name != "result"}
    fields_by_type: dict[str, dict[str, Any]] = {
        UpdateType.SAME: {"remark": update.narrative},
        UpdateType.NUMBER: {name: getattr(update, name) for name in FIGURE_AND_TEXT_FIELDS},
        UpdateType.FINAL: final_fields | {"result": result},
    }
    return {"answer": update_type} | fields_by_type.get(update_type, {})


def _update_type_of(update: ProgressUpdate) -> str:
    """Return the type of a draft or a saved update, or "" for a new one."""
    if update.is_final:
        return UpdateType.FINAL
    drafted_type = str(update.draft_form_data.get("answer", ""))
    if drafted_type and drafted_type != UpdateType.FINAL:
        return drafted_type
    if update.nothing_changed:
        return UpdateType.SAME
    reported = (update.value, update.not_measured_reason, update.narrative, update.obstacles)
    return UpdateType.NUMBER if any(text not in (None, "") for text in reported) else ""
