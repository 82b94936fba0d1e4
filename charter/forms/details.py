"""What is public of an organisation: described anew, or asked for."""

from typing import Any

from django import forms

from charter.forms.council import OrganisationForm
from charter.forms.fields import DayField, MultilineTextField
from charter.models import DetailsRequest, Signatory
from charter.spreadsheets import organisations as organisation_import
from registry import clock

# Not said of the organisation, but of the change.
CHANGE_FIELDS = ("since", "reason")


class DetailsForm(OrganisationForm):
    """Names, kind, size, sector and route of a signatory, with the reason why they change."""

    # Numbers stay: another number is another organisation.
    scheme = number = number_is_right = None  # type: ignore[assignment]
    website = forms.URLField(label="Website", required=False, assume_scheme="https")
    covers = MultilineTextField(
        label="Which subsidiaries or sites do the commitments cover?",
        max_length=1_000,
        required=False,
        help_text="Such as “All five kitchens in Birmingham, not the one in Leeds”.",
    )
    since = DayField(label="Since when?", initial=clock.today)
    reason = MultilineTextField(
        label="Why does this change?",
        max_length=300,
        help_text="Everybody can read this. An earlier name stays on the page.",
        error_messages={"required": "Say why: the public reads it"},
    )

    @classmethod
    def initial_of(cls, signatory: Signatory) -> dict[str, Any]:
        names = set(cls.base_fields) - set(CHANGE_FIELDS)
        return {name: organisation_import.current_value(signatory, name) for name in names}

    def clean_since(self) -> Any:
        since = self.cleaned_data["since"]
        if since > clock.today():
            raise forms.ValidationError("This day is still to come")
        return since

    def values(self) -> dict[str, Any]:
        """Return what is described, as the action takes it."""
        return {n: value for n, value in self.cleaned_data.items() if n not in CHANGE_FIELDS}


class DetailsRequestForm(DetailsForm):
    """What a signatory asks the council to say of it; kind and route are the council's to say."""

    kind = social_enterprise = route = since = None  # type: ignore[assignment]

    def __init__(self, data: Any, *, signatory: Signatory) -> None:
        waiting = signatory.details_requests.awaiting_decision().first()
        super().__init__(data, initial=self.initial_of(signatory) | initial_from_request(waiting))
        self.signatory = signatory

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not self.values():
            self.add_error(None, "Nothing is different yet: change what should read otherwise.")
        return cleaned

    def values(self) -> dict[str, Any]:
        """Return what becomes different."""
        details = super().values()
        return {
            n: details[n]
            for n in details
            if details[n] != organisation_import.current_value(self.signatory, n)
        }


def initial_from_request(request: DetailsRequest | None) -> dict[str, Any]:
    """Return what a form begins with where a signatory asked for something."""
    return request.values | {"reason": request.reason} if request else {}
