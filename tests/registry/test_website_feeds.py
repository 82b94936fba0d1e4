"""Atom feeds as a feed reader reads them."""

import re
import xml.etree.ElementTree as ElementTree
from datetime import datetime

import pytest
from django.test import Client

from registry import clock
from registry.log import publishing
from tests.registry import items
from tests.registry.public_pages import day, publish, read

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
FEEDS = ["/feeds/changes.atom", "/feeds/signatories/S-00001.atom", "/feeds/themes/T-00001.atom",
         "/feeds/commitments/C-00001.atom", "/feeds/places/E05011121.atom",
         "/feeds/places/E08000025.atom"]  # fmt: skip


@pytest.fixture
def register():
    """Publish a weakened and updated commitment for Aston, and one without a place."""
    publish(
        "2026-01-05",
        *items.small_register()[:4],
        items.commitment(area_codes=["E05011121"]),
        items.period(),
        items.signatory("S-00002", legal_name="Fenlock & Sons <Ltd>"),
        items.commitment("C-00002", signatory="S-00002", title="Pay in 30 days"),
    )
    publish(
        "2026-02-02",
        items.commitment(
            action="amend",
            area_codes=["E05011121"],
            target={"value": "15", "by": "2027-06-30"},
            change_reason="A site closed.",
        ),
    )
    publish("2026-04-03", items.update(), items.success())


def feed(reader: Client, address: str) -> ElementTree.Element:
    response = reader.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(response.content)  # noqa: S314 - we wrote it ourselves


def is_valid(root: ElementTree.Element, address: str) -> bool:
    """Return True if a feed is valid by RFC 4287, with assertions for the details."""
    assert root.tag == f"{ATOM}feed"
    ids = []
    for element in (root, *root.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1, name
            assert element.findtext(f"{ATOM}{name}")
        assert datetime.fromisoformat(element.findtext(f"{ATOM}updated") or "").tzinfo
        ids.append(element.findtext(f"{ATOM}id") or "")
        links = [link.get("rel", "alternate") for link in element.findall(f"{ATOM}link")]
        assert links.count("alternate") == 1
        for summary in element.findall(f"{ATOM}summary"):
            assert summary.get("type") == "html"
    assert len(ids) == len(set(ids))
    assert all(re.match(r"https?://", entry_id) for entry_id in ids)
    assert root.findtext(f"{ATOM}author/{ATOM}name") == "Charter Register"
    self_link = root.find(f'{ATOM}link[@rel="self"]')
    return self_link is not None and (self_link.get("href") or "").endswith(address)


@pytest.mark.parametrize("address", FEEDS)
def test_feed_is_valid_and_includes_the_head(register, reader, address):
    root = feed(reader, address)
    assert is_valid(root, address)
    assert publishing.head().hash in (root.findtext(f"{ATOM}subtitle") or "")


def test_feed_of_an_empty_register_is_valid(reader):
    assert is_valid(feed(reader, "/feeds/changes.atom"), "/feeds/changes.atom")


def titles(root: ElementTree.Element) -> list[str]:
    return [entry.findtext(f"{ATOM}title") or "" for entry in root.findall(f"{ATOM}entry")]


def test_feed_entries_keep_their_id_and_come_newest_first(register, reader):
    def ids() -> list[tuple[str, str]]:
        entries = feed(reader, "/feeds/changes.atom").findall(f"{ATOM}entry")
        return [
            (e.findtext(f"{ATOM}id") or "", e.findtext(f"{ATOM}updated") or "") for e in entries
        ]

    before = ids()
    publish("2026-05-01", items.commitment(action="confirm", area_codes=["E05011121"]))
    after = ids()
    assert after[1:] == before
    dates = [updated for _, updated in after]
    assert dates == sorted(dates, reverse=True)


def test_feed_shows_old_and_new_values(register, reader):
    root = feed(reader, "/feeds/commitments/C-00001.atom")
    assert titles(root) == [
        "The first three have started: New success",
        "Twenty apprenticeships: 3 of 15, self-reported",
        "Twenty apprenticeships: Weakened: target lowered from 20 to 15",
        "Twenty apprenticeships: New commitment: 20 by 30 June 2027",
    ]
    change = root.findall(f"{ATOM}entry")[2]
    words = change.findtext(f"{ATOM}summary") or ""
    weakened = "<p>Brookfield Catering Ltd: Weakened: target lowered from 20 to 15.</p>"
    assert weakened in words
    update = root.findall(f"{ATOM}entry")[1].findtext(f"{ATOM}summary") or ""
    assert ": 3 of 15, self-reported. “They have started.” On track.</p>" in update
    published = root.findall(f"{ATOM}entry")[3].findtext(f"{ATOM}summary") or ""
    assert "New commitment: 20 by 30 June 2027.</p>" in published
    assert "Reason given: “A site closed.”" in words


def test_feed_has_only_the_entries_of_its_subject(register, reader):
    for address in ("signatories/S-00001", "places/E05011121", "places/E08000025"):
        feed_titles = titles(feed(reader, f"/feeds/{address}.atom"))
        assert "Twenty apprenticeships: Weakened" in str(feed_titles)
        assert "Pay in 30 days: New commitment" not in str(feed_titles)
    assert "Pay in 30 days: New" in str(titles(feed(reader, "/feeds/themes/T-00001.atom")))
    assert titles(feed(reader, "/feeds/places/E05011153.atom")) == []
    assert "Fenlock & Sons <Ltd>: New signatory" in titles(
        feed(reader, "/feeds/signatories/S-00002.atom")
    )


def test_commitment_that_moves_takes_all_its_entries_into_other_feeds(register, reader):
    moved = {"area_codes": ["E05011153"], "change_reason": "A new site."}
    publish("2026-05-01", items.commitment(action="amend", **moved))
    for title in ("apprenticeships: New commitment", ": 3 of 15", "started: New success"):
        assert title in str(titles(feed(reader, "/feeds/places/E05011153.atom")))
    assert titles(feed(reader, "/feeds/places/E05011121.atom")) == []


def test_feed_links_to_older_entries_without_gaps(register, reader):
    publish("2026-05-01", *[items.commitment(f"C-1{n:04}", title=f"No {n}") for n in range(70)])
    address, ids = "/feeds/changes.atom", []
    while address:
        root = feed(reader, address)
        ids += [entry.findtext(f"{ATOM}id") for entry in root.findall(f"{ATOM}entry")]
        older = root.find(f'{ATOM}link[@rel="next"]')
        href = "" if older is None else older.get("href") or ""
        address = href[href.index("/feeds") :] if href else ""
    assert len(ids) == len(set(ids)) == 77


@pytest.mark.parametrize(
    "address",
    [
        "/feeds/commitments/C-99999.atom",
        "/feeds/places/X.atom",
        "/feeds/themes/x.atom",
        "/feeds/themes/C-00001.atom",
        "/feeds/updates/U-00001.atom",  # an update is followed with its commitment
    ],
)
def test_unknown_subject_has_no_feed(register, reader, address):
    assert reader.get(address).status_code == 404


def test_changes_page_shows_each_type(register, reader):
    publish("2026-04-16", items.period(requested_on=["2026-04-07"]))
    publish(
        "2026-05-02",
        items.commitment("C-00002", "withdraw", signatory="S-00002", change_reason="Sold."),
        items.success(action="correct", title="Three have started", change_reason="Wording."),
    )
    publishing.redact([6], reason_code="error")
    expected = {
        "new": "Pay in 30 days New commitment: 20 by 30 June 2027. Entry 8",
        "updates": "3 of 15, self-reported",
        "weakened": "Reason given: “A site closed.”",
        "withdrawn": "Withdrawn",
        "corrected": "Three have started",
        "overdue": "Twenty apprenticeships , became overdue, 1 May 2026 Became overdue.",
    }
    for show, words in expected.items():
        with clock.fixed_at(day("2026-05-03")):
            assert words in read(reader, f"/changes?show={show}", "2026-05-03"), show
    assert "A site closed." not in read(reader, "/changes?show=new")
    assert "No such changes." in read(reader, "/changes?show=overdue", "2026-04-20")
