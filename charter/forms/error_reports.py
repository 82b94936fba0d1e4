"""Forms to report an error, and to decide on a report."""

from typing import Any

from django import forms

from charter.forms.fields import AddressField, MultilineTextField
from charter.models import ErrorReport


class ErrorReportForm(forms.Form):
    """A reader's report of an error in a record."""

    wrong = MultilineTextField(
        label="What is wrong?",
        max_length=2_000,
        error_messages={"required": "Say what is wrong"},
    )
    right = MultilineTextField(
        label="What would be right, and how do you know?",
        max_length=2_000,
        help_text="The address of a page that shows it helps us most.",
        required=False,
    )
    email = AddressField(
        label="Your email address",
        help_text="Only if you want an answer. We use it for nothing else.",
        required=False,
    )


class DecisionForm(forms.Form):
    """The council's decision, with comments for a reader who left an address."""

    found = forms.ChoiceField(
        label="What did you find?",
        choices=[("put_right", "It was put right"), ("nothing_wrong", "Nothing is wrong")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what you found"},
    )
    comments = MultilineTextField(
        label="What should the reader know?",
        max_length=2_000,
        help_text="We send your words by email.",
        error_messages={"required": "Say what you found: the reader reads nothing else"},
    )

    def __init__(self, data: Any = None, *, report: ErrorReport) -> None:
        super().__init__(data)
        if not report.email:
            del self.fields["comments"]

    def decision_values(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        return {
            "put_right": cleaned["found"] == "put_right",
            "comments": cleaned.get("comments", ""),
        }
