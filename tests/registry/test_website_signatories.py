"""The list of signatories with its filters, and the page of updates not received."""

import pytest

from registry import clock
from registry.log.day_changes import follow_today
from tests.registry import items
from tests.registry.public_pages import day, publish, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def three_signatories(commitment):
    """Publish three signatories: one late, one up to date, one that cannot be contacted."""
    publish("2026-01-05", items.period(requested_on=["2026-04-08", "2026-05-12"]))
    publish(
        "2026-01-06",
        items.signatory(
            "S-00002", legal_name="Alder Schools", size="large", sector="P", standing="suspended"
        ),
        items.commitment("C-00002", signatory="S-00002"),
        items.signatory("S-00003", legal_name="Quay Fleet Ltd", unreachable_since="2026-05-10"),
        items.commitment("C-00003", signatory="S-00003"),
        items.period(3, "C-00003"),
    )


def names(words: str) -> list[str]:
    listed = ("Alder Schools", "Brookfield Catering Ltd", "Quay Fleet Ltd")
    return [name for name in listed if name in words]


def test_signatories_are_found_by_what_they_are_and_how_they_report(three_signatories, reader):
    on = "2026-08-03"
    assert len(names(read(reader, "/signatories", on))) == 3
    for query, expected in {
        "standing=suspended": ["Alder Schools"],
        "size=large": ["Alder Schools"],
        "sector=P": ["Alder Schools"],
        "reporting=silent": ["Brookfield Catering Ltd"],
        "reporting=unreachable": ["Quay Fleet Ltd"],
        "reporting=silent&reporting=unreachable": ["Brookfield Catering Ltd", "Quay Fleet Ltd"],
        "reporting=silent&size=large": [],
        "q=quay": ["Quay Fleet Ltd"],
    }.items():
        assert names(read(reader, f"/signatories?{query}", on)) == expected, query


def test_states_of_signatories_are_those_of_today_before_and_after_rows_follow(
    three_signatories, reader
):
    for on, expected in {"2026-04-20": [], "2026-08-03": ["Brookfield Catering Ltd"]}.items():
        before = read(reader, "/signatories?reporting=silent", on)
        with clock.fixed_at(day(on)):
            follow_today()
        assert read(reader, "/signatories?reporting=silent", on) == before
        assert names(before) == expected


def test_row_says_since_when_a_signatory_is_silent_and_when_it_last_reported(
    three_signatories, reader
):
    publish("2026-01-20", items.update(reported_on="2026-01-20"))
    words = read(reader, "/signatories?reporting=silent", "2026-08-03")
    assert "Silent since 30 June 2026 1 of 1 open commitment Last update 20 January 2026" in words


def test_updates_not_received_are_listed_by_signatory_and_bounced_contact_is_apart(
    three_signatories, reader
):
    words = read(reader, "/updates-not-received", "2026-08-03")
    assert "We have not received updates on 2 of 3 open commitments by 3 August 2026" in words
    late, apart = words.split("Signatories we could not contact", 1)
    assert names(late) == ["Brookfield Catering Ltd"]
    assert "Silent since 30 June 2026 We sent reminders on 8 April and 12 May 2026." in late
    assert names(apart) == ["Quay Fleet Ltd"]
    assert "Unreachable since 10 May 2026" in apart
    assert "1 silent, 1 could not be contacted" in words


def test_nothing_is_missing_before_the_first_due_date(three_signatories, reader):
    words = read(reader, "/updates-not-received", "2026-02-01")
    assert "On 1 February 2026 no update on an open commitment is overdue." in words
    assert "No overdue or silent commitments" in words
