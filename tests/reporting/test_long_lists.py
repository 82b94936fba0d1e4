"""The council's long lists are paginated, and no row is missing."""

import re
from datetime import date

import pytest

from charter.mail import outbox
from charter.models import Signatory
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on
from tests.visitors import officer_client, page

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)
TITLES = ["Plant 500 trees", "Host ten school visits", "Open the gym to schools"]


@pytest.fixture(autouse=True)
def two_rows_a_page(monkeypatch):
    monkeypatch.setattr("charter.views.paging.PAGE_SIZE", 2)


def walk(address: str) -> list[str]:
    """Return all pages of a list by following its “next” links; check the “previous” ones."""
    council = officer_client()
    path, pages = address.partition("?")[0], [page(council.get(address))]
    while link := re.search(r'href="([^"]+)" rel="next"', pages[-1]):
        query = link[1].replace("&amp;", "&")
        pages.append(page(council.get(path + query)))
    assert 'rel="prev"' in pages[-1]
    assert 'rel="prev"' not in pages[0]
    return pages


def test_late_updates_are_paginated():
    for title in TITLES:
        scenarios.commitment(title=title)
    with on(date(2026, 6, 15)):
        pages = walk("/council/behind")
    assert [sum(title in page for title in TITLES) for page in pages] == [2, 1]
    assert all("3 updates that fell due have not come" in page for page in pages)


def test_paused_signatory_is_not_listed_as_late():
    for title in TITLES:
        scenarios.commitment(title=title)
    Signatory.objects.update(pause_from=DUE, pause_reason="A flood.")
    with on(date(2026, 6, 15)):
        assert "Every update due has been received" in page(officer_client().get("/council/behind"))


def test_updates_to_check_are_paginated():
    for title in TITLES:
        commitment = scenarios.commitment(title=title)
        with on(DUE):
            scenarios.published_update(commitment)
    pages = walk("/council/checks")
    assert [sum(title in page for title in TITLES) for page in pages] == [2, 1]
    assert all("3 updates, newest first." in page for page in pages)
    assert ["Waiting for a reply" in page for page in pages] == [True, False]


def test_sent_emails_are_paginated():
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


def test_signatories_are_paginated_and_links_keep_the_query():
    for name in ("Ash Works", "Beech Works", "Cedar Works"):
        factories.signatory(name)
    pages = walk("/council/signatories?from=mail")
    assert [re.findall(r"(\w+) Works</a>", page) for page in pages] == [["Ash", "Beech"], ["Cedar"]]
    assert all("3 signatories, by name" in page for page in pages)
    assert "from=mail" in pages[0]


def test_page_number_out_of_range_shows_the_nearest_page():
    factories.signatory("Ash Works")
    council = officer_client()
    for number in ("0", "99", "x"):
        assert "Ash Works" in page(council.get(f"/council/signatories?page={number}"))
