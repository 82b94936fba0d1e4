"""The form of a letter or call to a signatory."""

from datetime import date

from django import forms

from charter.forms.fields import DayField, MultilineTextField
from registry import clock
from reporting.actions.contact_attempts import RECORDED_WITHIN
from reporting.models import ContactAttempt


class ContactAttemptForm(forms.Form):
    kind = forms.ChoiceField(
        label="How did you ask?",
        choices=ContactAttempt.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select how you asked"},
    )
    made_on = DayField(
        label="When?",
        help_text="For example, 30/6/2027. This will be public.",
        error_messages={"required": "Enter the day you asked"},
    )
    note = MultilineTextField(
        label="Note",
        required=False,
        max_length=500,
        help_text="Only the council sees it. For example, “Left a message with reception”.",
    )

    def clean_made_on(self) -> date:
        day: date = self.cleaned_data["made_on"]
        if day > clock.today():
            raise forms.ValidationError("The day must be today or in the past")
        if day < clock.today() - RECORDED_WITHIN:
            raise forms.ValidationError("The day must be in the past 3 months")
        return day
