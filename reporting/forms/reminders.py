"""The form for a person's reminder preferences."""

from datetime import timedelta
from typing import Any

from django import forms

from charter.forms.fields import DayField
from registry import clock

LONGEST_PAUSE = timedelta(days=366)


class ReminderForm(forms.Form):
    ASK, PAUSE, STOP = "ask", "pause", "stop"

    asking = forms.ChoiceField(
        label="Friendly reminders",
        choices=[
            (ASK, "Send them: 30 days and 7 days before the day, and 3 days after it"),
            (PAUSE, "Pause them until a day"),
            (STOP, "Stop them"),
        ],
        widget=forms.RadioSelect,
        help_text=(
            "We always tell you before the public page says something else about your reporting."
        ),
        error_messages={"required": "Choose how we may ask you"},
    )
    until = DayField(
        label="Pause until",
        required=False,
        help_text="The last day without reminders, if you pause them. For example 30/6/2027.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        until, today = cleaned.get("until"), clock.today()
        if cleaned.get("asking") == self.PAUSE and "until" not in self.errors:
            if until is None:
                self.add_error("until", "Give the last day of the pause")
            elif not today <= until <= today + LONGEST_PAUSE:
                self.add_error("until", "Choose a day from today on, within a year")
        return cleaned

    def chosen_preferences(self) -> dict[str, Any]:
        """Return the arguments for `preferences.set_reminder_preferences`."""
        asking = self.cleaned_data["asking"]
        until = self.cleaned_data["until"] if asking == self.PAUSE else None
        return {"stopped": asking == self.STOP, "paused_until": until}
