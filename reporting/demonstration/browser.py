"""Fill in and send forms as a person does in a browser, so that no text gets past them."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django import forms
from django.utils.datastructures import MultiValueDict

SomeForm = TypeVar("SomeForm", bound=forms.Form)


class RefusedFormError(Exception):
    """A form lacks a field that the script fills in, or has an error; the message says where."""


def submit_form(
    form_class: type[SomeForm], typed: Mapping[str, Any], *, seed: str, **context: Any
) -> SomeForm:
    """Return the valid form of a page on which some fields were filled in.

    The other fields are sent as the page shows them. `context` are the form's other arguments, and
    `seed` names the scripted row. Raise RefusedFormError if the form lacks a field or has errors.
    """
    page = form_class(data=None, **context)
    if missing_names := typed.keys() - page.fields.keys():
        names = ", ".join(sorted(missing_names))
        raise RefusedFormError(f"{seed}: {form_class.__name__} does not ask for {names}")
    uploads = {name: typed[name] for name in typed if _is_upload(page.fields[name])}
    data = {field.name: _sent_texts(field, typed) for field in page if field.name not in uploads}
    sent = {name: texts for name, texts in data.items() if texts}
    if uploads:  # Not every form takes files.
        context["files"] = uploads
    form = form_class(data=MultiValueDict(sent), **context)
    if not form.is_valid():
        errors = form.errors.get_json_data()
        raise RefusedFormError(f"{seed}: {form_class.__name__} has errors: {errors}")
    return form


def _is_upload(field: forms.Field) -> bool:
    return isinstance(field, forms.FileField)


def _sent_texts(field: forms.BoundField, typed: Mapping[str, Any]) -> list[str]:
    """Return what a browser sends for a field: texts, or nothing if nothing is selected."""
    widget = field.field.widget
    value = typed.get(field.name, field.value())
    if isinstance(widget, forms.CheckboxInput):
        return ["on"] if widget.check_test(value) else []
    shown = widget.format_value(value)
    if isinstance(widget, forms.RadioSelect):  # and checkboxes, which Django derives from it
        return [text for text in shown if text]
    if isinstance(widget, forms.FileInput):
        return []
    return shown if isinstance(shown, list) else [shown or ""]
