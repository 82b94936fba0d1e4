"""Monthly figures about the council's own work."""

from datetime import date

import pytest

from charter.models import Change
from registry import clock
from registry.models import Entry, Record
from reporting.actions import figures
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on

pytestmark = pytest.mark.django_db
JULY_1 = date(2026, 7, 1)


def publish(day=JULY_1):
    with on(day):
        return figures.publish_due_figures(clock.now())


def published_figures():
    item = Record.objects.get(kind="notice").item
    return {row["name"]: (row["value"], row.get("of")) for row in item["figures"]}


@pytest.fixture
def june(sink):
    """Set up June 2026: reviews of four and six days, one reminder, one correction, one backlog."""
    commitment = scenarios.commitment()
    with on(date(2026, 6, 1)):
        draft = factories.submitted_commitment(title="Host ten school visits")
    with on(date(2026, 6, 4)):
        scenarios.tick()
    with on(date(2026, 6, 5)):
        factories.publish(draft, by=factories.officer())
        update = scenarios.submitted_update(commitment)
    with on(date(2026, 6, 11)):
        factories.publish(update, by=factories.officer())
    with on(date(2026, 6, 12)):
        correction = factories.proposed_change(
            commitment,
            action=Change.Action.CORRECT,
            reason="We wrote it wrongly.",
            values={"title": "Start 20 apprenticeships for carers"},
        )
        factories.submitted_commitment(title="It waits too long")
    with on(date(2026, 6, 29)):
        factories.publish(correction, by=factories.officer())
        factories.submitted_commitment(title="It waits for a day")


def test_figures_are_published_on_the_first_of_the_next_month(june, client):
    assert publish() == 1
    assert published_figures() == {
        "Days from sending to publication, median": ("6", None),
        "Reviews overdue at the end of the month": ("1", "2"),
        "Reminders sent": ("1", None),
        "Corrections made": ("1", None),
    }
    with on(JULY_1):
        page = " ".join(client.get("/statistics").content.decode().split())
    assert "The council’s own work in June 2026" in page
    assert "Reviews overdue at the end of the month</dt>" in page
    assert "1 of 2" in page


def test_each_month_is_published_once(june):
    assert publish() == 1
    assert publish(date(2026, 7, 2)) == 0
    assert Entry.objects.filter(kind="notice").count() == 1
    assert publish(date(2026, 8, 3)) == 1
    assert Entry.objects.filter(kind="notice").count() == 2


def test_register_set_up_within_the_month_publishes_nothing_for_it():
    with on(date(2026, 6, 10)):
        factories.charter()
    assert publish() == 0
    assert publish(date(2026, 8, 1)) == 1


def test_month_without_activity_has_zeros():
    with on(date(2026, 5, 10)):
        factories.charter()
    assert publish() == 1
    assert published_figures() == {
        "Reviews overdue at the end of the month": ("0", None),
        "Reminders sent": ("0", None),
        "Corrections made": ("0", None),
    }


def test_corrections_count_for_the_council_whose_record_was_corrected():
    with on(date(2026, 5, 1)):
        factories.sandwell()
        commitment = factories.published_commitment()
    with on(date(2026, 6, 12)):
        title = {"title": "Start 20 apprenticeships for carers"}
        factories.published_change(commitment, action=Change.Action.CORRECT, values=title)
    assert publish() == 2
    corrections = {
        notice.charter: row["value"]
        for notice in Record.objects.of_kind("notice")
        for row in notice.item["figures"]
        if row["name"] == "Corrections made"
    }
    assert corrections == {factories.charter().key: "1", factories.sandwell().key: "0"}
