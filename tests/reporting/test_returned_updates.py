"""An update that was taken back, or returned and never sent again, was not received."""

from datetime import date, timedelta

import pytest

from charter import review
from charter.actions import signatories
from charter.models import Message
from registry import clock
from registry.models import Record
from reporting.actions import returned_updates
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on, reporting_state
from tests.visitors import page, signed_in

pytestmark = pytest.mark.django_db
SENT, RETURNED = date(2026, 5, 25), date(2026, 5, 29)
LAST_DAY = RETURNED + timedelta(days=14)


@pytest.fixture
def update():
    """Return an update that was sent before it was due, and returned three days before."""
    commitment = scenarios.commitment()
    with on(SENT):
        update = scenarios.submitted_update(commitment)
    with on(RETURNED):
        return factories.return_with_comments(
            update, comments="Which college?", by=factories.officer()
        )


def received_on(update):
    return Record.objects.get(key=update.period.key).item.get("received_on")


def run_tick(day):
    with on(day):
        returned_updates.warn_authors(clock.now())
        return returned_updates.lapse_returned(clock.now())


def test_returned_update_stops_counting_after_two_weeks_and_its_author_is_warned(update, sink):
    email = Message.objects.get(kind="returned").text
    assert "Send it again by 12 June 2026" in email
    assert "update due on 1 June 2026 has not been received" in email
    assert run_tick(LAST_DAY - timedelta(days=5)) == 0
    assert not Message.objects.filter(kind="send_again").exists()
    for day in range(5):
        assert run_tick(LAST_DAY - timedelta(days=4 - day)) == 0
    warning = Message.objects.get(kind="send_again")
    assert warning.subject.startswith("Send your update again by 12 June")
    assert received_on(update) == str(SENT)
    with on(LAST_DAY):
        tasks = page(signed_in(factories.asha()).get("/business"))
        assert "Send it again by 12 June 2026, or it will not count as received." in tasks
    with on(LAST_DAY + timedelta(days=1)):
        assert returned_updates.lapse_returned(clock.now()) == 1
        assert returned_updates.lapse_returned(clock.now()) == 0
        assert received_on(update) is None
        # The clock runs from the due date.
        assert reporting_state(update.commitment) == "due"
        tasks = page(signed_in(factories.asha()).get("/business"))
        assert "It was not sent again in time, so it does not count as received." in tasks
    with on(date(2026, 6, 15)):
        scenarios.tick()
    with on(date(2026, 7, 1)):
        scenarios.tick()
        assert reporting_state(update.commitment) == "overdue"
        factories.submit(update, by=factories.asha())
        assert received_on(update) == "2026-07-01"
        assert reporting_state(update.commitment) == "up_to_date"


def test_update_sent_again_in_time_keeps_its_day(update):
    with on(LAST_DAY):
        factories.submit(update, by=factories.asha())
    assert run_tick(LAST_DAY + timedelta(days=30)) == 0
    assert received_on(update) == str(SENT)
    assert not Message.objects.filter(kind="send_again", state="queued").exists()


def test_pause_keeps_a_returned_update_until_it_is_over(update):
    with on(RETURNED):
        signatories.pause(
            update.commitment.signatory,
            by=factories.officer(),
            until=LAST_DAY + timedelta(days=10),
            reason="A fire.",
        )
    assert run_tick(LAST_DAY + timedelta(days=10)) == 0
    assert run_tick(LAST_DAY + timedelta(days=11)) == 1


def test_update_taken_back_was_not_received_and_is_late_from_the_due_date(sink):
    commitment = scenarios.commitment()
    with on(SENT):
        update = scenarios.submitted_update(commitment)
        review.take_back(update, by=factories.asha())
        assert received_on(update) is None
    with on(date(2026, 6, 4)):
        scenarios.tick()
    with on(date(2026, 7, 1)):
        assert reporting_state(commitment) == "overdue"


def test_question_of_the_council_stays_if_an_update_is_sent_again_and_taken_back(update):
    asha = factories.asha()
    with on(RETURNED):
        update = factories.submit(update, by=asha)
        update = review.take_back(update, by=asha)
        tasks = page(signed_in(asha).get("/business"))
    assert update.returned_comments == "Which college?"
    assert "Which college?" in tasks
