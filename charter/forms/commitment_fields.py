"""Form fields made from the declared fields of a commitment."""

from collections.abc import Iterable, Iterator
from typing import Any, cast

from django import forms
from django.db.models import Field

from charter.forms import contracts
from charter.forms.fields import (
    DayField,
    FigureField,
    MultilineTextField,
    PlacesField,
    PlainTextField,
)
from charter.models import Commitment, Measure
from registry.schema.commitment_fields import COMMITMENT_FIELDS, CommitmentField, FieldType

# A longer list of codes is a menu.
MAX_RADIOS = 6
# Fields that not every measure takes, and those of them that are in its unit.
MEASURE_DEPENDENT_NAMES = tuple(declared.name for declared in COMMITMENT_FIELDS if declared.needs)
FIGURE_NAMES = tuple(
    declared.name
    for declared in COMMITMENT_FIELDS
    if declared.needs and declared.type is FieldType.NUMBER
)
CODE_NAMES = tuple(
    declared.name for declared in COMMITMENT_FIELDS if declared.type is FieldType.CODE
)


def form_fields(declared_fields: Iterable[CommitmentField]) -> dict[str, forms.Field]:
    """Return the form fields of declared fields by name, in order. A contract has several."""
    fields: dict[str, forms.Field] = {}
    for declared in declared_fields:
        if declared.type is FieldType.CONTRACT:
            fields |= contracts.FORM_FIELDS
        else:
            fields[declared.name] = _form_field(declared)
    return fields


def code_choices(declared: CommitmentField) -> list[tuple[str, str]]:
    """Return the codes of a field with their labels."""
    return declared.code_list.choices if declared.code_list else []


def show_units(form: forms.Form, measure: Measure) -> None:
    """Add the measure's unit to the labels of its figures."""
    for name in form.fields.keys() & set(FIGURE_NAMES):
        form.fields[name].label = f"{form.fields[name].label} ({measure.unit_label})"


def display_value(field: forms.Field, value: Any) -> str:
    """Return a value of a form field as people read it: labels of codes, dates as typed."""
    if isinstance(field, forms.ChoiceField):
        labels = dict(_iter_labels(field.choices))
        codes = value if isinstance(value, list) else [value or ""]
        return ", ".join(labels.get(code, code) for code in codes)
    return str(field.widget.format_value(field.prepare_value(value)) or "")


def _form_field(declared: CommitmentField) -> forms.Field:
    options: dict[str, Any] = {
        "label": declared.question or declared.label,
        "required": bool(declared.missing_message),
        "error_messages": {"required": declared.missing_message},
    }
    if declared.hint:
        options["help_text"] = declared.hint
    match declared.type:
        case FieldType.TEXT:
            return PlainTextField(max_length=_model_field(declared).max_length, **options)
        case FieldType.LONG_TEXT:
            return MultilineTextField(max_length=_model_field(declared).max_length, **options)
        case FieldType.CODE:
            return _code_field(declared, options)
        case FieldType.DAY:
            return DayField(**options)
        case FieldType.NUMBER:
            # The measure decides whether its figures may be below zero.
            return FigureField(min_value=None if declared.needs else 0, **options)
        case FieldType.PLACES:
            return PlacesField(**options)
    return forms.ChoiceField(**options)  # A measure: its choices depend on the charter.


def _code_field(declared: CommitmentField, options: dict[str, Any]) -> forms.ChoiceField:
    """Return radio buttons for a few codes, of which only a default is selected; else a menu."""
    choices, model_field = code_choices(declared), _model_field(declared)
    is_answered = model_field.has_default() or declared.missing_message
    if is_answered and len(choices) <= MAX_RADIOS:
        initial = model_field.default if model_field.has_default() else None
        return forms.ChoiceField(
            choices=choices, widget=forms.RadioSelect, initial=initial, **options
        )
    empty_label = "Select one" if declared.missing_message else "Not given"
    return forms.ChoiceField(choices=[("", empty_label), *choices], **options)


def _model_field(declared: CommitmentField) -> "Field[Any, Any]":
    return cast("Field[Any, Any]", Commitment._meta.get_field(declared.name))


def _iter_labels(choices: Any, group: str = "") -> Iterator[tuple[str, str]]:
    """Yield codes with their labels; in a group, "group: label"."""
    for code, label in choices:
        if isinstance(label, list | tuple):
            yield from _iter_labels(label, group=f"{code}: ")
        else:
            yield str(code), f"{group}{label}"
