"""No form claims anything for the person who fills it in."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

from django import forms

import charter.forms
import reporting.forms

# What a form may have selected: none of it flatters or says anything about the world.
PRESELECTED = {
    ("CommitmentForm", "cadence"): "the usual frequency, which commits the signatory to more",
    ("ChangeForm", "cadence"): "as published",
    ("EvidenceForm", "evidence_visibility"): "public: the opposite would hide it",
    ("ColleagueForm", "role"): "who may write",
    ("StaffForm", "role"): "who may decide",
}


def own_forms() -> Iterator[type[forms.Form]]:
    for package in (charter.forms, reporting.forms):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            for member in vars(import_module(module.name)).values():
                if isinstance(member, type) and issubclass(member, forms.Form):
                    yield member


def test_no_choice_is_preselected_that_claims_anything():
    selected = set()
    for form in own_forms():
        for name, field in form.base_fields.items():
            is_choice = isinstance(field, forms.ChoiceField | forms.BooleanField)
            if is_choice and field.initial and not field.widget.is_hidden:
                selected.add((declaring_form(form, name).__name__, name))
    assert selected == set(PRESELECTED)


def declaring_form(form: type[forms.Form], name: str) -> type[forms.Form]:
    """Return the first form of the bases that has a field."""
    has_field = [base for base in form.__mro__ if name in getattr(base, "base_fields", {})]
    return has_field[-1]
