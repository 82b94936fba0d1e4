"""A correction cannot lower a commitment unseen: what Asha may correct, and what only two people
of the council can."""

from datetime import date, timedelta

import pytest
from django.test import Client
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from charter import review
from charter.actions import changes, corrections, second_person
from charter.errors import IncompleteError, NotAllowedError, WrongStateError
from charter.models import Change, Charter, Commitment, Message, Proposal
from charter.roles import usual_second_person_acts
from registry.models import Record
from tests import factories
from tests.registry.public_pages import read
from tests.reporting import scenarios
from tests.reporting.correction_paths import CorrectionPaths, make_commitments
from tests.reporting.scenarios import on
from tests.visitors import signed_in, with_second_factor

pytestmark = pytest.mark.django_db

DUE = date(2026, 6, 1)
LATER = DUE + timedelta(days=10)


@pytest.fixture
def asha() -> Client:
    return signed_in(factories.asha())


def commitment() -> Commitment:
    """Return a public commitment with a starting point: 60 people employed, 30 of them so far."""
    return scenarios.commitment(
        measure_code="LE01",
        title="Employ 60 people from Aston",
        target_value=60,
        baseline_value=30,
        baseline_on=date(2025, 5, 1),
    )


def address(commitment: Commitment, page: str = "") -> str:
    return f"/business/commitments/{commitment.key}/change{page}"


def form_of(page) -> dict:
    """Return the data of a page's form as a browser would send it back."""
    form = page.context["form"]
    return {name: "" if form[name].value() is None else form[name].value() for name in form.fields}


def correct(client: Client, commitment: Commitment, **typed: str):
    page = address(commitment, "/correct")
    return client.post(page, form_of(client.get(page)) | {"reason": "A slip."} | typed)


def weakenings(commitment: Commitment) -> list[tuple[str, str | None]]:
    record = Record.objects.get(pk=commitment.key)
    return [(way["what"], way["correction"]) for way in record.weakenings]


def test_correction_before_the_first_update_is_warned_of_and_says_so(asha):
    own = commitment()
    with on(date(2025, 7, 1)):
        assert "corrected downwards" in asha.get(address(own, "/correct")).text
        preview = asha.get(correct(asha, own, target_value="50").url).text
        warning = "This corrects the commitment downwards: target lowered from 60 to 50 FTE."
        assert warning in preview
        assert "Corrected downwards on 1 July 2025, before the first update" in preview
        change = factories.submit(Change.objects.get(), by=factories.asha())
        dev = signed_in(with_second_factor(factories.officer()))
        assert warning in dev.get(f"/council/items/{own.key}").text
        factories.publish(change)
    assert weakenings(own) == [("target_lowered", "before_first_update")]
    page = read(asha, f"/commitments/{own.key}", "2025-07-02")
    assert "Originally promised: 60 FTE" in page


def test_officer_is_warned_of_a_late_correction_that_nothing_marks(asha):
    own = commitment()
    with on(DUE):
        scenarios.submitted_update(own, value=40)
        correct(asha, own, title="Talk to people from Aston", cadence="yearly")
        change = factories.submit(Change.objects.get(), by=factories.asha())
        page = signed_in(with_second_factor(factories.officer())).get(f"/council/items/{own.key}")
    assert set(change.values) >= {"title"}
    assert "An update was sent already, and this corrects commitment" in page.text
    assert "does not say that it promises less" in page.text


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"target_value": "50"}, "target_value", "target cannot be corrected downwards"),
        ({"end_on": "31/5/2030"}, "end_on", "deadline cannot be corrected to a later date"),
        ({"baseline_value": "40"}, "baseline_value", "starting point cannot be corrected"),
        ({"baseline_value": "20"}, "baseline_value", "starting point cannot be corrected"),
        ({"baseline_value": ""}, "baseline_value", "starting point cannot be corrected"),
        ({"baseline_on": "1/6/2025"}, "baseline_on", "starting point date cannot be corrected"),
    ],
)
def test_once_an_update_was_sent_asha_is_led_to_a_change(asha, typed, field, words):
    own = commitment()
    with on(DUE):
        update = scenarios.submitted_update(own, value=40)
        review.take_back(update, by=factories.asha())
        page = correct(asha, own, title="Employ people from Aston", **typed)
        [error] = page.context["form"].errors[field]
        assert words in error
        assert "Use “Change what we promised”" in error
        assert not Change.objects.exists()
        assert f'formaction="{address(own, "/amend")}"' in page.text
        kept = form_of(page)
        assert kept["title"] == "Employ people from Aston"
        page = asha.post(address(own, "/amend"), kept, follow=True)
    change = Change.objects.get()
    assert (change.action, change.reason) == ("amend", "A slip.")
    assert set(change.values) == {"title", *typed}


def test_correction_that_lowers_nothing_is_still_a_correction(asha):
    own = scenarios.commitment(measure_code="LE01", target_value=60)
    with on(DUE):
        scenarios.submitted_update(own, value=40)
        learnt = {"baseline_value": "30", "baseline_on": "1/5/2025"}
        correct(asha, own, target_value="65", end_on="31/5/2028", title="More", **learnt)
        factories.publish(factories.submit(Change.objects.get(), by=factories.asha()))
    assert weakenings(own) == []


def test_correction_of_before_the_first_update_is_refused_after_it(asha):
    own = commitment()
    with on(DUE):
        change = factories.draft_change(own, action="correct", values={"target_value": 50})
        sent = factories.submit(change, by=factories.asha())
        scenarios.submitted_update(own, value=40)
        with pytest.raises(WrongStateError, match="can no longer be a correction"):
            factories.publish(sent)
        dev = signed_in(with_second_factor(factories.officer()))
        assert "can no longer be a correction" in dev.get(f"/council/items/{own.key}").text
        draft = review.take_back(sent, by=factories.asha())
        with pytest.raises(IncompleteError, match="Use “Change what we promised”"):
            factories.submit(draft, by=factories.asha())
        preview = asha.get(address(own, "/preview")).text
        assert "Continue as a change with the same values" in preview
        assert "Send to the council" not in preview
        assert 'value="50"' in asha.get(address(own, "/amend")).text
    assert weakenings(own) == []


def test_council_corrects_its_own_error_with_two_people():
    own = commitment()
    factories.administrator()
    Charter.objects.update(second_person_acts=usual_second_person_acts())
    dev = signed_in(with_second_factor(factories.officer()))
    page = f"/council/commitments/{own.key}/correct"
    with on(DUE):
        scenarios.published_update(own, value=40)
        assert page in dev.get(f"/council/activity/{own.key}").text
        typed = form_of(dev.get(page)) | {"target_value": "50", "reason": "Typed wrongly by us."}
        assert "Select why it is corrected downwards" in dev.post(page, typed).text
        typed |= {"ground": "checked_against_document"}
        assert "Enter the document" in dev.post(page, typed).text
        typed |= {"document": "Contract 2025/17, schedule 3"}
        preview = dev.post(page, typed).text
        words = "checked against “Contract 2025/17, schedule 3”: target lowered from 60 to 50 FTE"
        assert "Corrected downwards on 1 June 2026, checked against “Contract 2025/17" in preview
        assert "This needs a second person" in preview
        assert 'value="50"' in dev.post(page, typed | {"edit": "yes"}).text
        dev.post(page, typed | {"confirmed": "yes"})
    proposal = Proposal.objects.get()
    assert weakenings(own) == []
    with on(LATER), pytest.raises(NotAllowedError):
        corrections.publish_correction(
            changes.propose_correction(own, {"target_value": 50}), by=factories.officer()
        )
    with on(LATER):
        edna = signed_in(with_second_factor(factories.administrator()))
        assert "60 FTE" in edna.get(f"/council/proposals/{proposal.pk}").text
        edna.post(f"/council/proposals/{proposal.pk}", {"agree": "yes"})
    assert weakenings(own) == [("target_lowered", "checked_against_document")]
    assert words in read(edna, f"/commitments/{own.key}", "2026-06-12")
    own.refresh_from_db()
    assert own.target_value == 50
    email = Message.objects.get(kind="correction")
    assert email.recipient == "asha@brookfield.example"
    assert "schedule 3" in email.text


def test_council_corrects_nothing_but_downwards():
    own = commitment()
    dev = signed_in(with_second_factor(factories.officer()))
    page = f"/council/commitments/{own.key}/correct"
    with on(DUE):
        scenarios.published_update(own, value=40)
        typed = form_of(dev.get(page)) | {"reason": "Typed wrongly.", "ground": "council_error"}
        for raised in ({"target_value": "65"}, {"title": "Employ more people"}):
            assert "Nothing here is corrected downwards" in dev.post(page, typed | raised).text
            assert "confirmed" in dev.post(page, typed | raised | {"target_value": "50"}).text
        change = changes.propose_correction(
            own, {"target_value": 65}, reason="Typed wrongly.", ground="council_error"
        )
        with pytest.raises(WrongStateError, match="Nothing here is corrected"):
            corrections.publish_correction(change, by=factories.officer())


def test_proposed_correction_waits_for_the_commitment_that_it_corrects():
    own = commitment()
    factories.administrator()
    Charter.objects.update(second_person_acts=usual_second_person_acts())
    arguments = {"values": {"target_value": 50}, "reason": "Ours.", "ground": "council_error"}
    with on(DUE):
        proposal = corrections.correct_or_propose(own, by=factories.officer(), **arguments)
        factories.published_change(own, values={"target_value": 55})
        with pytest.raises(WrongStateError, match="no longer as it was"):
            second_person.agree(proposal, by=factories.administrator())
    assert weakenings(own) == [("target_lowered", None)]


def test_no_path_of_a_business_lowers_a_commitment_without_the_words_for_it():
    """Tens of acts in any order; tests/proof tries thousands."""
    make_commitments()
    few = settings(
        max_examples=6, stateful_step_count=10, deadline=None, suppress_health_check=[*HealthCheck]
    )
    run_state_machine_as_test(CorrectionPaths, settings=few)
