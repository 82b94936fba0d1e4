"""The long lists of the council's desk come in pages, and none of it is cut off."""

import re
from datetime import date

import pytest

from charter.mail import outbox
from charter.models import Signatory
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on
from tests.visitors import at_the_desk, page

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)
TITLES = ["Plant 500 trees", "Host ten school visits", "Open the gym to schools"]


@pytest.fixture(autouse=True)
def two_a_page(monkeypatch):
    monkeypatch.setattr("charter.views.paging.PAGE_SIZE", 2)


def walk(address: str) -> list[str]:
    """Return the pages of a list, as somebody reads it to its end and back."""
    council = at_the_desk()
    path, pages = address.partition("?")[0], [page(council.get(address))]
    while link := re.search(r'href="([^"]+)" rel="next"', pages[-1]):
        here = link[1].replace("&amp;", "&")
        pages.append(page(council.get(path + here)))
    assert 'rel="prev"' in pages[-1]
    assert 'rel="prev"' not in pages[0]
    return pages


def test_who_is_behind():
    for title in TITLES:
        scenarios.commitment(title=title)
    with on(date(2026, 6, 15)):
        pages = walk("/council/behind")
    assert [sum(title in page for title in TITLES) for page in pages] == [2, 1]
    assert all("3 updates that fell due have not come" in page for page in pages)


def test_a_signatory_that_pauses_is_not_behind():
    for title in TITLES:
        scenarios.commitment(title=title)
    Signatory.objects.update(pause_from=DUE, pause_reason="A flood.")
    with on(date(2026, 6, 15)):
        assert "Nobody is behind" in page(at_the_desk().get("/council/behind"))


def test_what_can_be_checked():
    for title in TITLES:
        commitment = scenarios.commitment(title=title)
        with on(DUE):
            scenarios.published(commitment)
    pages = walk("/council/checks")
    assert [sum(title in page for title in TITLES) for page in pages] == [2, 1]
    assert all("3 updates, newest first." in page for page in pages)
    assert ["Waiting for a reply" in page for page in pages] == [True, False]


def test_what_was_sent():
    factories.charter()
    for number in range(3):
        outbox.queue(
            kind="test",
            key=f"test:{number}",
            recipient="dev@register.example",
            subject=f"Email {number}",
            text="Words",
            html="<p>Words</p>",
        )
    pages = walk("/council/messages")
    assert re.findall(r">(Email \d)<", "".join(pages)) == ["Email 2", "Email 1", "Email 0"]


def test_all_signatories_and_whatever_else_stands_in_the_address():
    for name in ("Ash Works", "Beech Works", "Cedar Works"):
        factories.signatory(name)
    pages = walk("/council/signatories?from=mail")
    assert [re.findall(r"(\w+) Works</a>", page) for page in pages] == [["Ash", "Beech"], ["Cedar"]]
    assert all("3 signatories, by name" in page for page in pages)
    assert "from=mail" in pages[0]


def test_a_page_that_is_none_is_the_nearest():
    factories.signatory("Ash Works")
    council = at_the_desk()
    for asked in ("0", "99", "x"):
        assert "Ash Works" in page(council.get(f"/council/signatories?page={asked}"))
