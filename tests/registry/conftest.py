"""Fixtures for tests of the public side: a reader and a commitment.

One imports modules that need Django, because this file is loaded before the settings.
"""

import pytest
from django.test import Client


@pytest.fixture
def reader():
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def commitment():
    """Publish Brookfield's commitment on 5 January 2026; its first update is due on 1 April."""
    from tests.registry import items
    from tests.registry.public_pages import publish

    publish("2026-01-05", *items.small_register())
