"""The figure of an update, asked for in the words of what the commitment's measure counts."""

from django import forms

from charter.forms.fields import YesNoField
from charter.models import Measure
from registry import clock
from registry.schema.measure_codes import Counts, ValueType
from registry.wording.formatting import format_day
from reporting.actions.final_updates import NO_FIGURE
from reporting.models import ProgressUpdate


def fit_figure_fields(form: forms.Form, update: ProgressUpdate) -> None:
    """Keep the fields that the measure needs, and say in their labels what it counts."""
    measure = update.commitment.measure
    value_type = update.commitment.value_type
    if value_type not in ValueType.numeric_types():
        del form.fields["not_measured_reason"]
    if value_type != ValueType.PERCENTAGE:
        del form.fields["percentage_of"]
    if value_type == ValueType.NARRATIVE:
        del form.fields["value"]
    elif value_type == ValueType.YES_NO:
        form.fields["value"] = YesNoField(
            label="Is this the case?",
            required=False,
            error_messages={"required": "Say whether this is the case"},
        )
    if measure and update.period_id and "value" in form.fields:
        last_day = update.period.ends_on
        if update.is_final:
            last_day = min(last_day, clock.today())
        _describe_figure(form.fields["value"], measure, format_day(last_day))


def fit_final_fields(form: forms.Form, update: ProgressUpdate) -> None:
    """Keep the fields of the final update, or of those before it.

    With a number, the figure decides whether the commitment was met; without one, its author does.
    """
    if not update.is_final:
        del form.fields["result"]
        return
    for name in ("remark", "not_measured_reason", "self_assessment"):
        form.fields.pop(name, None)
    form.fields["narrative"].error_messages["required"] = "Say what happened"
    if update.is_decided_by_figure:
        del form.fields["result"]
        if update.commitment.value_type != ValueType.YES_NO:
            form.fields["value"].error_messages["required"] = NO_FIGURE


def _describe_figure(field: forms.Field, measure: Measure, last_day: str) -> None:
    """Set the label and the hint of the figure for a period that ends on `last_day`."""
    if measure.value_type == ValueType.YES_NO:
        field.label = f"Is this the case on {last_day}?"
        return
    name = f"{measure.unit_label[:1].upper()}{measure.unit_label[1:]}"
    field.label, field.help_text = {
        Counts.SINCE_PROMISE: (
            f"{name} to date",
            "The total since the start, not just this period.",
        ),
        Counts.ON_A_DAY: (f"{name} on {last_day}", "The figure on this day."),
        Counts.IN_A_YEAR: (
            f"{name} in the 12 months to {last_day}",
            "The figure for the whole 12 months, not just this period.",
        ),
    }[Counts(measure.counts)]
