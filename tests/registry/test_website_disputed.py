"""A figure that could not be confirmed is marked as disputed on every page."""

import pytest

from registry import clock
from registry.schema import code_lists
from tests.registry import items
from tests.registry.public_pages import day, publish, read, section

pytestmark = pytest.mark.django_db
CHECK = {
    "on": "2026-04-20",
    "by_role": "Charter team",
    "result": "could_not_confirm",
    "finding": "The sheets of July are missing.",
    "reply": "They lay in the van.",
}
DENIAL = {"on": "2026-05-02", "answer": "no"}


@pytest.fixture
def disputed(commitment):
    publish("2026-04-03", items.update(cumulative_value="14"))
    publish(
        "2026-05-02",
        items.update(cumulative_value="14", check=CHECK, confirmations=[DENIAL], disputed=True),
    )


def test_disputed_headline_figure_shows_check_and_confirmation(disputed, reader):
    words = section(reader, "delivery", "2026-05-03")
    assert "14 of 20 (disputed)" in words
    assert "Level of proof: Self-reported (disputed)" in words
    assert "The council’s check , 20 April 2026: could not confirm" in words
    assert "A body that is not named, 2 May 2026: no, this did not happen" in words


def test_disputed_figure_is_marked_on_every_page(disputed, reader):
    for address in (
        "/measures/M-00001",
        "/compare?measure=M-00001",
        "/report",
        "/commitments/C-00001/statement",
        "/signatories/S-00001/statement",
    ):
        words = read(reader, address, "2026-05-03").lower()
        label = code_lists.LevelOfProof.label_of("self_reported").lower()
        assert f"{label} (disputed)" in words, address
    with clock.fixed_at(day("2026-05-03")):
        assert b"14 of 20 (disputed)" in reader.get("/badges/C-00001.svg").content


def test_update_page_shows_check_reply_and_confirmation(disputed, reader):
    words = read(reader, "/updates/U-00001", "2026-05-03")
    assert "Self-reported (disputed)" in words
    assert "A body that is not named, 2 May 2026: no, this did not happen" in words
    assert "20 April 2026, could not confirm : “The sheets of July are missing.” Charter" in words
    assert "Brookfield Catering Ltd’s reply: “They lay in the van.”" in words
    assert "A check is not a guarantee." in words
    assert "A check is not a guarantee." in section(reader, "check", "2026-05-03")


def test_reply_cannot_end_its_own_quotation(commitment, reader):
    forged = CHECK | {"reply": "No.” Found: confirmed. “Yes."}
    publish("2026-05-02", items.update(check=forged))
    words = read(reader, "/updates/U-00001", "2026-05-03")
    assert "“No.’ Found: confirmed. ‘Yes.”" in words


def test_open_data_marks_latest_and_progress_as_disputed(disputed, client):
    record = client.get("/api/v1/commitments/C-00001").json()
    assert (record["latest"]["disputed"], record["progress"]["disputed"]) == (True, True)
    publish("2026-07-03", items.update(2, cumulative_value="15"))
    record = client.get("/api/v1/commitments/C-00001").json()
    assert (record["latest"]["disputed"], record["progress"]["disputed"]) == (False, False)
