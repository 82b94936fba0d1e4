"""Forms to change many commitments at once."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.db.models import QuerySet

from charter.forms.fields import MultilineTextField
from charter.models import Commitment, Membership, Signatory, Theme, User
from charter.roles import WRITERS


class CommitmentFilterForm(forms.Form):
    """A filter by signatory and theme."""

    signatory = forms.ModelChoiceField(
        label="Of which signatory?",
        queryset=Signatory.objects.none(),
        to_field_name="key",
        required=False,
    )
    theme = forms.ModelChoiceField(
        label="Of which theme?",
        queryset=Theme.objects.none(),
        to_field_name="key",
        required=False,
    )

    def __init__(self, *args: Any, by: User) -> None:
        super().__init__(*args)
        self.by = by
        signatories, themes = Signatory.objects.for_staff(by).public(), Theme.objects.for_staff(by)
        _offer(self.fields["signatory"], signatories, [("", "Any"), *signatories.labels()])
        _offer(self.fields["theme"], themes, [("", "Any"), *themes.labels()])

    def matching_commitments(self) -> list[Commitment]:
        """Return the public commitments that match the filter, by title."""
        filters = {name: value for name, value in self.cleaned_data.items() if value}
        commitments = Commitment.objects.for_staff(self.by).public().filter(**filters)
        return list(
            commitments.select_related("signatory__organisation", "theme").order_by("title")
        )


class BulkChangeForm(forms.Form):
    commitments = forms.MultipleChoiceField(
        label="Which commitments?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose the commitments"},
    )
    new_theme = forms.ModelChoiceField(
        label="Put them under this theme",
        queryset=Theme.objects.none(),
        to_field_name="key",
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
        self, data: Any, *, commitments: Sequence[Commitment], signatory: Signatory | None
    ) -> None:
        super().__init__(data)
        self.charters = {c.key: c.signatory.charter_id for c in commitments}
        self.fields["commitments"].choices = [  # type: ignore[attr-defined]
            (commitment.key, f"{commitment.title} ({commitment.signatory}, {commitment.theme})")
            for commitment in commitments
        ]
        themes = Theme.objects.filter(charter__in=set(self.charters.values()))
        labels = [("", "Leave it as it is"), *themes.labels()]
        _offer(self.fields["new_theme"], themes, labels)
        if signatory:
            people = signatory.organisation.memberships.current().filter(role__in=WRITERS)
            self.fields["contact"].queryset = people.select_related("user")  # type: ignore[attr-defined]
        else:
            del self.fields["contact"]  # a contact belongs to one organisation

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        theme = cleaned.get("new_theme")
        if not self.errors and not theme and not cleaned.get("contact"):
            self.add_error("new_theme", "Choose what is to be different")
        chosen = cleaned.get("commitments", [])
        if theme and any(self.charters[key] != theme.charter_id for key in chosen):
            self.add_error("new_theme", "Choose a theme of the charter of these commitments")
        return cleaned


def _offer(field: forms.Field, rows: QuerySet[Any], labels: list[tuple[str, str]]) -> None:
    """Let a field accept these rows, and show them with these labels."""
    model_field = cast("forms.ModelChoiceField[Any]", field)
    model_field.queryset = rows
    model_field.choices = labels
