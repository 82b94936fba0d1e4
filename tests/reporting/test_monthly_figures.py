"""Every month the council publishes numbers about its own work."""

from datetime import date

import pytest

from charter.actions import changes
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


def told():
    item = Record.objects.get(kind="notice").item
    return {f["name"]: (f["value"], f.get("of")) for f in item["figures"]}


@pytest.fixture
def june(sink):
    """June 2026: a commitment published after four days, updates after six, one email, a
    correction.
    """
    commitment = scenarios.commitment()
    with on(date(2026, 6, 1)):
        draft = factories.submitted_commitment(title="Host ten school visits")
    with on(date(2026, 6, 4)):
        scenarios.tick()
    with on(date(2026, 6, 5)):
        factories.commitments.approve(draft, by=factories.officer())
        update = scenarios.told(commitment)
    with on(date(2026, 6, 11)):
        scenarios.updates.approve(update, by=factories.officer())
    with on(date(2026, 6, 12)):
        wrong = factories.proposed_change(
            commitment,
            action=Change.Action.CORRECT,
            reason="We wrote it wrongly.",
            values={"title": "Start 20 apprenticeships for carers"},
        )
        factories.submitted_commitment(title="It waits too long")
    with on(date(2026, 6, 29)):
        changes.approve(wrong, by=factories.officer())
        factories.submitted_commitment(title="It waits for a day")


def test_the_numbers_of_a_month_are_public_on_the_first_of_the_next(june, client):
    assert publish() == 1
    assert told() == {
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


def test_each_month_is_published_once_whatever_happens_later(june):
    assert publish() == 1
    assert publish(date(2026, 7, 2)) == 0
    assert Entry.objects.filter(kind="notice").count() == 1
    assert publish(date(2026, 8, 3)) == 1
    assert Entry.objects.filter(kind="notice").count() == 2


def test_a_register_that_began_within_the_month_has_nothing_to_tell():
    with on(date(2026, 6, 10)):
        factories.charter()
    assert publish() == 0
    assert publish(date(2026, 8, 1)) == 1


def test_a_month_without_anything_says_so():
    with on(date(2026, 5, 10)):
        factories.charter()
    assert publish() == 1
    assert told() == {
        "Reviews overdue at the end of the month": ("0", None),
        "Reminders sent": ("0", None),
        "Corrections made": ("0", None),
    }
