"""Forms to edit an organisation's public details, or to request a change."""

from typing import Any

from django import forms

from charter.forms.council import PublicDetailsForm
from charter.forms.fields import DayField, MultilineTextField
from charter.models import DetailsRequest, Signatory
from charter.spreadsheets import organisations as organisation_import
from registry import clock

# Fields of the change, not of the organisation.
CHANGE_FIELDS = ("since", "reason")


class DetailsForm(PublicDetailsForm):
    """A signatory's public details, with the reason for the change."""

    # Numbers cannot change: another number would be another organisation.
    scheme = number = number_is_right = None  # type: ignore[assignment]
    since = DayField(label="When did this change?", initial=clock.today)
    reason = MultilineTextField(
        label="Why does this change?",
        max_length=300,
        help_text="Everyone can read this. An earlier name stays on the page.",
        error_messages={"required": "Enter a reason"},
    )

    @classmethod
    def initial_of(cls, signatory: Signatory) -> dict[str, Any]:
        names = set(cls.base_fields) - set(CHANGE_FIELDS)
        return {name: organisation_import.current_value(signatory, name) for name in names}

    def clean_since(self) -> Any:
        since = self.cleaned_data["since"]
        if since > clock.today():
            raise forms.ValidationError("Date must be today or in the past")
        return since

    def values(self) -> dict[str, Any]:
        """Return the details, as arguments of the action."""
        return {n: value for n, value in self.cleaned_data.items() if n not in CHANGE_FIELDS}

    def facts(self) -> list[tuple[str, str]]:
        """Return label and text of each field that is filled in, for those who may only read."""
        return [
            (str(field.label), text)
            for field in self.visible_fields()
            if (text := _displayed_value(field))
        ]

    def submission(self) -> dict[str, Any]:
        """Return the whole change, as arguments of the action."""
        change = {name: self.cleaned_data[name] for name in CHANGE_FIELDS if name in self.fields}
        return change | {"values": self.values()}


class DetailsRequestForm(DetailsForm):
    """A signatory's request to change its details. Kind and route are for the council to decide."""

    kind = social_enterprise = route = since = None  # type: ignore[assignment]

    def __init__(self, data: Any, *, signatory: Signatory) -> None:
        open_request = signatory.details_requests.awaiting_decision().first()
        super().__init__(
            data, initial=self.initial_of(signatory) | initial_from_request(open_request)
        )
        self.signatory = signatory

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not self.values():
            self.add_error(None, "You have not changed anything.")
        return cleaned

    def values(self) -> dict[str, Any]:
        """Return only the changed details."""
        details = super().values()
        return {
            n: details[n]
            for n in details
            if details[n] != organisation_import.current_value(self.signatory, n)
        }


def _displayed_value(field: forms.BoundField) -> str:
    """Return the value of a field as the form shows it: of a choice, its label."""
    value = field.value()
    values = value if isinstance(value, list) else [value]
    labels = dict(getattr(field.field, "choices", ()))
    return ", ".join(str(labels.get(v, v)) for v in values if v)


def initial_from_request(request: DetailsRequest | None) -> dict[str, Any]:
    """Return initial values from an open request, or none."""
    return request.values | {"reason": request.reason} if request else {}
