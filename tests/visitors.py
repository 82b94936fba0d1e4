"""Visitors of private pages, played by Django's test client."""

import re
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.http import HttpRequest, HttpResponse
from django.test import Client

from charter.models import User
from tests import factories


def signed_in(user: User, **environment: str) -> Client:
    """Return a client signed in as `user`."""
    client = Client(**environment)  # type: ignore[arg-type]
    sign_in(client, user)
    return client


def sign_in(client: Client, user: User) -> None:
    """Sign in as `user`, who has just shown their second factor if they have one."""
    client.force_login(user)
    if factor := user.authenticator_set.first():
        request = HttpRequest()
        request.session = client.session
        record_authentication(request, user, "mfa", id=factor.pk)
        request.session.save()


def with_second_factor(user: User) -> User:
    """Return `user`, who has an authenticator app."""
    if not user.authenticator_set.exists():
        TOTP.activate(user, generate_totp_secret())
    return user


def officer_client() -> Client:
    """Return a client signed in as Dev, an officer with a second factor."""
    return signed_in(with_second_factor(factories.officer()))


def page(response: HttpResponse) -> str:
    """Return the text of a page; fail if the response is not a page."""
    assert response.status_code == 200
    return response.content.decode()


def form_of(response: HttpResponse) -> dict[str, Any]:
    """Return the form's data as a browser would send it back unchanged."""
    form = response.context["form"]  # type: ignore[attr-defined]
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def seen_questions(response: HttpResponse) -> dict[str, str]:
    """Return what the form of a page sends to say that its reader has seen its questions."""
    found = re.search(r'name="seen_questions" value="([^"]*)"', page(response))
    return {"seen_questions": found[1]} if found else {}


def send_from_preview(client: Client, address: str) -> Any:
    """Read the preview of a draft below an address, and send it as it is."""
    return client.post(f"{address}/send", seen_questions(client.get(f"{address}/preview")))
