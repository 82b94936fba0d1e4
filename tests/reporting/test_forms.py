"""What every form of reporting has in common."""

import importlib
import inspect
import pkgutil

import pytest
from django import forms as django_forms

from reporting import forms
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on
from tests.visitors import form_of, signed_in


def every_form():
    for module in pkgutil.iter_modules(forms.__path__, f"{forms.__name__}."):
        for _, found in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(found, django_forms.BaseForm) and found.__module__ == module.name:
                yield found


def test_each_field_that_must_be_filled_in_says_in_its_own_words_that_it_is_not():
    bare = [
        f"{form.__name__}.{name}"
        for form in every_form()
        for name, field in form.base_fields.items()
        if field.required and not field.widget.is_hidden
        if field.error_messages["required"] == "This field is required."
    ]
    assert bare == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("page", "typed"),
    [
        ("success", {"evidence_title": "A letter", "success_title": "", "success_story": ""}),
        ("update", {"answer": "number", "evidence_title": "A letter", "success_title": "Four"}),
    ],
)
def test_problems_are_summed_up_in_the_order_of_the_page(page, typed):
    commitment = scenarios.commitment()
    with on(scenarios.MADE_ON.replace(year=2026)):
        client, address = signed_in(factories.asha()), f"/{commitment.key}/{page}"
        answer = client.post(address, form_of(client.get(address)) | typed)
    form = answer.context["form"]
    wrong = [field.auto_id for field in form if field.errors]
    assert len(wrong) >= 4
    assert wrong == sorted(wrong, key=lambda name: answer.text.index(f'id="{name}_error"'))
