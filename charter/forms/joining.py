"""Questions before applying to join. The answers are not stored."""

from django import forms

from charter.forms.fields import DayField, FigureField
from registry.schema.code_lists import Route, Size


class EligibilityForm(forms.Form):
    """An organisation's route to the charter, its size, and the dates of its first commitment."""

    route = forms.ChoiceField(
        label="What brings you here?",
        choices=[(route.value, route.description) for route in Route],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what brings you here"},
    )
    value = FigureField(
        label="What is the contract or grant worth, in pounds?",
        required=False,
        help_text="Leave it empty if there is none.",
    )
    size = forms.ChoiceField(
        label="How many people work with you?",
        choices=Size.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how many people work with you"},
    )
    start_on = DayField(label="When would your first commitment begin?", required=False)
    end_on = DayField(label="When would it end?", required=False)
