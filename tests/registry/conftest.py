"""What the tests of the public side share: somebody who reads, and a commitment to read.

What needs Django is imported in the fixtures: this file is read before the settings are.
"""

import pytest
from django.test import Client


@pytest.fixture
def reader():
    from registry.website import pages

    pages._cache.empty("")
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def commitment():
    """Brookfield's commitment of 5 January 2026; its first update is due on 1 April."""
    from tests.registry import items
    from tests.registry.public_pages import publish

    publish("2026-01-05", *items.everything())
