"""Properties shared by all forms of reporting."""

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


def iter_forms():
    for module in pkgutil.iter_modules(forms.__path__, f"{forms.__name__}."):
        for _, member in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(member, django_forms.BaseForm) and member.__module__ == module.name:
                yield member


def test_each_required_field_has_its_own_error_message():
    missing = [
        f"{form.__name__}.{name}"
        for form in iter_forms()
        for name, field in form.base_fields.items()
        if field.required and not field.widget.is_hidden
        if field.error_messages["required"] == "This field is required."
    ]
    assert missing == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("page", "fields"),
    [
        ("success", {"evidence_title": "A letter", "success_title": "", "success_story": ""}),
        ("update", {"answer": "number", "evidence_title": "A letter", "success_title": "Four"}),
    ],
)
def test_error_summary_follows_the_order_of_the_page(page, fields):
    commitment = scenarios.commitment()
    with on(scenarios.MADE_ON.replace(year=2026)):
        client, address = signed_in(factories.asha()), f"/{commitment.key}/{page}"
        response = client.post(address, form_of(client.get(address)) | fields)
    form = response.context["form"]
    error_ids = [field.auto_id for field in form if field.errors]
    assert len(error_ids) >= 4
    assert error_ids == sorted(
        error_ids, key=lambda name: response.text.index(f'id="{name}_error"')
    )
