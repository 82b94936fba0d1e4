"""The form to follow a subject by email."""

from django import forms

from charter.forms.fields import AddressField


class FollowForm(forms.Form):
    email = AddressField(
        label="Your email address",
        help_text="We use it for these emails and for nothing else.",
        error_messages={"required": "Give the address that the emails go to"},
    )
