"""The final update: asked for from the deadline on, computed, and closing the commitment."""

from datetime import date, timedelta

import pytest
from django.test import Client

from charter import review
from charter.actions import signatories
from charter.errors import IncompleteError, WrongStateError
from charter.models import Message
from registry import clock
from registry.models import Record
from reporting.actions import periods, updates
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on
from tests.visitors import signed_in

pytestmark = pytest.mark.django_db

# Published on 1 June 2025 with yearly updates; the last period ends with the deadline.
DEADLINE = date(2026, 10, 28)
DUE = DEADLINE + timedelta(days=30)
PASSED = "Deadline passed on 28 October 2026. No final update yet."


def ending_commitment(**fields):
    """Return a commitment due by 28 October 2026, with its first update published."""
    commitment = scenarios.commitment(**{"end_on": DEADLINE} | fields)
    with on(date(2026, 6, 1)):
        scenarios.tick()
        scenarios.published_update(commitment)
    return commitment


def state_of(commitment) -> tuple[str, str, str]:
    """Return the public status, ending and delivery of today."""
    record = Record.objects.with_reporting(clock.today()).get(pk=commitment.key)
    return record.status, record.ending, record.delivery


def last_period(commitment) -> dict:
    record = Record.objects.get(pk=commitment.periods.last().key)
    return {name: record.item.get(name) for name in ("due_on", "is_final", "received_on")}


def final_form(**fields) -> dict[str, str]:
    return {
        "answer": "final",
        "value": "20",
        "narrative": "All twenty have started.",
        "version": "1",
        **fields,
    }


def send(client: Client, commitment, **fields):
    address = f"/{commitment.key}/update"
    page = client.get(address, follow=True)
    form = page.context["form"]
    hidden = {"period": form["period"].value(), "version": form["version"].value()}
    return client.post(page.request["PATH_INFO"], final_form(**hidden) | fields)


def test_from_the_deadline_on_only_the_final_update_can_be_sent():
    commitment = ending_commitment()
    with on(DEADLINE - timedelta(days=1)):
        asha = signed_in(factories.asha())
        before = asha.get(f"/{commitment.key}/update", follow=True).text
        assert "Nothing has changed" in before
        assert "Is it finished?" in before
    with on(DEADLINE):
        page = asha.get(f"/{commitment.key}/update", follow=True).text
        assert "Send the final update" in page
        assert "Did you do it? The deadline was 28 October 2026" in page
        for absent in ("Nothing has changed", "On track", "Partly met", "Is it not finished"):
            assert absent not in page
        refused = send(asha, commitment, answer="number", self_assessment="on_track", value="17")
        assert "so this must be the final update" in refused.text
        assert 'value="17"' in refused.text
        assert "Say what happened" in send(asha, commitment, narrative="").text
        assert "Enter the final figure" in send(asha, commitment, value="").text
        send(asha, commitment)
        assert state_of(commitment)[1] == "final_update_sent"


@pytest.mark.parametrize(
    ("value", "delivery", "reason"),
    [(20, "met", "achieved"), (14, "partly_met", "expired"), (0, "not_met", "expired")],
)
def test_figure_decides_the_result_and_its_publication_closes_the_commitment(
    value, delivery, reason
):
    commitment = ending_commitment()
    with on(DEADLINE + timedelta(days=3)):
        assert state_of(commitment) == ("live", "final_update_due", "on_track")
        factories.proposed_change(commitment, values={"target_value": 30})
        update = scenarios.submitted_update(commitment, value=value, self_assessment="on_track")
        assert state_of(commitment) == ("live", "final_update_sent", "on_track")
        factories.publish(update, by=factories.officer())
        assert state_of(commitment) == ("closed", "settled", delivery)
        record = Record.objects.get(pk=commitment.key)
        assert record.item["end_reason"] == reason
        assert last_period(commitment)["received_on"] == "2026-10-31"
        commitment.refresh_from_db()
        assert commitment.status == "closed"
        assert not commitment.changes.open().exists()
    with on(DUE + timedelta(days=200)):
        assert scenarios.tick() == 0
        assert state_of(commitment) == ("closed", "settled", delivery)


def test_updates_before_the_deadline_settle_nothing():
    commitment = ending_commitment()
    with on(DEADLINE - timedelta(days=2)):
        scenarios.tick()
        scenarios.published_update(commitment, value=16)
        assert last_period(commitment) == {
            "due_on": str(DUE),
            "is_final": True,
            "received_on": None,
        }
        record = Record.objects.get(pk=commitment.key)
        assert record.last_heard_on == DEADLINE - timedelta(days=2)
        assert record.progress["value"] == "16"
        asha = signed_in(factories.asha())
        page = asha.get(f"/{commitment.key}/update", follow=True).text
        assert "No update is due" in page
        assert "Send the final update" in page
    with on(DUE + timedelta(days=3)):
        Message.objects.all().delete()
        assert scenarios.tick() == 1
    with on(DUE + timedelta(days=30)):
        assert scenarios.reporting_state(commitment) == "due"


def test_commitment_can_be_finished_early_and_that_be_taken_back():
    commitment = ending_commitment()
    with on(date(2026, 7, 10)):
        scenarios.tick()
        update = scenarios.submitted_update(commitment, final=True, value=20)
        assert state_of(commitment)[1] == "final_update_sent"
        assert updates.expected_update(commitment, clock.today()) is None
        review.take_back(update, by=factories.asha())
        assert state_of(commitment)[:2] == ("live", "open")
        assert last_period(commitment)["received_on"] is None
        # It was not finished: an ordinary update takes its place.
        scenarios.submitted_update(commitment, final=False, value=15)
        assert state_of(commitment)[:2] == ("live", "open")
    with on(date(2026, 8, 10)):
        final = scenarios.submitted_update(commitment, final=True, value=20)
        factories.publish(final, by=factories.officer())
        assert state_of(commitment) == ("closed", "settled", "met")


def test_early_finish_is_asked_for_no_more_while_the_council_reads_it():
    commitment = ending_commitment(end_on=date(2029, 5, 31), cadence="monthly")
    with on(date(2026, 7, 10)):
        scenarios.tick()
        update = scenarios.submitted_update(commitment, final=True, value=20)
    with on(date(2026, 9, 20)):
        assert scenarios.tick() == 0
        assert commitment.periods.last().received_on == date(2026, 7, 10)
        assert scenarios.reporting_state(commitment) == "up_to_date"
        review.take_back(update, by=factories.asha())
        scenarios.tick()
        assert commitment.periods.count() > 14
        assert scenarios.reporting_state(commitment) == "due"


def test_moved_deadline_moves_the_final_update():
    commitment = ending_commitment()
    with on(DEADLINE + timedelta(days=5)):
        scenarios.tick()
        later = DEADLINE + timedelta(days=365)
        factories.published_change(commitment, values={"end_on": str(later)})
        scenarios.tick()
        assert state_of(commitment)[:2] == ("live", "open")
        [*_, old, _] = commitment.periods.all()
        assert (old.is_final, old.due_on) == (False, clock.today())
        factories.published_change(commitment, values={"end_on": str(later - timedelta(days=300))})
        scenarios.tick()
        period = commitment.periods.last()
        assert (period.is_final, period.ends_on) == (True, later - timedelta(days=300))
        assert period.due_on == later - timedelta(days=270)


def test_pause_postpones_the_final_update_and_never_drops_it():
    commitment = ending_commitment()
    signatory = commitment.signatory
    with on(DEADLINE - timedelta(days=10)):
        scenarios.tick()
        until = DUE + timedelta(days=60)
        signatories.pause(signatory, by=factories.officer(), until=until, reason="A flood.")
    with on(DUE + timedelta(days=1)):
        scenarios.tick()
        assert commitment.periods.last().due_on == until + timedelta(days=30)
        assert PASSED in Client().get(f"/commitments/{commitment.key}").text
        assert scenarios.reporting_state(commitment) == "paused"


def test_only_the_final_update_says_whether_it_was_met():
    commitment = ending_commitment()
    with on(date(2026, 7, 10)):
        scenarios.tick()
        with pytest.raises(WrongStateError, match="Only the final update"):
            scenarios.submitted_update(commitment, self_assessment="met")
        with pytest.raises(WrongStateError, match="nothing has changed"):
            scenarios.submitted_update(commitment, final=True, nothing_changed=True)
        with pytest.raises(IncompleteError, match="final figure"):
            scenarios.submitted_update(commitment, final=True, nothing_changed=False, value=None)


def test_week_before_the_deadline_an_email_says_what_the_page_will_say():
    commitment = ending_commitment()
    with on(DEADLINE - timedelta(days=7)):
        Message.objects.all().delete()
        periods.sync_periods(clock.now())
        assert scenarios.tick() == 1
        email = Message.objects.get(kind="reminder")
        assert email.subject == f"Deadline 28 October: {commitment.title}"
        assert f"“{PASSED}”" in email.text
        assert "Did you do it?" in email.text
        assert "answer=same" not in email.text
    with on(DUE + timedelta(days=14)):
        scenarios.tick()
        email = Message.objects.filter(kind="reminder").latest("pk")
        assert "final update" in email.subject
        assert f"the public page says: “{PASSED}”" in email.text


def test_commitment_restated_after_its_deadline_is_not_accused_until_it_was_asked():
    said = "Ended before this register, on 28 October 2024. Result not recorded"
    source = {"title": "The council’s files", "dated": "2024", "note": "Entered from a list."}
    commitment = scenarios.commitment(end_on=date(2024, 10, 28), source=source)
    with on(date(2025, 6, 2)):
        scenarios.tick()
        page = Client().get(f"/commitments/{commitment.key}").text
        assert said in page
        assert "No final update yet" not in page
        assert last_period(commitment)["due_on"] == "2025-07-01"
        home = signed_in(factories.asha()).get("/business").text
        assert f"Until it comes, the public page says: “{said}.”" in home
