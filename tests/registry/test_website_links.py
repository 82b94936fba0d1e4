"""The website has no dead links.

The answers it gives are tested in tests/journeys/test_public_questions.py.
"""

import re
from collections import Counter
from html import unescape

import pytest
from django.test import Client
from django.urls import resolve

from registry import clock
from tests.registry import items
from tests.registry.public_pages import day, publish

pytestmark = pytest.mark.django_db

TODAY = "2026-08-01"
MAX_PER_VIEW = 12


def sample_of_each_view(addresses: list[str], visits: Counter[str]) -> list[str]:
    """Return at most `MAX_PER_VIEW` addresses of each view, so that not every ward is visited."""
    sample = []
    for address in addresses:
        name = resolve(address.partition("?")[0]).view_name
        visits[name] += 1
        if visits[name] <= MAX_PER_VIEW:
            sample.append(address)
    return sample


@pytest.fixture
def crawl():
    """Follow links for three clicks from home; return the pages by address, and the dead links."""
    publish("2026-01-05", *items.small_register()[:4], items.commitment(area_codes=["E05011121"]))
    publish("2026-02-02", items.commitment(
        action="amend", area_codes=["E05011121"], title="Fifteen", change_reason="A site closed.",
        target={"value": "15", "by": "2027-06-30"}))  # fmt: skip
    publish("2026-04-03", items.period(), items.update(cumulative_value="14"), items.success())
    reader, bodies, dead_links, front = Client(), {}, [], ["/"]
    visits: Counter[str] = Counter()
    with clock.fixed_at(day(TODAY)):
        for _ in range(4):
            next_addresses: list[str] = []
            for address in front:
                response = reader.get(address, follow=True)
                if response.status_code != 200:
                    dead_links.append(address)
                elif not response.streaming:
                    body = bodies[address] = response.content.decode()
                    links = re.findall(r'<a [^>]*href="(/[^"#]*)', body)
                    feeds = re.findall(r'<link rel="alternate"[^>]*href="([^"]*)', body)
                    next_addresses += [unescape(link) for link in (*links, *feeds)]
            front = sample_of_each_view(
                sorted(set(next_addresses) - set(bodies) - set(dead_links)), visits
            )
    return bodies, dead_links


def test_no_link_is_dead_within_three_clicks(crawl):
    bodies, dead_links = crawl
    assert not dead_links
    assert len(bodies) > 60
