"""The timeline of a commitment has a dated line for each event."""

import pytest

from registry.log.publishing import NewEntry
from tests.registry import items
from tests.registry.public_pages import publish, section

pytestmark = pytest.mark.django_db
LETTER = {
    "charter": items.CHARTER,
    "type": "letter",
    "about": "C-00001",
    "title": "No update since 1 April 2026",
    "text": "It has not come.",
    "dated_on": "2026-07-02",
}


def letter(**changes):
    return NewEntry("notice", "N-00001", "publish", LETTER | changes)


def test_timeline_dates_each_request_and_the_silence(commitment, reader):
    publish("2026-04-16", items.period(requested_on=["2026-03-02", "2026-04-15"]))
    overdue = "1 May 2026 The update due on 1 April 2026 became overdue"
    silent = (
        "30 June 2026 Became silent: the update due on 1 April 2026 had still not been received"
    )
    assert overdue not in section(reader, "timeline", "2026-04-30")
    words = section(reader, "timeline", "2026-06-29")
    assert overdue in words
    assert "silent" not in words
    words = section(reader, "timeline", "2026-07-01")
    assert silent in words
    asked = "15 April 2026 Asked twice between 2 March and 15 April 2026 for the update to"
    assert f"{asked} 31 March 2026" in words
    assert "Reminder sent" not in words
    assert words.index(silent) < words.index(overdue) < words.index(asked)


def test_update_on_time_is_never_overdue_and_a_late_one_ends_the_wait(commitment, reader):
    request = {"requested_on": ["2026-04-15"]}
    publish("2026-04-30", items.period(received_on="2026-04-30", **request))
    assert "overdue" not in section(reader, "timeline", "2026-09-01")
    publish("2026-05-20", items.period(received_on="2026-05-20", **request))
    words = section(reader, "timeline", "2026-09-01")
    assert "1 May 2026 The update due on 1 April 2026 became overdue" in words
    assert "silent" not in words


def test_timeline_shows_a_letter_and_the_reply(commitment, reader):
    publish("2026-07-02", letter())
    publish("2026-07-09", letter(answer="We were moving house."))
    words = section(reader, "timeline", "2026-07-10")
    assert "The council wrote a letter: “No update since 1 April 2026”" in words
    assert "9 July 2026 · entry 8 Brookfield Catering Ltd replied to the council’s letter" in words


def test_timeline_shows_a_confirmation_and_an_unreachable_time(commitment, reader):
    confirmation = {"on": "2026-04-20", "answer": "yes", "body": "South City College"}
    publish("2026-04-03", items.update())
    publish("2026-04-20", items.update(confirmations=[confirmation]))
    publish("2026-05-03", items.signatory(unreachable_since="2026-05-02"))
    publish("2026-05-09", items.signatory())
    words = section(reader, "timeline", "2026-05-10")
    assert (
        "20 April 2026 · entry 8 South City College answered: yes, this happened "
        "(update reported on 28 March 2026)"
    ) in words
    assert "2 May 2026 · entry 9 We lost contact with Brookfield Catering Ltd" in words
    assert "9 May 2026 · entry 10 We regained contact with Brookfield Catering Ltd" in words
