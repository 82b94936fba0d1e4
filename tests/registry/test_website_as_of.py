"""Pages and printed statements as they were on an earlier day."""

import re
from datetime import date, timedelta

import pytest

from registry import clock
from registry.log import as_of, publishing
from registry.models import Entry, Record
from registry.website import as_of as as_of_pages
from registry.website import commitment
from tests.registry import items
from tests.registry.public_pages import day, publish, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def register():
    """Publish the year of a commitment.

    It is updated, weakened, left without an update and closed; its signatory is paused and then
    unreachable.
    """
    publish("2026-01-05", *items.small_register())
    publish(
        "2026-03-20",
        items.period(received_on="2026-03-20", update="U-00001"),
        items.update(cumulative_value="9"),
    )
    publish("2026-04-10", items.period(2), items.success())
    publish(
        "2026-05-05",
        items.commitment(
            action="amend",
            title="Fifteen apprenticeships",
            target={"value": "15", "by": "2027-06-30"},
            change_reason="A site closed.",
        ),
    )
    publish("2026-07-16", items.period(2, requested_on=["2026-07-04", "2026-07-15"]))
    publish(
        "2026-08-20",
        items.signatory(
            pause={"from": "2026-08-20", "to": "2026-09-10", "reason": "Moving house."}
        ),
    )
    publish("2026-10-30", items.signatory(unreachable_since="2026-10-25"))
    publish("2026-11-20", items.commitment(action="close", end_reason="expired",
                                           change_reason="Its time is over."))  # fmt: skip


def test_past_page_shows_the_text_of_its_day(register, reader):
    words = read(reader, "/commitments/C-00001/past?at=2026-03-31", "2026-12-01")
    assert "This is what the page said at the end of 31 March 2026." in words
    assert "“Twenty apprenticeships”" in words
    assert "9 of 20" in words
    assert "Up to date. Last update 20 March 2026: 9 of 20." in words
    assert "Fifteen" not in words
    assert "Weakened on" not in words


def test_past_page_equals_the_page_of_that_day(register):
    """Walk through the year; after the last entry the past page must equal the present one."""
    on = date(2026, 1, 5)
    while on < date(2026, 12, 1):
        with clock.fixed_at(day(on.isoformat())):
            page = as_of_pages.commitment_on("C-00001", on)
            assert page is not None
        if on >= date(2026, 11, 20):  # The day of the last entry.
            assert page == commitment.public_page(Record.objects.get(key="C-00001"), on)
        on += timedelta(days=12)


def test_statement_has_all_the_details_needed_to_check_it(register, reader):
    for address in ("/commitments/C-00001/statement", "/signatories/S-00001/statement"):
        words = read(reader, f"{address}?at=2026-03-31", "2026-12-01")
        last = Entry.objects.filter(at__date__lte="2026-03-31").latest("number")
        assert "Statement as at 31 March 2026" in words
        assert f"{address}?at=2026-03-31" in words
        assert re.search(r"Key [CS]-00001", words)
        assert "Entry of this record" in words
        assert f"Last entry of the register that day {last.number}" in words
        assert last.hash in words
        assert "Up to date" in words
        assert "Twenty apprenticeships" in words


def test_statement_of_today_matches_the_page_of_today(register, reader):
    words = read(reader, "/commitments/C-00001/statement", "2026-12-01")
    assert "Statement as at 1 December 2026" in words
    assert publishing.head().hash in words
    assert "on 20 November 2026, with the council’s agreement: deadline passed." in words


def test_statement_explains_a_day_it_cannot_show(register, reader):
    address = "/commitments/C-00001/statement"
    assert "nothing was published under C-00001 yet. It was first published on 5 January" in read(
        reader, f"{address}?at=2025-12-31", "2026-12-01"
    )
    assert "That day is still to come." in read(reader, f"{address}?at=2027-01-01", "2026-12-01")
    assert "Give the day as year, month and day" in read(reader, f"{address}?at=May", "2026-12-01")
    assert reader.get("/commitments/C-99999/statement").status_code == 404


def test_redacted_text_is_removed_from_past_pages(register, reader):
    number = Entry.objects.get(key="C-00001", action="publish").number
    publishing.redact([number], reason_code="personal_data")
    for part in ("past", "statement"):
        address = f"/commitments/C-00001/{part}?at=2026-03-31"
        assert "Twenty apprenticeships" not in read(reader, address, "2026-12-01")
        assert "The text of this record was removed." in read(reader, address, "2026-12-01")


def test_past_list_shows_the_commitments_of_its_day(register, reader):
    words = read(reader, "/commitments/past?at=2026-03-31", "2026-12-01")
    assert "This is what the register said at the end of 31 March 2026." in words
    assert "1 commitment." in words
    assert "Twenty apprenticeships" in words
    assert "Fifteen" not in words
    assert "On track" in words
    summer = read(reader, "/commitments/past?at=2026-08-01", "2026-12-01")
    assert "1 commitment, 1 not heard from in time, 1 weakened." in summer
    assert "Fifteen apprenticeships" in summer
    assert "/api/v1/commitments?as_of=11" in reader.get("/commitments/past?at=2026-05-05").text


def test_past_list_has_a_sentence_for_every_day(register, reader, monkeypatch):
    assert "Nothing was published yet." in read(reader, "/commitments/past?at=2025-12-31")
    assert "Give the day as year" in read(reader, "/commitments/past?at=yesterday")
    monkeypatch.setattr(as_of, "MOST_FOLDED", 2)
    assert "too long by then" in read(reader, "/commitments/past?at=2026-03-31")
