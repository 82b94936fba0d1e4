"""The form to accept an invitation."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from charter.models import User


class InvitationForm(forms.Form):
    """A name and a new password, or the existing password of someone with an account."""

    name = forms.CharField(
        label="Your name",
        max_length=200,
        help_text="Your colleagues and the council see it. It is never published.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Give your name"},
    )
    password = forms.CharField(
        label="Choose a password",
        help_text="At least 12 characters. Three words that do not belong together are good.",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Type a password"},
    )

    def __init__(self, *args: Any, email: str, has_account: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email
        self.has_account = has_account
        if has_account:
            del self.fields["name"]
            password = self.fields["password"]
            password.label, password.help_text = "Your password", ""
            password.widget.attrs["autocomplete"] = "current-password"

    def values(self) -> dict[str, str]:
        """Return the name and the password, as arguments of the action."""
        cleaned = self.cleaned_data
        return {"name": cleaned.get("name", ""), "password": cleaned["password"]}

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        if not self.has_account:
            person = User(email=self.email, name=self.cleaned_data.get("name", ""))
            validate_password(password, user=person)
        return password
