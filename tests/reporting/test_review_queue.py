"""The council's review queue: officers preview each submission, then publish or return it."""

from datetime import date

import pytest

from charter.models import Message
from registry.models import Record
from reporting.actions import successes
from reporting.models import ProgressUpdate
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import LINK, on
from tests.visitors import officer_client, signed_in
from tests.visitors import page as read

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)


def decide(client, key, action="publish", **fields):
    """Open an item of the queue and press one of its buttons."""
    digest = client.get(f"/council/items/{key}").context["seen_digest"]
    return client.post(f"/council/items/{key}/{action}", {"seen_digest": digest, **fields})


def test_queue_lists_all_submissions_oldest_first():
    commitment = scenarios.commitment(title="The commitment")
    with on(date(2026, 5, 25)):
        scenarios.submitted_update(commitment)
    with on(date(2026, 5, 27)):
        factories.submitted_commitment(title="The new one", end_on=date(2027, 5, 31))
    with on(date(2026, 5, 29)):
        factories.proposed_change(commitment)
    with on(DUE):
        page = read(officer_client().get("/council"))
    rows = [page.index(words) for words in ("Progress update", "New commitment", "Change: ")]
    assert rows == sorted(rows)
    assert "7 days" in page
    assert "3 items to review" in page


def test_queue_counts_applications_and_error_reports():
    key, client = factories.brookfield().key, officer_client()
    assert "Nothing to review" in read(client.get("/council"))
    factories.application()
    assert "1 item to review" in read(client.get("/council"))
    factories.error_report(key)
    page = read(client.get("/council"))
    assert "2 items to review" in page
    assert "To publish or return" not in page


def test_officer_previews_and_publishes_a_new_commitment():
    with on(DUE):
        pending = factories.submitted_commitment(end_on=date(2027, 5, 31))
        client = officer_client()
        page = read(client.get(f"/council/items/{pending.key}"))
        assert "Nothing of it is public yet" in page
        assert "We train care leavers as cooks" in before_the_button(page)
        response = decide(client, pending.key)
    assert "Published: " in read(client.get(response["Location"]))
    assert Record.objects.filter(pk=pending.key).exists()


def test_officer_compares_old_and_new_before_publishing_a_change():
    commitment = scenarios.commitment()
    with on(DUE):
        factories.proposed_change(commitment)
        client = officer_client()
        page = read(client.get(f"/council/items/{commitment.key}"))
        assert "<del>20 " in page
        assert "<ins>12 " in page
        assert "Our second kitchen closed." in page
        decide(client, commitment.key)
    assert Record.objects.get(pk=commitment.key).item["target"]["value"] == "12"


def test_officer_sees_the_update_next_to_the_planned_evidence():
    commitment = scenarios.commitment()
    with on(DUE):
        update = scenarios.submitted_update(commitment, evidence=[LINK])
        client = officer_client()
        page = read(client.get(f"/council/items/{update.key}"))
        assert "Payroll records and college letters" in page
        assert "Payroll summary" in page
        assert "Fourteen have started." in page
        decide(client, update.key)
    assert Record.objects.filter(pk=update.key).exists()


def before_the_button(page):
    return page[: page.index("Publish</button>")]


def test_officer_compares_an_update_with_the_last_before_publishing():
    commitment = scenarios.commitment()
    with on(DUE):
        scenarios.published_update(commitment, value=8, narrative="Eight have started.")
    with on(date(2027, 6, 1)):
        scenarios.tick()
        update = scenarios.submitted_update(
            commitment, self_assessment="at_risk", obstacles="A college closed.", evidence=[LINK]
        )
        page = before_the_button(read(officer_client().get(f"/council/items/{update.key}")))
    assert "This update next to the last one, of 1 June 2026" in page
    for now, last in [
        ('"number">14 ', '"number">8 '),
        ("At risk", "On track"),
        ("Fourteen have started.", "Eight have started."),
        ("Evidence provided", "Self-reported"),
    ]:
        assert page.index(now) < page.index(last)
    assert "(+6)" in page
    assert "A college closed." in page
    assert "Payroll summary" in page


def test_officer_compares_the_first_update_with_the_starting_point():
    commitment = scenarios.commitment()
    with on(DUE):
        update = scenarios.submitted_update(commitment)
        page = before_the_button(read(officer_client().get(f"/council/items/{update.key}")))
    assert "there is no earlier one" in page
    assert "At the start" in page


def test_officer_reads_a_success_before_publishing():
    commitment = scenarios.commitment()
    with on(DUE):
        asha, fields = factories.asha(), {"title": "Four passed", "story": "All four stay."}
        success = successes.save_draft(
            commitment, by=asha, happened_from=DUE, people_consent="none_identifiable", **fields
        )
        factories.submit(success, by=asha)
        page = before_the_button(read(officer_client().get(f"/council/items/{success.key}")))
    assert "All four stay." in page
    assert "No one can be identified" in page
    assert "Self-reported" in page


def test_returning_needs_comments_and_the_signatory_sees_them():
    commitment = scenarios.commitment()
    with on(DUE):
        update = scenarios.submitted_update(commitment)
        client = officer_client()
        address = f"/council/items/{update.key}/return"
        page = read(client.post(address, {"comments": ""}))
        assert "Say what should be different before you return it" in page
        decide(client, update.key, "return", comments="Which college?")
        page = read(signed_in(factories.asha()).get(f"/{commitment.key}/update"))
    assert "Which college?" in page
    assert "Fourteen have started." in page


@pytest.mark.parametrize(
    ("fields", "warning"),
    [
        ({"value": 9}, "The figure to date is lower than the last: 9 after 14."),
        ({"value": 1400}, "The figure made a large jump; is it of the same unit? 1,400 after"),
        ({"value": 15}, "No evidence is given with it."),
    ],
)
def test_officer_is_warned_of_odd_figures(fields, warning):
    commitment = scenarios.commitment()
    with on(DUE):
        scenarios.published_update(commitment)
    with on(date(2027, 6, 1)):
        scenarios.tick()
        update = scenarios.submitted_update(commitment, **fields)
        page = read(officer_client().get(f"/council/items/{update.key}"))
    assert warning in page
    assert "has 1 public commitment and 1 published update, 1 to review" in page


def test_officer_is_warned_of_a_change_that_weakens_the_commitment():
    commitment = scenarios.commitment()
    with on(DUE):
        factories.published_change(commitment, values={"target_value": 18})
        factories.proposed_change(commitment, values={"target_value": 12})
        page = read(officer_client().get(f"/council/items/{commitment.key}"))
    assert "This weakens the commitment: target lowered from 18" in page
    assert "This weakens the commitment: target 20" not in page


def test_ready_phrase_is_enough_to_return_an_update():
    commitment = scenarios.commitment()
    with on(DUE):
        update = scenarios.submitted_update(commitment)
        client = officer_client()
        page = read(client.get(f"/council/items/{update.key}"))
        phrase = "Please say what is new since your last answer."
        assert phrase in page
        decide(client, update.key, "return", phrases=[phrase], comments="Which college?")
    update.refresh_from_db()
    assert update.returned_comments == f"{phrase}\n\nWhich college?"


def test_officer_asks_a_colleague_for_a_second_look():
    with on(DUE):
        pending = factories.submitted_commitment(end_on=date(2027, 5, 31))
        fay = factories.officer("Fay")
        client = officer_client()
        address = f"/council/items/{pending.key}"
        assert "Say what you want to know" in read(client.post(f"{address}/ask", {}))
        form = {"colleague": fay.pk, "question": "Is this more than they have to do?"}
        client.post(f"{address}/ask", form)
        page = read(client.post(f"{address}/ask", form, follow=True))
    assert "Asked on 1 June 2026: fay@council.example" in page
    email = Message.objects.get(kind="second_look")
    assert email.recipient == "fay@council.example"
    assert "Is this more than they have to do?" in email.text
    assert address in email.text


def test_next_item_opens_and_a_second_click_changes_nothing():
    first, second = scenarios.commitment(title="First"), scenarios.commitment(title="Second")
    with on(DUE):
        one, two = scenarios.submitted_update(first), scenarios.submitted_update(second)
        client = officer_client()
        response = decide(client, one.key)
        assert response["Location"] == f"/council/items/{two.key}"
        response = client.post(f"/council/items/{one.key}/publish", follow=True)
    assert "Someone has already dealt with this. Go back to the list." in read(response)


@pytest.mark.parametrize("act", ["publish", "return"])
def test_item_changed_since_the_officer_read_it_cannot_be_decided(act):
    commitment = scenarios.commitment()
    with on(DUE):
        update = scenarios.submitted_update(commitment)
        client = officer_client()
        old_digest = client.get(f"/council/items/{update.key}").context["seen_digest"]
        factories.return_with_comments(update, by=factories.officer("Fay"), comments="How many?")
        scenarios.submitted_update(commitment, value=15, narrative="Fifteen, to be exact.")
        form = {"seen_digest": old_digest, "comments": "Which college?"}
        response = client.post(f"/council/items/{update.key}/{act}", form)
    page = response.content.decode()
    assert response.status_code == 409
    assert "This has changed since you opened this page." in page
    assert "Fifteen, to be exact." in page
    assert ("Which college?" in page) == (act == "return")  # No input is lost.
    assert ProgressUpdate.objects.get().status == "submitted"
    assert not Record.objects.filter(pk=update.key).exists()


def test_signatories_cannot_open_the_councils_pages():
    scenarios.commitment()
    client = signed_in(factories.asha())
    for address in ("/council", "/council/behind", "/council/messages"):
        assert client.get(address).status_code == 403
    assert client.post("/council/messages/release").status_code == 403
