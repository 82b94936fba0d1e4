"""Update is told, checked and published; that it came is public at once."""

from datetime import date, timedelta

import pytest
from django.test import Client

from charter.actions import changes
from charter.errors import NotAllowedError, StaleError, WrongStateError
from charter.mail import bounces
from charter.models import Change, Message
from registry import clock
from registry.log import publishing
from registry.models import Entry, Record
from reporting.actions import successes, updates
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import LINK, on

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)


def item(key):
    return Record.objects.get(pk=key).item


def test_sending_an_answer_is_public_at_once_and_its_words_are_not():
    commitment = scenarios.commitment()
    with on(DUE):
        update = scenarios.told(commitment)
        assert item(update.period.key)["received_on"] == "2026-06-01"
        assert not Record.objects.filter(kind="update").exists()
        assert scenarios.reporting_of(commitment) == "up_to_date"


def test_publishing_shows_the_figure_beside_the_commitment():
    commitment = scenarios.commitment(baseline_value=2)
    with on(DUE):
        update = scenarios.published(commitment, evidence=[LINK])
    told = item(update.key)
    assert told["cumulative_value"] == "14"
    assert told["period_value"] == "12"
    assert told["level_of_proof"] == "evidence_provided"
    assert told["evidence"][0]["url"] == LINK["url"]
    assert item(update.period.key)["update"] == update.key
    public = Record.objects.get(pk=commitment.key)
    assert public.delivery == "on_track"
    assert (public.progress["value"], public.progress["of"]) == ("14", "20")


def test_the_next_figure_adds_what_came_since_the_last():
    commitment = scenarios.commitment()
    with on(DUE):
        scenarios.published(commitment)
    with on(date(2027, 6, 2)):
        scenarios.tick()
        update = scenarios.published(commitment, value=20, self_assessment="met")
    assert item(update.key)["period_value"] == "6"
    assert (
        Record.objects.get(pk=commitment.key).status == "live"
    )  # met is said; closing is a change


def test_nothing_has_changed_says_the_last_answer_again_and_confirms_the_commitment():
    commitment = scenarios.commitment()
    with on(DUE):
        scenarios.published(commitment, evidence=[LINK])
    with on(date(2027, 6, 2)):
        scenarios.tick()
        update = scenarios.published(
            commitment,
            nothing_changed=True,
            value=None,
            self_assessment="not_started",
            narrative="",
        )
    told = item(update.key)
    assert told["nothing_changed"] is True
    assert (told["cumulative_value"], told["self_assessment"]) == ("14", "on_track")
    assert told["level_of_proof"] == "evidence_provided"
    assert [entry.action for entry in Entry.objects.order_by("-number")[:3]] == [
        "confirm",
        "publish",
        "publish",
    ]


def test_nothing_has_changed_after_a_talk_says_the_figure_before_it_again():
    commitment = scenarios.commitment(cadence="quarterly")
    talk = {"value": None, "narrative": "", "obstacles": "Our kitchen floods."}
    same = {"nothing_changed": True, "value": None, "narrative": ""}
    for day, said in [
        (date(2025, 9, 1), {"evidence": [LINK]}),
        (date(2025, 12, 1), talk | {"self_assessment": "at_risk"}),
        (date(2026, 3, 1), same),
    ]:
        with on(day):
            scenarios.tick()
            update = scenarios.published(commitment, **said)
    told = item(update.key)
    assert (told["cumulative_value"], told["period_value"]) == ("14", "0")
    assert (told["self_assessment"], told["level_of_proof"]) == ("at_risk", "evidence_provided")


def test_an_older_answer_that_is_published_late_is_counted_in_what_later_ones_added():
    commitment = scenarios.commitment(cadence="quarterly")
    with on(date(2025, 9, 1)):
        scenarios.tick()
        older = scenarios.told(commitment, value=10)
    with on(date(2025, 12, 1)):
        scenarios.tick()
        newer = scenarios.published(commitment, value=14)
        assert item(newer.key)["period_value"] == "14"
        seen = {act.key: act.content for act in updates.entries_to_append(older)}
        updates.approve(older, by=factories.officer())
    assert item(older.key)["period_value"] == "10"
    assert item(newer.key)["period_value"] == "4"
    assert seen[newer.key]["period_value"] == "4"  # the officer has read it before


def test_the_author_is_thanked_with_the_number_and_the_hash_of_the_entry(sink):
    commitment = scenarios.commitment()
    with on(DUE):
        update = scenarios.published(commitment)
        scenarios.tick()
    [email] = sink.emails()
    words = email.get_body(("plain",)).get_content()
    assert email["To"] == "asha@brookfield.example"
    assert f"Entry  {Record.objects.get(pk=update.key).entry}" in words
    assert publishing.head().hash in words
    assert f"/{commitment.key}" in words


def test_returned_update_keeps_the_day_it_first_came_and_is_sent_again(sink):
    commitment = scenarios.commitment()
    with on(DUE):
        update = scenarios.told(commitment)
        updates.return_with_comments(update, by=factories.officer(), comments="Which college?")
        scenarios.tick()
    assert "Which college?" in sink.emails()[0].get_body(("plain",)).get_content()
    with on(DUE + timedelta(days=9)):
        begun = updates.expected_update(commitment, clock.today())
        assert begun == update
        again = scenarios.told(commitment, narrative="Fourteen at South City College.")
        updates.approve(again, by=factories.officer())
    assert item(update.period.key)["received_on"] == "2026-06-01"
    assert item(update.key)["narrative"] == "Fourteen at South City College."


def test_an_answer_is_for_the_newest_period_asked_for_and_the_older_one_was_never_answered():
    commitment = scenarios.commitment(cadence="quarterly")
    with on(date(2025, 11, 10)):
        scenarios.tick()
        update = scenarios.published(commitment)
    states = Record.objects.filter(kind="period").with_state(date(2025, 11, 10)).order_by("from_on")
    assert update.period.starts_on == date(2025, 9, 1)
    assert [record.state for record in states] == ["not_received", "received"]


def test_a_second_click_changes_nothing():
    commitment = scenarios.commitment()
    with on(DUE):
        update = scenarios.told(commitment)
        entries = Entry.objects.count()
        updates.submit(update, by=factories.asha())
        assert Entry.objects.count() == entries
        updates.approve(update, by=factories.officer())
        entries = Entry.objects.count()
        updates.approve(update, by=factories.officer())
        assert Entry.objects.count() == entries
        assert Message.objects.filter(key=f"receipt:{update.key}").count() == 1


def test_a_colleague_who_saves_an_older_form_is_told():
    commitment = scenarios.commitment()
    with on(DUE):
        begun = updates.start_draft(commitment, by=factories.asha())
        updates.save_draft(begun, by=factories.asha(), version=1, value=14)
        with pytest.raises(StaleError) as refused:
            updates.save_draft(begun, by=factories.ben(), version=1, value=15)
    assert refused.value.current.value == 14


def test_two_people_who_begin_at_once_begin_the_same_update():
    commitment = scenarios.commitment()
    with on(DUE):
        assert updates.start_draft(commitment, by=factories.asha()) == updates.start_draft(
            commitment, by=factories.ben()
        )


def test_a_draft_that_was_never_sent_moves_to_the_period_that_is_asked_for():
    commitment = scenarios.commitment(cadence="quarterly")
    with on(date(2025, 8, 20)):
        draft = updates.start_draft(commitment, by=factories.asha())
    with on(date(2025, 11, 20)):
        scenarios.tick()
        assert updates.start_draft(commitment, by=factories.asha()) == draft
        draft.refresh_from_db()
    assert draft.period.starts_on == date(2025, 9, 1)


def test_strangers_and_the_council_cannot_tell_the_update_and_signatories_cannot_publish_it():
    commitment = scenarios.commitment()
    with on(DUE):
        for stranger in (factories.cara(), factories.officer(), factories.grace()):
            with pytest.raises(NotAllowedError):
                updates.start_draft(commitment, by=stranger)
        update = scenarios.told(commitment)
        with pytest.raises(NotAllowedError):
            updates.approve(update, by=factories.asha())


def test_update_of_a_commitment_that_was_withdrawn_is_not_published():
    commitment = scenarios.commitment()
    with on(DUE):
        update = scenarios.told(commitment)
        change = factories.proposed_change(
            commitment, action=Change.Action.WITHDRAW, reason="We close down.", values={}
        )
        changes.approve(change, by=factories.officer())
        with pytest.raises(WrongStateError):
            updates.approve(update, by=factories.officer())


def test_a_signatory_that_answers_can_be_reached():
    commitment = scenarios.commitment()
    with on(DUE):
        bounces.record_bounce(Message(recipient="asha@brookfield.example"))
        assert scenarios.reporting_of(commitment) == "unreachable"
        scenarios.told(commitment)
        assert scenarios.reporting_of(commitment) == "up_to_date"


class TestTheMailboxOfWhoAnswers:
    """It refused our email before; from then on it is asked again, and what it does is public."""

    @pytest.fixture
    def answered(self, sink):
        commitment = scenarios.commitment(cadence="quarterly")
        with on(DUE):
            bounces.record_bounce(Message(recipient="asha@brookfield.example"))
            scenarios.told(commitment)
        return commitment

    def test_it_gets_the_next_request(self, answered, sink):
        with on(date(2026, 8, 3)):
            scenarios.tick()
        assert [email["To"] for email in sink.emails()] == ["asha@brookfield.example"]

    def test_when_it_refuses_that_too_the_public_reads_so(self, answered):
        with on(date(2026, 8, 3)):
            bounces.record_bounce(Message(recipient="asha@brookfield.example"))
            assert scenarios.reporting_of(answered) == "unreachable"


def test_a_success_is_a_story_of_its_own_with_the_council_in_between():
    commitment = scenarios.commitment()
    asha, dev = factories.asha(), factories.officer()
    with on(DUE):
        story = successes.save_draft(
            commitment,
            by=asha,
            title="Four apprentices passed their exams",
            story="All four stay with us.",
            happened_from=date(2026, 5, 20),
            people_consent="none_identifiable",
        )
        successes.submit(story, by=asha)
        successes.submit(story, by=asha)
        successes.return_with_comments(story, by=dev, comments="Which exams?")
        successes.save_draft(
            commitment, by=asha, success=story, story="Level 2 in Professional Cookery."
        )
        successes.submit(story, by=asha)
        assert not Record.objects.filter(kind="success").exists()
        successes.approve(story, by=dev)
    told = item(story.key)
    assert told["story"] == "Level 2 in Professional Cookery."
    assert told["commitments"] == [commitment.key]
    assert told["level_of_proof"] == "self_reported"


def test_what_a_support_body_sends_says_so_in_public():
    commitment = scenarios.commitment()
    with on(DUE):
        sent = scenarios.published(commitment, by=factories.ines())
        page = Client().get(f"/commitments/{commitment.key}").text
    assert item(sent.key)["sent_on_behalf_by"] == "Canal Side Chamber"
    assert "Sent by Canal Side Chamber for Brookfield Catering" in page
