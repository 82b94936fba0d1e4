"""The changes page words, groups, filters and counts every type of change."""

import pytest

from registry import clock
from registry.log import publishing
from registry.log.publishing import NewEntry
from tests.registry import items
from tests.registry.public_pages import day, publish, read
from tests.registry.test_website_timeline import letter

pytestmark = pytest.mark.django_db
CHECK = {
    "on": "2026-04-20",
    "by_role": "Charter team",
    "result": "confirmed",
    "finding": "Seen.",
    "reply": "Thank you.",
}
YES = {"on": "2026-04-21", "answer": "yes", "body": "South City College"}
CHECK_TEXT = "Council check of this update: confirmed. Brookfield Catering Ltd replied. Entry 8"
CONFIRMATION = "South City College answered: yes, this happened. Entry 9"
MOVE = "Due date moved. Update due"


@pytest.fixture
def register(commitment):
    publish("2026-04-03", items.update())
    publish("2026-04-20", items.update(check=CHECK))
    publish("2026-04-21", items.update(check=CHECK, confirmations=[YES]))
    link = {
        "id": "00000000-0000-4000-8000-000000000000",
        "type": "web_page",
        "visibility": "public",
    }
    publish("2026-04-22", items.update(check=CHECK, confirmations=[YES], evidence=[link]))
    content = items.period(due_on="2026-04-29", change_reason="The office burned.").content
    publish("2026-04-23", NewEntry("period", "P-00001", "amend", content))
    publish("2026-07-02", letter())
    publish("2026-07-09", letter(answer="We were moving house."))
    publish("2026-07-10", items.success())


def test_changes_page_lists_checks_confirmations_moves_and_letters(register, reader):
    words = read(reader, "/changes", "2026-07-11")
    assert CHECK_TEXT in words
    assert CONFIRMATION in words
    assert f"{MOVE} 1 April 2026 → became 29 April 2026" in words
    assert "Reason given: “The office burned.”" in words
    assert "No update since 1 April 2026: “Twenty apprenticeships”" in words
    assert "Letter from the council. Entry 12" in words
    assert "Letter answered. “We were moving house.” Entry 13" in words
    assert "The first three have started New success. “Two of them live in Aston.”" in words
    assert "Twenty apprenticeships New commitment: 20 by 30 June 2027. Entry 5" in words
    assert "Brookfield Catering Ltd New signatory. Entry 4" in words
    assert "Entry 10" not in words  # It only adds a link.


@pytest.mark.parametrize(
    ("show", "text", "numbers"),
    [
        ("backed", CHECK_TEXT, {8, 9}),
        ("moved", MOVE, {11}),
        ("letters", "Letter answered", {12, 13}),
        ("updates", "3 of 20, self-reported. “They have started.” On track.", {7, 14}),
        ("new", "New commitment", {4, 5}),
    ],
)
def test_changes_page_can_be_filtered_by_type(register, reader, show, text, numbers):
    words = read(reader, f"/changes?show={show}", "2026-07-11")
    assert text in words
    assert {number for number in range(1, 15) if f"Entry {number} " in words} == numbers


def test_changes_say_what_they_came_to(commitment, reader):
    """The figure beside its target of the day, the change, the proof and the words."""
    publish("2026-03-10", items.update(1, cumulative_value="9"))
    lower = {"value": "16", "by": "2027-06-30"}
    publish("2026-03-12", items.commitment(action="amend", target=lower, change_reason="Fewer."))
    words = {"narrative": "Two more in March.", "level_of_proof": "evidence_provided"}
    publish("2026-03-20", items.update(2, cumulative_value="11", **words))
    end = {"target": lower, "end_reason": "expired", "change_reason": "The site closed."}
    publish("2026-03-25", items.update(3, cumulative_value="12", self_assessment="partly_met"))
    publish("2026-03-26", items.commitment(action="close", **end))
    results = [
        "9 of 20, self-reported. “They have started.” On track.",
        "Weakened: target lowered from 20 to 16. Reason given: “Fewer.”",
        "11 of 16 (+2), evidence provided. “Two more in March.” On track.",
        "12 of 16 (+1), self-reported. “They have started.” Partly met.",
        "Closed: partly met. Final figure: 12 of 16. Reason given: “The site closed.”",
    ]
    for address in ("/changes", "/"):
        page = read(reader, address, "2026-03-27")
        for result in results[address == "/" :]:
            assert result in page, (address, result)
    # The page of an update keeps the target of its day too.
    assert "9 of 20" in read(reader, "/updates/U-00001", "2026-03-27")
    feed = reader.get("/feeds/commitments/C-00001.atom").text
    whole = (
        "Brookfield Catering Ltd: 11 of 16 (+2), evidence provided. “Two more in March.” On track."
    )
    assert whole in feed
    assert "Closed: partly met. Final figure: 12 of 16" in feed
    assert "Twenty apprenticeships. Partly met. Final figure: 12 of 16" in feed  # its subtitle


def test_changes_page_groups_what_a_signatory_did_on_a_day_by_week(commitment, reader):
    extra = [items.commitment(f"C-0000{n}", title=f"No {n}") for n in range(2, 8)]
    publish("2026-03-02", *extra)  # a Monday
    publish("2026-03-04", *[items.update(n, f"C-0000{n}") for n in range(1, 4)])
    publish("2026-03-08", items.success())
    publish("2026-03-09", items.commitment("C-00002", action="confirm", title="No 2"))
    words = read(reader, "/changes", "2026-03-10")
    assert "Week of 9 March 2026 Monday 9 March 2026 Brookfield Catering Ltd No 2 No" in words
    assert "Week of 2 March 2026 Sunday 8 March 2026 Brookfield Catering Ltd The first" in words
    assert "Wednesday 4 March 2026 Brookfield Catering Ltd updated 3 commitments No 3" in words
    page = reader.get("/changes").text
    assert ">Brookfield Catering Ltd made 6 commitments</span></summary>" in page  # folded


def test_changes_page_counts_each_type_since_a_day(commitment, reader):
    """Without a day it counts this year."""
    lower = {"target": {"value": "16", "by": "2027-06-30"}, "change_reason": "Fewer."}
    publish("2026-12-30", items.update())
    publish("2027-01-05", items.commitment(action="amend", **lower))
    publish("2027-02-05", items.update(2, cumulative_value="11"))
    words = read(reader, "/changes", "2027-02-06")
    assert "The numbers count changes since 1 January 2027. All changes (2)" in words
    assert "Updates and successes (1)" in words
    assert "Weakened commitments (1)" in words
    assert "3 of 20" in words
    words = read(reader, "/changes?since=2026-12-30", "2027-02-06")
    assert "Updates and successes (2)" in words
    assert "Weakened commitments (1)" in words
    assert "3 of 20" in words
    words = read(reader, "/changes?since=2026-12-31&show=updates", "2027-02-06")
    assert "All changes (2)" in words
    assert "11 of 16 (+8)" in words
    assert "3 of 20" not in words
    with clock.fixed_at(day("2027-02-06")):
        page = reader.get("/changes?since=2026-12-31&show=updates").text
    assert 'href="/changes?show=weakened&amp;since=2026-12-31"' in page


def test_numbers_of_changes_follow_a_redaction_and_a_rebuild(commitment, reader):
    publish("2026-03-01", items.update(narrative="Jane Doe started."))
    for _ in range(2):
        assert "Updates and successes (1)" in read(reader, "/changes", "2026-03-02")
        publishing.rebuild_records()
    publishing.redact([publishing.head().number], reason_code="personal_data")
    for _ in range(2):
        words = read(reader, "/changes", "2026-03-02")
        assert "Redactions (1)" in words
        assert "Jane" not in words
        publishing.rebuild_records()
