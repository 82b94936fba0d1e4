"""People who write for a signatory take back what the council has not decided, and change it."""

from datetime import date

import pytest

from charter import review
from charter.errors import AlreadyDecidedError, NotAllowedError
from charter.models import Message
from registry.models import Record
from reporting.actions import successes, updates
from reporting.models import ProgressUpdate
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import LINK, on
from tests.visitors import officer_client, page, signed_in

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)
BUTTON = "Take it back and change it"


@pytest.fixture
def commitment():
    return scenarios.commitment()


def submitted_success(commitment):
    success = successes.save_draft(
        commitment,
        by=factories.asha(),
        title="Four passed",
        story="All four stay.",
        happened_from=DUE,
        people_consent="none_identifiable",
        evidence=[LINK],
    )
    return factories.submit(success, by=factories.asha())


def press_button(client, commitment, key):
    """Take back what a commitment's page shows; return the page that opens."""
    address = f"/business/commitments/{commitment.key}/take-back/{key}"
    return client.post(address, follow=True)


SUBMISSIONS = {
    "commitment": lambda commitment: factories.submitted_commitment(title="It waits"),
    "change": factories.proposed_change,
    "update": lambda commitment: scenarios.submitted_update(commitment, evidence=[LINK]),
    "success": submitted_success,
}


@pytest.mark.parametrize("kind", SUBMISSIONS)
def test_writer_takes_back_what_was_sent_and_sends_it_again(kind, commitment):
    with on(DUE):
        submission = SUBMISSIONS[kind](commitment)
        [item] = review.list_items(factories.officer())
        client = signed_in(factories.ben())
        assert BUTTON in page(client.get(f"/business/commitments/{item.commitment.key}"))
        response = press_button(client, item.commitment, item.key)
        assert "You have taken it back." in page(response)
        submission.refresh_from_db()
        assert submission.is_working_copy
        assert review.list_items(factories.officer()) == []
        factories.submit(submission, by=factories.asha())
        factories.publish(submission)
    assert not Message.objects.filter(kind="returned").exists()


def test_update_taken_back_keeps_its_words_and_evidence(commitment):
    with on(DUE):
        update = scenarios.submitted_update(commitment, evidence=[LINK])
        client = signed_in(factories.asha())
        form = page(press_button(client, commitment, update.key))
    assert "Fourteen have started." in form
    assert "Payroll summary" in form
    assert 'value="14"' in form


def test_update_taken_back_no_longer_counts_as_received(commitment):
    with on(DUE):
        update = scenarios.submitted_update(commitment)
        assert scenarios.reporting_state(commitment) == "up_to_date"
        review.take_back(update, by=factories.asha())
        assert scenarios.reporting_state(commitment) == "due"
    assert "received_on" not in Record.objects.get(pk=update.period.key).item
    with on(date(2026, 6, 4)):
        assert scenarios.tick() == 1  # Asha is reminded three days after the due date.


def test_success_sent_with_an_update_stays_with_the_council(commitment):
    with on(DUE):
        success = submitted_success(commitment)
        review.take_back(scenarios.submitted_update(commitment), by=factories.asha())
        assert [item.submission for item in review.list_items(factories.officer())] == [success]
        client = signed_in(factories.asha())
        assert BUTTON in page(client.get(f"/business/successes/{success.key}"))


@pytest.mark.parametrize("next_is_sent", [False, True])
def test_update_taken_back_keeps_its_period_beside_the_next_one(next_is_sent, commitment):
    asha = factories.asha()
    with on(DUE):
        first = scenarios.submitted_update(commitment)
    with on(date(2027, 6, 1)):
        scenarios.tick()
        second = updates.start_draft(commitment, by=asha)
        if next_is_sent:
            scenarios.submitted_update(commitment, value=18)
        client = signed_in(asha)
        press_button(client, commitment, first.key)
        assert "Continue draft" in page(client.get("/business"))
        again = updates.start_draft(commitment, by=asha)
        assert (again, again.period) == (first, first.period)
        factories.submit(again, by=asha)
        if not next_is_sent:
            assert updates.start_draft(commitment, by=asha) == second
    assert [update.period.ends_on.year for update in ProgressUpdate.objects.order_by("pk")] == [
        2026,
        2027,
    ]


def test_only_writers_take_back_and_only_what_nobody_has_decided(commitment):
    with on(DUE):
        update = scenarios.submitted_update(commitment)
        for person in (factories.grace(), factories.cara(), factories.officer()):
            with pytest.raises(NotAllowedError):
                review.take_back(update, by=person)
        factories.publish(update)
        with pytest.raises(AlreadyDecidedError):
            review.take_back(update, by=factories.asha())
        client = signed_in(factories.asha())
        response = press_button(client, commitment, update.key)
        assert "Someone has already dealt with this." in page(response)
        assert BUTTON not in page(client.get(f"/{commitment.key}/update/sent"))
    assert Record.objects.filter(pk=update.key).exists()


@pytest.mark.parametrize(
    ("action", "typed"),
    [("return", {"comments": "Which college?"}), ("ask", {"question": "Which college?"})],
)
def test_officer_keeps_what_was_typed_about_an_item_that_was_taken_back(action, typed, commitment):
    with on(DUE):
        update = scenarios.submitted_update(commitment)
        client = officer_client()
        digest = client.get(f"/council/items/{update.key}").context["seen_digest"]
        review.take_back(update, by=factories.asha())
        form = {"seen_digest": digest, **typed}
        response = client.post(f"/council/items/{update.key}/{action}", form)
    assert response.status_code == 409
    assert "Someone has already dealt with this. Go back to the list." in response.text
    assert "Which college?" in response.text
