"""Forms to change many commitments at once."""

from collections.abc import Iterable
from typing import Any

from django import forms

from charter.forms.fields import MultilineTextField
from charter.models import Commitment, Membership, Signatory, Theme
from charter.roles import WRITERS


class CommitmentFilterForm(forms.Form):
    """A filter by signatory and theme."""

    signatory = forms.ModelChoiceField(
        label="Of which signatory?",
        queryset=Signatory.objects.select_related("organisation").order_by(
            "organisation__legal_name"
        ),
        to_field_name="key",
        empty_label="Any",
        required=False,
    )
    theme = forms.ModelChoiceField(
        label="Of which theme?",
        queryset=Theme.objects.order_by("position"),
        to_field_name="key",
        empty_label="Any",
        required=False,
    )

    def matching_commitments(self) -> Iterable[Commitment]:
        """Return the public commitments that match the filter, by title."""
        filters = {name: value for name, value in self.cleaned_data.items() if value}
        commitments = Commitment.objects.public().filter(**filters)
        return commitments.select_related("signatory__organisation", "theme").order_by("title")


class BulkChangeForm(forms.Form):
    commitments = forms.MultipleChoiceField(
        label="Which commitments?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose the commitments"},
    )
    new_theme = forms.ModelChoiceField(
        label="Put them under this theme",
        queryset=Theme.objects.order_by("position"),
        to_field_name="key",
        empty_label="Leave it as it is",
        required=False,
    )
    contact = forms.ModelChoiceField(
        label="Who looks after them, and is asked for updates?",
        queryset=Membership.objects.none(),
        empty_label="Leave it as it is",
        required=False,
    )
    reason = MultilineTextField(
        label="Why?",
        max_length=500,
        help_text="The public reads this beside every commitment that comes under another theme, "
        "its people beside every one that someone else looks after.",
        error_messages={"required": "Give the reason"},
    )

    def __init__(
        self, data: Any, *, commitments: Iterable[Commitment], signatory: Signatory | None
    ) -> None:
        super().__init__(data)
        self.fields["commitments"].choices = [  # type: ignore[attr-defined]
            (commitment.key, f"{commitment.title} ({commitment.signatory}, {commitment.theme})")
            for commitment in commitments
        ]
        if signatory:
            people = signatory.organisation.memberships.current().filter(role__in=WRITERS)
            self.fields["contact"].queryset = people.select_related("user")  # type: ignore[attr-defined]
        else:
            del self.fields["contact"]  # a contact belongs to one organisation

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if not self.errors and not cleaned.get("new_theme") and not cleaned.get("contact"):
            self.add_error("new_theme", "Choose what is to be different")
        return cleaned
