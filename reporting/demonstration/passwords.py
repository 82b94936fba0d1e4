"""Passwords of the demonstration's people."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from unittest import mock

from django.contrib.auth import base_user, hashers

from registry.local import accounts

SUPPORT_BODY_EMAIL = "office@lintel.example"
SIGN_IN_EMAILS = {*accounts.ACCOUNTS, SUPPORT_BODY_EMAIL}
# Nobody can sign in to the other accounts, since nobody learns this password.
SECRET_PASSWORD = secrets.token_urlsafe()


def password_of(email: str) -> str:
    return accounts.PASSWORD if email in SIGN_IN_EMAILS else SECRET_PASSWORD


@contextmanager
def hash_each_once() -> Iterator[None]:
    """Hash equal passwords once inside the block: slow hashes would take a fifth of the time."""
    with mock.patch.object(base_user, "make_password", cache(hashers.make_password)):
        yield
