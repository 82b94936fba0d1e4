"""Inviting somebody to act for an organisation."""

from typing import Any, cast

from django import forms

from charter.forms.fields import AddressField, PlainTextField
from charter.models import Membership, User

INVITEE_EMAIL = AddressField(
    label="Email address",
    help_text="We send a link that works once, for 72 hours.",
    widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    error_messages={"required": "Give the email address"},
)


class RoleForm(forms.Form):
    """What somebody of the organisation may do."""

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
    """Whom to invite to work for the council."""

    email = INVITEE_EMAIL
    council_role = forms.ChoiceField(
        label="What may this person do?",
        widget=forms.RadioSelect,
        choices=[choice for choice in User.CouncilRole.choices if choice[0]],
        initial=User.CouncilRole.OFFICER,
    )


class ColleagueForm(forms.Form):
    """Whom to invite, and what they may do."""

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
            "Only for somebody who acts for you from outside. By inviting them you consent; "
            "the name stands beside what they send, and you can withdraw your consent here."
        ),
    )

    def __init__(self, *args: Any, by_owner: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        role = cast(forms.ChoiceField, self.fields["role"])
        role.choices = [
            (code, f"{label}: {Membership.ROLE_SUMMARIES[Membership.Role(code)]}")
            for code, label in Membership.Role.choices
            if by_owner or code != Membership.Role.INTERMEDIARY
        ]
        if not by_owner:
            del self.fields["body"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        from_outside = cleaned.get("role") == Membership.Role.INTERMEDIARY
        if from_outside and not cleaned.get("body"):
            self.add_error("body", "Name the support body that this person belongs to")
        if not from_outside:
            cleaned["body"] = ""
        return cleaned
