"""Following something by mail."""

from django import forms

from charter.forms.fields import AddressField


class FollowForm(forms.Form):
    """Where the mails go."""

    email = AddressField(
        label="Your e-mail address",
        help_text="We use it for these mails and for nothing else.",
        error_messages={"required": "Give the address that the mails go to"},
    )
