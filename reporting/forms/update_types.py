"""The types of a progress update, and the form data of a saved one."""

from typing import Any

from django.db import models

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


class UpdateType(models.TextChoices):
    SAME = "same", "Nothing has changed"
    NUMBER = "number", "Update the number"


# The fields of each update type. Success fields go with every type.
FIELDS_BY_TYPE = {
    UpdateType.SAME: ["remark"],
    UpdateType.NUMBER: [*FIGURE_AND_TEXT_FIELDS, *RESTORABLE_EVIDENCE_FIELDS],
}


def saved_form_data(update: ProgressUpdate) -> dict[str, Any]:
    """Return the form data of a saved update, with its type."""
    update_type = update.draft_form_data.get("answer") or _update_type_of(update)
    fields_by_type: dict[str, dict[str, Any]] = {
        UpdateType.SAME: {"remark": update.narrative},
        UpdateType.NUMBER: {name: getattr(update, name) for name in FIGURE_AND_TEXT_FIELDS},
    }
    return {"answer": update_type} | fields_by_type.get(update_type, {})


def _update_type_of(update: ProgressUpdate) -> str:
    """Return the type of a saved update, or "" for a new one."""
    if update.nothing_changed:
        return UpdateType.SAME
    reported = (update.value, update.not_measured_reason, update.narrative, update.obstacles)
    return UpdateType.NUMBER if any(text not in (None, "") for text in reported) else ""
