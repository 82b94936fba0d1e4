"""allauth's forms with our own labels."""

from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm


class PasskeyForm(AddWebAuthnForm):
    """The form to add a passkey, used alone or after the password."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        name, passwordless = self.fields["name"], self.fields["passwordless"]
        name.label, name.help_text = "Name", "So that you know it again, such as: my phone."
        passwordless.label = "Sign in with it alone, without a password"
        passwordless.help_text = "Your device then asks for a fingerprint, your face or a PIN."
        passwordless.initial = True
