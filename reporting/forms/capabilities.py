"""Asking somebody without an account, and what such a person answers."""

from django import forms
from django.core.exceptions import ValidationError

from charter.forms.fields import WordsField
from registry import codelists


class ColleagueForm(forms.Form):
    email = forms.EmailField(
        label="E-mail address of your colleague",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Give the address of your colleague"},
    )

    def clean_email(self) -> str:
        return plain_address(self.cleaned_data["email"])


class AskForm(forms.Form):
    body = WordsField(
        label="Which school, charity or other body was helped?",
        max_length=200,
        help_text="A body, never a person. The public reads its name only if it agrees.",
        error_messages={"required": "Name the body"},
    )
    email = forms.EmailField(
        label="E-mail address of somebody there who knows",
        help_text="The council can see whom you asked. It is never published.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Give an e-mail address"},
    )

    def clean_email(self) -> str:
        return plain_address(self.cleaned_data["email"])


class ConfirmForm(forms.Form):
    answer = forms.ChoiceField(
        label="Did this happen?",
        choices=list(codelists.CONFIRMATION_ANSWERS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the three answers"},
    )
    may_be_named = forms.ChoiceField(
        label="May the public read who answered?",
        choices=[("yes", "Yes, name us"), ("no", "No, do not name us")],
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether you may be named"},
    )


def plain_address(email: str) -> str:
    """Return an address that our mail can be sent to."""
    if not email.isascii():
        raise ValidationError("Give an address without accents")
    return email
