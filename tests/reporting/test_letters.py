"""Who stays silent gets a letter that everybody reads, and can answer it beside it."""

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

pytestmark = pytest.mark.django_db
JULY_1, SEPTEMBER_2 = date(2026, 7, 1), date(2026, 9, 2)


@pytest.fixture
def silent():
    """A commitment of Asha's that was due on 1 June 2026."""
    return scenarios.silent()


@pytest.fixture
def visit(client, monkeypatch):
    monkeypatch.setattr("charter.views.access.is_mfa_enabled", lambda user: user.is_council)

    def visit(path, by=None, **sent):
        client.logout()
        if by:
            client.force_login(by, backend="allauth.account.auth_backends.AuthenticationBackend")
        answer = client.post(path, sent, follow=True) if sent else client.get(path)
        return answer.status_code, " ".join(answer.content.decode().split())

    return visit


def published(commitment):
    with on(SEPTEMBER_2):
        return letters.publish(commitment.periods.earliest("pk"), by=factories.officer())


def test_an_officer_reads_the_letter_and_publishes_it(silent, visit):
    period = silent.periods.earliest("pk")
    words = (
        f"An update on commitment {silent.key} was due on 1 June 2026. We asked for it on "
        "4 June 2026 and 1 September 2026. It has not come, so this register says “silent” until "
        "it does."
    )
    with on(SEPTEMBER_2):
        _, behind = visit("/council/behind", factories.officer())
        assert f"/council/letters/{period.key}" in behind
        _, shown = visit(f"/council/letters/{period.key}", factories.officer())
        assert words in shown
        assert not Letter.objects.exists()
        _, done = visit(f"/council/letters/{period.key}", factories.officer(), agree="on")
        assert "The letter is public" in done
        assert f"/council/letters/{period.key}" not in done
        for path in (f"/commitments/{silent.key}", f"/signatories/{silent.signatory.key}"):
            _, public = visit(path)
            assert words in public
            assert "Brookfield Catering has not answered." in public
    item = Record.objects.get(kind="notice").item
    assert (item["type"], item["about"], item["dated_on"]) == ("letter", silent.key, "2026-09-02")


def test_all_letters_to_one_signatory_are_read_and_published_in_one_act(silent, visit):
    other = scenarios.silent(date(2025, 5, 20), title="Host ten school visits")
    with on(SEPTEMBER_2):
        address = f"/council/letters/to/{silent.signatory.key}"
        _, behind = visit("/council/behind", factories.officer())
        assert "Read and publish 2 letters" in behind
        assert address in behind
        _, shown = visit(address, factories.officer())
        assert f"An update on commitment {silent.key} was due on 1 June 2026." in shown
        assert f"An update on commitment {other.key} was due on 20 May 2026." in shown
        read = [commitment.periods.earliest("pk").key for commitment in (silent, other)]
        _, done = visit(address, factories.officer(), shown=read)
        assert "Published: 2 letters to Brookfield Catering." in done
        assert "No letter is due" in visit(address, factories.officer())[1]
    assert {letter.period.commitment for letter in Letter.objects.all()} == {silent, other}


def test_a_letter_that_was_not_shown_is_not_published_with_the_others(silent, visit):
    scenarios.silent(date(2025, 5, 20), title="Host ten school visits")
    with on(SEPTEMBER_2):
        address = f"/council/letters/to/{silent.signatory.key}"
        visit(address, factories.officer(), shown=[silent.periods.earliest("pk").key])
    assert Letter.objects.get().period.commitment == silent


def test_whoever_looks_after_the_commitment_is_told_and_answers_in_public(silent, visit, sink):
    letter = published(silent)
    with on(SEPTEMBER_2):
        outbox.drain()
        email = sink.emails()[-1]
        assert email["To"] == "asha@brookfield.example"
        assert email["Subject"].strip() == f"The council has written in public: {silent.title}"
        assert f"/business/letters/{letter.key}" in email.get_body(("plain",)).get_content()
        _, home = visit("/business", factories.asha())
        assert "Read and answer" in home
        _, empty = visit(f"/business/letters/{letter.key}", factories.asha(), answer=" ")
        assert "Write your answer, or leave this page" in empty
        path = f"/business/letters/{letter.key}"
        _, done = visit(path, factories.asha(), answer="We closed for good.")
        assert "Your answer is public, beside the letter." in done
        visit(path, factories.asha(), answer="Something else.")
        _, public = visit(f"/commitments/{silent.key}")
        assert "<strong>Brookfield Catering’s answer:</strong>" in public
        assert "We closed for good." in public
        assert "Something else." not in public
        assert "Read and answer" not in visit("/business", factories.asha())[1]
        assert scenarios.reporting_of(silent) == "silent"


def test_the_answer_is_for_those_who_write_and_no_business_of_strangers(silent, visit):
    letter = published(silent)
    path = f"/business/letters/{letter.key}"
    with on(SEPTEMBER_2):
        assert visit(path, factories.cara())[0] == 404
        _, read = visit(path, factories.grace())
        assert "Answer in public" not in read
        with pytest.raises(NotAllowedError):
            letters.publish_response(letter, by=factories.grace(), text="No.")
        with pytest.raises(NotAllowedError):
            letters.publish(letter.period, by=factories.asha())


def test_there_is_one_letter_about_a_silence(silent):
    assert published(silent) == published(silent)
    assert Entry.objects.filter(kind="notice").count() == 1


def test_nobody_is_written_to_before_the_page_says_silent_or_after_update_came(silent):
    period = silent.periods.earliest("pk")
    with on(JULY_1), pytest.raises(WrongStateError):
        letters.publish(period, by=factories.officer())
    with on(SEPTEMBER_2):
        scenarios.told(silent)
        assert not letters.periods_without_letter(SEPTEMBER_2).exists()
        with pytest.raises(WrongStateError):
            letters.publish(period, by=factories.officer())


def test_a_letter_counts_the_later_answers_that_have_not_come_either():
    commitment = scenarios.silent(cadence="quarterly")
    said = {
        date(2025, 12, 3): "It has not come, nor has the one due after it, so this register says",
        date(2026, 3, 3): "It has not come, nor have the 2 due after it, so this register says",
    }
    for day, sentence in said.items():
        with on(day):
            periods.sync_periods(clock.now())
            assert sentence in letters.letter_text(commitment.periods.earliest("pk"))
