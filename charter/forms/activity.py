"""The search of the activity."""

from typing import Any

from django import forms

from charter.forms.fields import DayField, PlainTextField
from charter.roles import ACT_LABELS
from registry.log import keys


class ActivitySearchForm(forms.Form):
    """A search by person, act, record and days; all are optional."""

    person = PlainTextField(
        label="Person",
        required=False,
        max_length=200,
        help_text="A part of a name or an email address.",
    )
    verb = forms.ChoiceField(
        label="What they did",
        required=False,
        choices=lambda: [("", "Anything"), *_capitalised_labels()],
    )
    key = PlainTextField(
        label="Record", required=False, max_length=20, help_text="A key, like C-7F3K2."
    )
    since = DayField(label="From", required=False, help_text="For example, 1/4/2026")
    until = DayField(label="Until", required=False, help_text="For example, 30/6/2026")

    def clean_key(self) -> str:
        key = self.cleaned_data["key"].strip()
        return keys.normalise_key(key) if key else ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", "The last day must be after the first")
        return cleaned


def _capitalised_labels() -> list[tuple[str, str]]:
    labels = [
        (name, label[:1].upper() + label[1:])
        for name, label in ACT_LABELS.items()
        if not name.endswith(".read")
    ]
    return sorted(labels, key=lambda choice: choice[1])
