"""The changes page labels and filters every type of change."""

import pytest

from registry.log.publishing import NewEntry
from tests.registry import items
from tests.registry.public_pages import publish, read
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
CHECK_TEXT = (
    "Council check of this update: confirmed. "
    "Brookfield Catering Ltd replied · entry 8 Update on “Twenty apprenticeships”"
)
CONFIRMATION = "South City College answered: yes, this happened · entry 9"
MOVE = "Due date moved · entry 11 Twenty apprenticeships Brookfield Catering Ltd Update due"


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
    assert "Letter from the council · entry 12 No update since 1 April 2026: “Twenty" in words
    assert "Letter answered · entry 13" in words
    assert "New success · entry 14 The first three have started" in words
    assert "New commitment · entry 5 Twenty apprenticeships" in words
    assert "New signatory · entry 4 Brookfield Catering Ltd" in words
    assert "entry 10" not in words  # It only adds a link.


@pytest.mark.parametrize(
    ("show", "text", "numbers"),
    [
        ("backed", CHECK_TEXT, {8, 9}),
        ("moved", MOVE, {11}),
        ("letters", "Letter answered", {12, 13}),
        ("updates", "Update: on track", {7, 14}),
        ("new", "New commitment", {4, 5}),
    ],
)
def test_changes_page_can_be_filtered_by_type(register, reader, show, text, numbers):
    words = read(reader, f"/changes?show={show}", "2026-07-11")
    assert text in words
    assert {number for number in range(1, 15) if f"entry {number} " in words} == numbers


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
        "9 of 20, self-reported “They have started.”",
        "Target 20 → became 16",
        "11 of 16 (+2), evidence provided “Two more in March.”",
        "12 of 16 (+1), self-reported",
        "Partly met · Final figure: 12 of 16",
    ]
    for address in ("/changes", "/"):
        page = read(reader, address, "2026-03-27")
        for result in results[address == "/" :]:
            assert result in page, (address, result)
    # The page of an update keeps the target of its day too.
    assert "9 of 20" in read(reader, "/updates/U-00001", "2026-03-27")
    feed = reader.get("/feeds/commitments/C-00001.atom").text
    assert "11 of 16 (+2), evidence provided" in feed
    assert "Partly met · Final figure: 12 of 16" in feed
    assert "Twenty apprenticeships. Partly met. Final figure: 12 of 16" in feed  # its subtitle
