"""Forms for asking people without an account, and for their answers."""

from typing import Any

from django import forms

from charter.forms.fields import AddressField, PlainTextField
from registry.schema.code_lists import ConfirmationAnswer


class DelegationForm(forms.Form):
    email = AddressField(
        label="Email address of your colleague",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Give the address of your colleague"},
    )


class ConfirmationRequestForm(forms.Form):
    body = PlainTextField(
        label="Which school, charity or other body was helped?",
        max_length=200,
        help_text="A body, never a person. The public reads its name only if it agrees.",
        error_messages={"required": "Name the body"},
    )
    email = AddressField(
        label="Email address of someone there who knows",
        help_text="The council can see whom you asked. It is never published.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Give an email address"},
    )


class ConfirmationForm(forms.Form):
    answer = forms.ChoiceField(
        label="Did this happen?",
        choices=ConfirmationAnswer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the three answers"},
    )
    may_be_named = forms.ChoiceField(
        label="May the public read who answered?",
        choices=[("yes", "Yes, name us"), ("no", "No, do not name us")],
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether you may be named"},
    )

    def values(self) -> dict[str, Any]:
        """Return the answer, as arguments of the action."""
        cleaned = self.cleaned_data
        return {"answer": cleaned["answer"], "may_be_named": cleaned["may_be_named"] == "yes"}
