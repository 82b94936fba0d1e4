"""Forms for featuring a record, and for ending the feature."""

from typing import Any

from django import forms

from charter.forms.fields import MultilineTextField, PlainTextField
from charter.models import Signatory, User
from registry.log import keys
from reporting.actions import featured_records


class FeaturedRecordForm(forms.Form):
    key = PlainTextField(
        label="Which commitment or success?",
        max_length=200,
        help_text="Its key, such as C-7F3K2 or W-4M2PA. It stands on its public page.",
        error_messages={"required": "Give the key of a commitment or success"},
    )
    why = MultilineTextField(
        label="Why should others look at it?",
        max_length=500,
        help_text="One sentence. The public reads it beside the example. Name no person.",
        error_messages={"required": "Enter why others should look at it"},
    )

    def __init__(self, *args: Any, by: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.own_signatories = Signatory.objects.for_staff(by)

    def clean_key(self) -> Any:
        """Return the commitment or success itself."""
        record = featured_records.find_public_record(keys.normalise_key(self.cleaned_data["key"]))
        if record is None or not self.own_signatories.filter(pk=record.signatory_id).exists():
            raise forms.ValidationError(
                "No public commitment or success has this key, or it was withdrawn."
            )
        return record


class UnfeatureForm(forms.Form):
    reason = MultilineTextField(
        label="Why is it no longer an example?",
        max_length=500,
        help_text="The public can read it.",
        error_messages={"required": "Say why it is no longer an example"},
    )
