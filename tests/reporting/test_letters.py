"""Public letters to silent signatories, and the signatory's reply beside each."""

from datetime import date

import pytest

from charter.errors import NotAllowedError, WrongStateError
from charter.mail import outbox
from registry import clock
from registry.models import Entry, Record
from reporting.actions import letters, periods
from reporting.models import Letter
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on
from tests.visitors import sign_in, with_second_factor

pytestmark = pytest.mark.django_db
JULY_1, SEPTEMBER_2 = date(2026, 7, 1), date(2026, 9, 2)


@pytest.fixture
def commitment():
    """Return a silent commitment of Asha's, whose update was due on 1 June 2026."""
    return scenarios.silent_commitment()


@pytest.fixture
def visit(client):
    def visit(path, by=None, **fields):
        client.logout()
        if by:
            sign_in(client, with_second_factor(by))
        response = client.post(path, fields, follow=True) if fields else client.get(path)
        return response.status_code, " ".join(response.content.decode().split())

    return visit


def publish_letter(commitment):
    with on(SEPTEMBER_2):
        return letters.publish(commitment.periods.earliest("pk"), by=factories.officer())


def test_officer_previews_and_publishes_a_letter(commitment, visit):
    period = commitment.periods.earliest("pk")
    text = (
        f"An update on commitment {commitment.key} was due on 1 June 2026. We asked for it on "
        "4 June 2026 and 1 September 2026. It has not come, so this register says “silent” until "
        "it does."
    )
    with on(SEPTEMBER_2):
        _, late_list = visit("/council/behind", factories.officer())
        assert f"/council/letters/{period.key}" in late_list
        _, preview = visit(f"/council/letters/{period.key}", factories.officer())
        assert text in preview
        assert not Letter.objects.exists()
        _, confirmation = visit(f"/council/letters/{period.key}", factories.officer(), agree="on")
        assert "The letter is public" in confirmation
        assert f"/council/letters/{period.key}" not in confirmation
        for path in (
            f"/commitments/{commitment.key}",
            f"/signatories/{commitment.signatory.key}",
        ):
            _, page = visit(path)
            # Within the marks of a quotation.
            assert text.replace("“silent”", "‘silent’") in page
            assert "Brookfield Catering has not replied." in page
    item = Record.objects.get(kind="notice").item
    assert (item["type"], item["about"], item["dated_on"]) == (
        "letter",
        commitment.key,
        "2026-09-02",
    )


def test_all_letters_to_one_signatory_are_published_together(commitment, visit):
    other = scenarios.silent_commitment(date(2025, 5, 20), title="Host ten school visits")
    with on(SEPTEMBER_2):
        address = f"/council/letters/to/{commitment.signatory.key}"
        _, late_list = visit("/council/behind", factories.officer())
        assert "Read and publish 2 letters" in late_list
        assert address in late_list
        _, preview = visit(address, factories.officer())
        assert f"An update on commitment {commitment.key} was due on 1 June 2026." in preview
        assert f"An update on commitment {other.key} was due on 20 May 2026." in preview
        period_keys = [late.periods.earliest("pk").key for late in (commitment, other)]
        _, confirmation = visit(address, factories.officer(), shown=period_keys)
        assert "Published: 2 letters to Brookfield Catering." in confirmation
        assert "No letters to publish" in visit(address, factories.officer())[1]
    assert {letter.period.commitment for letter in Letter.objects.all()} == {
        commitment,
        other,
    }


def test_letter_missing_from_the_preview_is_not_published(commitment, visit):
    scenarios.silent_commitment(date(2025, 5, 20), title="Host ten school visits")
    with on(SEPTEMBER_2):
        address = f"/council/letters/to/{commitment.signatory.key}"
        visit(address, factories.officer(), shown=[commitment.periods.earliest("pk").key])
    assert Letter.objects.get().period.commitment == commitment


def test_contact_is_emailed_about_the_letter_and_replies_publicly(commitment, visit, sink):
    letter = publish_letter(commitment)
    with on(SEPTEMBER_2):
        outbox.drain()
        email = sink.emails()[-1]
        assert email["To"] == "asha@brookfield.example"
        assert email["Subject"] == f"The council has published a letter about “{commitment.title}”"
        assert f"/business/letters/{letter.key}" in email.get_body(("plain",)).get_content()
        _, home = visit("/business", factories.asha())
        assert "Read and answer" in home
        _, errors = visit(f"/business/letters/{letter.key}", factories.asha(), answer=" ")
        assert "Write your answer, or leave this page" in errors
        path = f"/business/letters/{letter.key}"
        _, confirmation = visit(path, factories.asha(), answer="We closed for good.")
        assert "Your answer is public, beside the letter." in confirmation
        visit(path, factories.asha(), answer="Something else.")
        _, page = visit(f"/commitments/{commitment.key}")
        assert "<strong>Brookfield Catering’s reply:</strong>" in page
        assert "We closed for good." in page
        assert "Something else." not in page
        assert "Read and answer" not in visit("/business", factories.asha())[1]
        assert scenarios.reporting_state(commitment) == "silent"


def test_only_owners_and_editors_reply_to_a_letter(commitment, visit):
    letter = publish_letter(commitment)
    path = f"/business/letters/{letter.key}"
    with on(SEPTEMBER_2):
        assert visit(path, factories.cara())[0] == 404
        _, page = visit(path, factories.grace())
        assert "Publish reply" not in page
        with pytest.raises(NotAllowedError):
            letters.publish_response(letter, by=factories.grace(), text="No.")
        with pytest.raises(NotAllowedError):
            letters.publish(letter.period, by=factories.asha())


def test_second_letter_about_the_same_period_changes_nothing(commitment):
    assert publish_letter(commitment) == publish_letter(commitment)
    assert Entry.objects.filter(kind="notice").count() == 1


def test_no_letter_is_published_before_silence_or_after_an_update(commitment):
    period = commitment.periods.earliest("pk")
    with on(JULY_1), pytest.raises(WrongStateError):
        letters.publish(period, by=factories.officer())
    with on(SEPTEMBER_2):
        scenarios.submitted_update(commitment)
        assert not letters.periods_without_letter(SEPTEMBER_2).exists()
        with pytest.raises(WrongStateError):
            letters.publish(period, by=factories.officer())


def test_letter_counts_later_missing_updates_too():
    commitment = scenarios.silent_commitment(cadence="quarterly")
    sentences = {
        date(2025, 12, 3): "It has not come, nor has the one due after it, so this register says",
        date(2026, 3, 3): "It has not come, nor have the 2 due after it, so this register says",
    }
    for day, sentence in sentences.items():
        with on(day):
            periods.sync_periods(clock.now())
            assert sentence in letters.letter_text(commitment.periods.earliest("pk"))
