"""People at the private pages, played by Django's test client."""

from typing import Any

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.http import HttpResponse
from django.test import Client

from charter.models import User
from tests import factories


def signed_in(user: User, **environment: str) -> Client:
    """Return the browser of somebody who has signed in."""
    client = Client(**environment)  # type: ignore[arg-type]
    client.force_login(user)
    return client


def with_second_factor(user: User) -> User:
    """Let somebody have set up an authenticator app."""
    TOTP.activate(user, generate_totp_secret())
    return user


def at_the_desk() -> Client:
    """Return the browser of Dev of the council, who has signed in with a second factor."""
    return signed_in(with_second_factor(factories.officer()))


def page(response: HttpResponse) -> str:
    """Return a page as it was sent; fail on an answer that is none."""
    assert response.status_code == 200
    return response.content.decode()


def form_of(response: HttpResponse) -> dict[str, Any]:
    """Return what a browser would send back without anything typed."""
    form = response.context["form"]  # type: ignore[attr-defined]
    shown = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in shown.items() if value not in (None, "", [])}
