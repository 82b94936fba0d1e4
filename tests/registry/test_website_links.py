"""Ways through the website: no dead link. Answers: tests/journeys/test_public_questions.py."""

import re
from collections import Counter
from html import unescape

import pytest
from django.test import Client
from django.urls import resolve

from registry import clock
from registry.website import pages
from tests.registry import items
from tests.registry.public_pages import day, publish

pytestmark = pytest.mark.django_db

TODAY = "2026-08-01"
MOST_OF_A_KIND = 12


def few_of_each(addresses: list[str], seen: Counter[str]) -> list[str]:
    """Leave out what looks like what was seen several times, such as the 70th ward."""
    kept = []
    for address in addresses:
        name = resolve(address.partition("?")[0]).view_name
        seen[name] += 1
        if seen[name] <= MOST_OF_A_KIND:
            kept.append(address)
    return kept


@pytest.fixture
def walked():
    """Walk three clicks from home; return the pages by address, and the links that lead nowhere."""
    pages._cache.empty("")
    publish("2026-01-05", *items.everything()[:4], items.commitment(area_codes=["E05011121"]))
    publish("2026-02-02", items.commitment(
        action="amend", area_codes=["E05011121"], title="Fifteen", change_reason="A site closed.",
        target={"value": "15", "by": "2027-06-30"}))  # fmt: skip
    publish("2026-04-03", items.period(), items.update(cumulative_value="14"), items.success())
    reader, found, dead, front = Client(), {}, [], ["/"]
    seen: Counter[str] = Counter()
    with clock.fixed_at(day(TODAY)):
        for _ in range(4):
            following: list[str] = []
            for address in front:
                response = reader.get(address, follow=True)
                if response.status_code != 200:
                    dead.append(address)
                elif not response.streaming:
                    found[address] = response.content.decode()
                    links = re.findall(r'<a [^>]*href="(/[^"#]*)', found[address])
                    feeds = re.findall(r'<link rel="alternate"[^>]*href="([^"]*)', found[address])
                    following += [unescape(link) for link in (*links, *feeds)]
            front = few_of_each(sorted(set(following) - set(found) - set(dead)), seen)
    return found, dead


def test_no_link_is_dead_within_three_clicks(walked):
    found, dead = walked
    assert not dead
    assert len(found) > 60
