"""Forms to invite people and change their roles."""

from typing import Any, cast

from django import forms
from django.db.models import QuerySet

from charter.forms.fields import AddressField, PlainTextField
from charter.models import Authority, Membership
from charter.roles import STAFF_ROLE_SUMMARIES, StaffRole

INVITEE_EMAIL = AddressField(
    label="Email address",
    help_text="We send a link that works once, for 72 hours.",
    widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    error_messages={"required": "Give the email address"},
)


class RoleForm(forms.Form):
    role = forms.ChoiceField(
        label="What may this person do?",
        widget=forms.RadioSelect,
        choices=[
            (role, f"{role.label}: {Membership.ROLE_SUMMARIES[role]}")
            for role in Membership.Role
            if role != Membership.Role.INTERMEDIARY
        ],
    )


class StaffForm(forms.Form):
    """An invitation to work for an authority."""

    email = INVITEE_EMAIL
    authority = forms.ModelChoiceField(
        Authority.objects.none(), label="For which authority?", empty_label="Choose an authority"
    )
    role = forms.ChoiceField(
        label="What may this person do?",
        widget=forms.RadioSelect,
        choices=[(role, f"{role.label}: {STAFF_ROLE_SUMMARIES[role]}") for role in StaffRole],
        initial=StaffRole.PUBLISHER,
    )

    def __init__(self, *args: Any, authorities: QuerySet[Authority], **options: Any) -> None:
        super().__init__(*args, **options)
        self._only = authorities.get() if authorities.count() == 1 else None
        if self._only:
            del self.fields["authority"]
        else:
            cast(forms.ModelChoiceField[Authority], self.fields["authority"]).queryset = authorities

    def values(self) -> dict[str, Any]:
        """Return the invitation's fields, as arguments of the action."""
        return {"authority": self._only} | self.cleaned_data


class ColleagueForm(forms.Form):
    """An invitation to act for an organisation."""

    email = INVITEE_EMAIL
    role = forms.ChoiceField(
        label="What may this person do?",
        widget=forms.RadioSelect,
        initial=Membership.Role.EDITOR,
    )
    body = PlainTextField(
        label="Name of the support body",
        max_length=200,
        required=False,
        help_text=(
            "Only for someone who acts for you from outside. By inviting them you consent; "
            "the name stands beside what they send, and you can withdraw your consent here."
        ),
    )

    def __init__(self, *args: Any, is_owner: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        role = cast(forms.ChoiceField, self.fields["role"])
        role.choices = [
            (code, f"{label}: {Membership.ROLE_SUMMARIES[Membership.Role(code)]}")
            for code, label in Membership.Role.choices
            if is_owner or code != Membership.Role.INTERMEDIARY
        ]
        if not is_owner:
            del self.fields["body"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        is_intermediary = cleaned.get("role") == Membership.Role.INTERMEDIARY
        if is_intermediary and not cleaned.get("body"):
            self.add_error("body", "Name the support body that this person belongs to")
        if not is_intermediary:
            cleaned["body"] = ""
        return cleaned
