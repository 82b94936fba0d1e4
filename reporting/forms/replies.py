"""The form of the reply beside what the public page says against a signatory."""

from django import forms

from charter.forms.fields import MultilineTextField


class ReplyForm(forms.Form):
    text = MultilineTextField(
        label="Your reply",
        max_length=2_000,
        help_text="There is one reply, and it cannot be changed once it is published. Do not name "
        "any person. This will be public.",
        error_messages={"required": "Enter your reply"},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
