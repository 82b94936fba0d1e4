"""What is public of an organisation, described anew."""

from typing import Any

from django import forms

from charter import importing
from charter.forms.council import OrganisationForm
from charter.forms.fields import LongWordsField
from charter.models import Signatory


class DetailsForm(OrganisationForm):
    """Names, kind, size, sector and route of a signatory, with the reason why they change."""

    # Numbers stay: another number is another organisation.
    scheme = number = number_is_right = None  # type: ignore[assignment]
    website = forms.URLField(label="Website", required=False, assume_scheme="https")
    reason = LongWordsField(
        label="Why does this change?",
        max_length=300,
        help_text="Everybody can read this. An earlier name stays on the page.",
        error_messages={"required": "Say why: the public reads it"},
    )

    @classmethod
    def initial_of(cls, signatory: Signatory) -> dict[str, Any]:
        return {
            name: importing.current(signatory, name) for name in cls.base_fields if name != "reason"
        }

    def values(self) -> dict[str, Any]:
        """Return what is described, as the action takes it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "reason"}
