"""The demonstration fills in the forms that people fill in, and nothing gets past them."""

from datetime import date

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile

from charter.forms.fields import DayField, PlainTextField
from charter.models import Organisation, Signatory
from reporting.demonstration import browser, joining, script, submissions


class VisitForm(forms.Form):
    """A form with every kind of field that browsers send in their own way."""

    name = PlainTextField(max_length=10)
    on = DayField()
    colour = forms.ChoiceField(
        choices=[("red", "Red"), ("blue", "Blue")], widget=forms.RadioSelect, required=False
    )
    days = forms.MultipleChoiceField(
        choices=[("1", "Monday"), ("2", "Tuesday")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    agreed = forms.BooleanField(required=False)
    picture = forms.FileField(required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


def submit(**typed):
    initial = {"name": "Asha", "version": 7, "days": ["1", "2"]}
    return browser.submit_form(VisitForm, typed, seed="A visit", initial=initial)


def test_fields_that_nobody_fills_in_are_sent_as_the_page_shows_them():
    form = submit(on=date(2027, 6, 30))
    assert form.cleaned_data == {
        "name": "Asha",
        "on": date(2027, 6, 30),
        "colour": "",
        "days": ["1", "2"],
        "agreed": False,
        "picture": None,
        "version": 7,
    }
    assert dict(form.data.lists()) == {
        "name": ["Asha"],
        "on": ["30/6/2027"],
        "days": ["1", "2"],
        "version": ["7"],
    }


def test_what_is_filled_in_replaces_what_the_page_shows():
    picture = SimpleUploadedFile("tree.png", b"PNG")
    form = submit(name="Ben", on="1 May 2027", colour="blue", days=[], agreed=True, picture=picture)
    assert form.cleaned_data == {
        "name": "Ben",
        "on": date(2027, 5, 1),
        "colour": "blue",
        "days": [],
        "agreed": True,
        "picture": picture,
        "version": 7,
    }


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"status": "published"}, "A visit: VisitForm does not ask for status"),
        ({"on": "soon"}, "A visit: VisitForm has errors: .*Enter a date"),
        ({"on": "1/5/2027", "name": "Asha of Aston"}, "at most 10 characters"),
        ({"on": "1/5/2027", "colour": "green"}, "green is not one of the available choices"),
    ],
)
def test_form_refuses_what_it_does_not_ask_or_allow(typed, message):
    with pytest.raises(browser.RefusedFormError, match=message):
        submit(**typed)


@pytest.mark.django_db
def test_form_accepts_every_scripted_commitment():
    charter, _ = joining.open_register()
    for seed in script.signatory_seeds():
        organisation = Organisation(legal_name=seed.name, kind=seed.kind, size=seed.size)
        signatory = Signatory(organisation=organisation, charter=charter, route=seed.route)
        for commitment_seed in seed.commitments:
            form = submissions.fill_in_commitment(commitment_seed, seed, signatory)
            assert form.values()["title"] == commitment_seed.title
