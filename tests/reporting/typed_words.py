"""Finds words in the database that nobody typed into a form."""

import json
from collections.abc import Iterator
from typing import Any
from unittest import mock

from django.apps import apps
from django.db import models

from registry.models import Entry
from registry.schema.code_lists import RedactionReason
from reporting.demonstration import browser

# Models and columns that the register fills in itself.
OWN_WORDS = {
    "charter.Acceptance.text",
    "charter.Act.source",
    "charter.Announcement.sentence",
    "charter.ActObject",  # copies of other columns
    "charter.Theme",  # the library of measures, which comes with the code
    "charter.Measure",
    "charter.Message",
    "charter.MessageAttempt",
    "charter.RefusedAddress.words",
    "reporting.Letter.text",
    "reporting.Reply.sentence",
    "reporting.ReportingPeriod.excused_reason",
}


class TypedWords:
    """The texts of all forms that were valid while the context lasted."""

    def __init__(self) -> None:
        self.texts: set[str] = set()

    def __enter__(self) -> "TypedWords":
        submit_form = browser.submit_form

        def recorded_form(*args: Any, **options: Any) -> Any:
            form = submit_form(*args, **options)
            self.texts.update(_iter_texts(form.cleaned_data))
            return form

        self._patch = mock.patch.object(browser, "submit_form", recorded_form)
        self._patch.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._patch.stop()

    def untyped(self) -> set[tuple[str, str]]:
        """Return the columns, and the reasons in the log, with words that were in no form."""
        stored = {*_iter_columns(), *_iter_public_reasons()}
        # After a person's words the register may add a sentence of its own.
        beginnings = tuple(f"{text}{end}" for text in self.texts for end in (" ", "\n"))
        return {
            (place, text)
            for place, text in stored
            if text not in self.texts and not text.startswith(beginnings)
        }


def _iter_columns() -> Iterator[tuple[str, str]]:
    for app in ("charter", "reporting"):
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.concrete_fields:
                place = f"{model._meta.label}.{field.name}"
                if model._meta.label in OWN_WORDS or place in OWN_WORDS:
                    continue
                if isinstance(field, models.CharField | models.TextField | models.JSONField):
                    for value in model._default_manager.values_list(field.name, flat=True):
                        yield from ((place, text) for text in _iter_texts(value))


def _iter_public_reasons() -> Iterator[tuple[str, str]]:
    for entry in Entry.objects.all():
        reason = json.loads(entry.item or "{}").get("change_reason")
        if reason and reason not in RedactionReason.labels:
            yield "registry.Entry", reason


def _iter_texts(value: Any) -> Iterator[str]:
    """Yield the texts of several words in a value, at any depth."""
    if isinstance(value, str):
        if " " in value:
            yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from _iter_texts(member)
    elif isinstance(value, list | tuple):
        for member in value:
            yield from _iter_texts(member)
