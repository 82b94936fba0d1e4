"""What the council writes to a signatory."""

from collections.abc import Iterable
from typing import Any

from django import forms

from charter.forms.fields import LongWordsField
from registry.website import words
from reporting.actions.periods import LONGEST_EXTENSION
from reporting.models import ReportingPeriod


class ReturnForm(forms.Form):
    words = LongWordsField(
        label="What should be different?",
        max_length=2_000,
        help_text=(
            "The signatory reads these words in a mail and above its form. The public does not."
        ),
        error_messages={"required": "Say what should be different before you return it"},
    )


class ExtendForm(forms.Form):
    """Which due dates move, by how much, and why."""

    days = forms.IntegerField(
        label="By how many days?",
        min_value=1,
        max_value=LONGEST_EXTENSION,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-4"}),
        error_messages={"required": "Give a number of days"},
    )
    reason = LongWordsField(
        label="Why?",
        max_length=500,
        help_text="The public reads this beside every date that moves.",
        error_messages={"required": "Give the reason that the public will read"},
    )
    everything = forms.BooleanField(label="All that are listed below", required=False)
    periods = forms.MultipleChoiceField(
        label="Or only these", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, owed: Iterable[ReportingPeriod], data: Any = None) -> None:
        super().__init__(data)
        self.fields["periods"].choices = [  # type: ignore[attr-defined]
            (
                period.key,
                f"{words.day(period.due_on)}: {period.commitment.title} "
                f"({period.commitment.signatory})",
            )
            for period in owed
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("everything") and not cleaned.get("periods"):
            self.add_error("periods", "Choose the updates whose day moves, or all of them")
        return cleaned

    def chosen(self) -> list[str]:
        """Return the keys of the periods to be extended."""
        if self.cleaned_data["everything"]:
            choices = self.fields["periods"].choices  # type: ignore[attr-defined]
            return [key for key, _ in choices]
        return list(self.cleaned_data["periods"])
