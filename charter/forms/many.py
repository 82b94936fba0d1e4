"""Changing many promises at once: which, and what of them."""

from collections.abc import Iterable
from typing import Any

from django import forms

from charter.forms.fields import LongWordsField
from charter.models import Commitment, Membership, Signatory, Theme
from charter.permissions import WRITERS


class FindForm(forms.Form):
    """Whose promises, or those of which theme."""

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

    def promises(self) -> Iterable[Commitment]:
        """Return the public promises that are asked for."""
        asked = {name: value for name, value in self.cleaned_data.items() if value}
        found = Commitment.objects.public().filter(**asked)
        return found.select_related("signatory__organisation", "theme").order_by("title")


class ManyForm(forms.Form):
    commitments = forms.MultipleChoiceField(
        label="Which promises?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose the promises"},
    )
    new_theme = forms.ModelChoiceField(
        label="Put them under this theme",
        queryset=Theme.objects.order_by("position"),
        to_field_name="key",
        empty_label="Leave it as it is",
        required=False,
    )
    contact = forms.ModelChoiceField(
        label="Who looks after them, and is asked for news?",
        queryset=Membership.objects.none(),
        empty_label="Leave it as it is",
        required=False,
    )
    reason = LongWordsField(
        label="Why?",
        max_length=500,
        help_text="The public reads this beside every promise that comes under another theme, "
        "its people beside every one that somebody else looks after.",
        error_messages={"required": "Give the reason"},
    )

    def __init__(
        self, data: Any, *, promises: Iterable[Commitment], signatory: Signatory | None
    ) -> None:
        super().__init__(data)
        self.fields["commitments"].choices = [  # type: ignore[attr-defined]
            (promise.key, f"{promise.title} ({promise.signatory}, {promise.theme})")
            for promise in promises
        ]
        if signatory:
            people = signatory.organisation.memberships.current().filter(role__in=WRITERS)
            self.fields["contact"].queryset = people.select_related("user")  # type: ignore[attr-defined]
        else:
            del self.fields["contact"]  # people speak for one organisation

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        if not self.errors and not told.get("new_theme") and not told.get("contact"):
            self.add_error("new_theme", "Choose what is to be different")
        return told
