"""The figure of an update, asked for in the words of what the commitment's measure counts."""

from django import forms

from charter.forms.fields import YesNoField
from charter.models import Measure
from registry.schema.measure_codes import Counts, ValueType
from registry.wording.formatting import format_day
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
        _describe_figure(form.fields["value"], measure, format_day(update.period.ends_on))


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
