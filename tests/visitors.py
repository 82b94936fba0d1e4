"""People at the private pages, played by Django's test client."""

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from charter.models import User


def signed_in(user: User, **environment: str) -> Client:
    """Return the browser of somebody who has signed in."""
    client = Client(**environment)  # type: ignore[arg-type]
    client.force_login(user)
    return client


def with_second_factor(user: User) -> User:
    """Let somebody have set up an authenticator app."""
    TOTP.activate(user, generate_totp_secret())
    return user
