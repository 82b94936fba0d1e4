"""Ways through the website: answers within three clicks, and no dead link."""

import re
from collections import Counter
from html import unescape

import pytest
from django.test import Client
from django.urls import resolve

from registry import clock
from registry.website import pages
from tests.registry import items
from tests.registry.test_website import day, publish

pytestmark = pytest.mark.django_db

TODAY = "2026-08-01"
MOST_OF_A_KIND = 12
# A question, where its answer stands, and words of the answer.
QUESTIONS = {
    "What did firms promise for Aston, and what came of it?": ("/places/E05011121", "Fifteen"),
    "Who has gone silent?": ("/", "Not heard from"),
    "Which promises were weakened, and why?": ("/changes?show=weakened", "A site closed."),
    "How far are apprenticeships, counted honestly?": ("/measures/M-00001", "Delivered: said by"),
    "What does this firm look like next to others?": ("/compare?measure=M-00001", "Brookfield"),
    "What did this page say on another day?": ("/commitments/C-00001/past", "another day"),
    "What is counted, and what not?": ("/measures/M-00001", "Count each person once."),
    "How are figures added up?": ("/statistics", "The rules of adding up"),
    "What came of promises?": ("/successes", "The first three have started"),
    "What does it ask of my firm?": ("/for/businesses", "What it asks of you"),
    "What does this word mean?": ("/glossary", "Level of proof"),
    "How do I follow this promise?": ("/feeds/commitments/C-00001.atom", "Head of the register"),
}


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
    with clock.at(day(TODAY)):
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


def test_no_link_is_dead_and_every_question_has_its_answer_near(walked):
    found, dead = walked
    assert not dead
    for question, (address, answer) in QUESTIONS.items():
        assert address in found, question
        assert answer in re.sub(r"\s+", " ", found[address]), question
