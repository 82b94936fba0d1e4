"""Updates from draft to publication; that one was received is public at once."""

from datetime import date, timedelta

import pytest
from django.test import Client

from charter.errors import ChangedSinceReadError, NotAllowedError, WrongStateError
from charter.models import Change, Message
from registry import clock
from registry.log import publishing
from registry.models import Entry, Record
from reporting.actions import expected_updates, successes, updates
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import LINK, on

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)


def public_item(key):
    return Record.objects.get(pk=key).item


def test_receipt_of_an_update_is_public_at_once_but_not_its_text():
    commitment = scenarios.commitment()
    with on(DUE):
        update = scenarios.submitted_update(commitment)
        assert public_item(update.period.key)["received_on"] == "2026-06-01"
        assert not Record.objects.filter(kind="update").exists()
        assert scenarios.reporting_state(commitment) == "up_to_date"


def test_published_figure_is_shown_with_the_commitment():
    commitment = scenarios.commitment()
    with on(DUE):
        update = scenarios.published_update(commitment, evidence=[LINK])
    item = public_item(update.key)
    assert item["cumulative_value"] == "14"
    assert item["period_value"] == "14"
    assert item["level_of_proof"] == "evidence_provided"
    assert item["evidence"][0]["url"] == LINK["url"]
    assert public_item(update.period.key)["update"] == update.key
    public = Record.objects.get(pk=commitment.key)
    assert public.delivery == "on_track"
    assert (public.progress["value"], public.progress["target"]) == ("14", "20")


def test_next_figure_includes_the_increase_since_the_last():
    commitment = scenarios.commitment()
    with on(DUE):
        scenarios.published_update(commitment)
    with on(date(2027, 6, 2)):
        scenarios.tick()
        update = scenarios.published_update(commitment, value=20)
    assert public_item(update.key)["period_value"] == "6"
    # A figure beyond the target does not close it: the final update does.
    assert Record.objects.get(pk=commitment.key).status == "live"


def test_no_change_repeats_the_last_update_and_confirms_the_commitment():
    commitment = scenarios.commitment()
    with on(DUE):
        scenarios.published_update(commitment, evidence=[LINK])
    with on(date(2027, 6, 2)):
        scenarios.tick()
        update = scenarios.published_update(
            commitment,
            nothing_changed=True,
            value=None,
            self_assessment="not_started",
            narrative="",
        )
    item = public_item(update.key)
    assert item["nothing_changed"] is True
    assert (item["cumulative_value"], item["self_assessment"]) == ("14", "on_track")
    assert item["level_of_proof"] == "evidence_provided"
    assert [entry.action for entry in Entry.objects.order_by("-number")[:3]] == [
        "confirm",
        "publish",
        "publish",
    ]


def test_late_publication_corrects_the_increase_of_newer_updates():
    commitment = scenarios.commitment(cadence="quarterly")
    with on(date(2025, 9, 1)):
        scenarios.tick()
        older = scenarios.submitted_update(commitment, value=10)
    with on(date(2025, 12, 1)):
        scenarios.tick()
        newer = scenarios.published_update(commitment, value=14)
        assert public_item(newer.key)["period_value"] == "14"
        preview = {entry.key: entry.content for entry in updates.entries_to_append(older)}
        factories.publish(older, by=factories.officer())
    assert public_item(older.key)["period_value"] == "10"
    assert public_item(newer.key)["period_value"] == "4"
    assert preview[newer.key]["period_value"] == "4"  # The officer saw this before approving.


def test_author_gets_the_number_and_hash_of_the_entry(sink):
    commitment = scenarios.commitment()
    with on(DUE):
        update = scenarios.published_update(commitment)
        scenarios.tick()
    [email] = sink.emails()
    body = email.get_body(("plain",)).get_content()
    assert email["To"] == "asha@brookfield.example"
    assert f"Entry  {Record.objects.get(pk=update.key).entry}" in body
    assert publishing.head().hash in body
    assert f"/{commitment.key}" in body


def test_returned_update_keeps_the_date_of_its_first_receipt(sink):
    commitment = scenarios.commitment()
    with on(DUE):
        update = scenarios.submitted_update(commitment)
        factories.return_with_comments(update, by=factories.officer(), comments="Which college?")
        scenarios.tick()
    assert "Which college?" in sink.emails()[0].get_body(("plain",)).get_content()
    with on(DUE + timedelta(days=9)):
        draft = expected_updates.expected_update(commitment, clock.today())
        assert draft == update
        again = scenarios.submitted_update(commitment, narrative="Fourteen at South City College.")
        factories.publish(again, by=factories.officer())
    assert public_item(update.period.key)["received_on"] == "2026-06-01"
    assert public_item(update.key)["narrative"] == "Fourteen at South City College."


def test_update_is_for_the_latest_due_period_only():
    commitment = scenarios.commitment(cadence="quarterly")
    with on(date(2025, 11, 10)):
        scenarios.tick()
        update = scenarios.published_update(commitment)
    states = Record.objects.filter(kind="period").with_state(date(2025, 11, 10)).order_by("from_on")
    assert update.period.starts_on == date(2025, 9, 1)
    assert [record.state for record in states] == ["not_received", "received"]


def test_submitting_or_publishing_twice_changes_nothing():
    commitment = scenarios.commitment()
    with on(DUE):
        update = scenarios.submitted_update(commitment)
        entries = Entry.objects.count()
        factories.submit(update, by=factories.asha())
        assert Entry.objects.count() == entries
        factories.publish(update, by=factories.officer())
        entries = Entry.objects.count()
        factories.publish(update, by=factories.officer())
        assert Entry.objects.count() == entries
        assert Message.objects.filter(key=f"receipt:{update.key}").count() == 1


def test_saving_an_outdated_draft_is_refused():
    commitment = scenarios.commitment()
    with on(DUE):
        draft = updates.start_draft(commitment, by=factories.asha())
        updates.save_draft(draft, by=factories.asha(), version=1, value=14)
        with pytest.raises(ChangedSinceReadError) as error:
            updates.save_draft(draft, by=factories.ben(), version=1, value=15)
    assert error.value.current.value == 14


def test_two_colleagues_start_the_same_draft():
    commitment = scenarios.commitment()
    with on(DUE):
        assert updates.start_draft(commitment, by=factories.asha()) == updates.start_draft(
            commitment, by=factories.ben()
        )


def test_unsent_draft_moves_to_the_period_now_due():
    commitment = scenarios.commitment(cadence="quarterly")
    with on(date(2025, 8, 20)):
        draft = updates.start_draft(commitment, by=factories.asha())
    with on(date(2025, 11, 20)):
        scenarios.tick()
        assert updates.start_draft(commitment, by=factories.asha()) == draft
        draft.refresh_from_db()
    assert draft.period.starts_on == date(2025, 9, 1)


def test_only_owners_and_editors_draft_and_only_the_council_publishes():
    commitment = scenarios.commitment()
    with on(DUE):
        for stranger in (factories.cara(), factories.officer(), factories.grace()):
            with pytest.raises(NotAllowedError):
                updates.start_draft(commitment, by=stranger)
        update = scenarios.submitted_update(commitment)
        with pytest.raises(NotAllowedError):
            factories.publish(update, by=factories.asha())


def test_update_of_a_withdrawn_commitment_cannot_be_published():
    commitment = scenarios.commitment()
    with on(DUE):
        update = scenarios.submitted_update(commitment)
        change = factories.proposed_change(
            commitment, action=Change.Action.WITHDRAW, reason="We close down.", values={}
        )
        factories.publish(change, by=factories.officer())
        with pytest.raises(WrongStateError):
            factories.publish(update, by=factories.officer())


def test_update_makes_a_bounced_signatory_reachable_again():
    commitment = scenarios.commitment()
    with on(DUE):
        factories.lose_mailbox("asha@brookfield.example")
        assert scenarios.reporting_state(commitment) == "unreachable"
        scenarios.submitted_update(commitment)
        assert scenarios.reporting_state(commitment) == "up_to_date"


class TestMailboxAfterAnUpdate:
    """A mailbox that bounced gets reminders again after an update; its next bounce is public."""

    @pytest.fixture
    def commitment(self, sink):
        commitment = scenarios.commitment(cadence="quarterly")
        with on(DUE):
            factories.lose_mailbox("asha@brookfield.example")
            scenarios.submitted_update(commitment)
        return commitment

    def test_contact_gets_the_next_reminder(self, commitment, sink):
        with on(date(2026, 8, 3)):
            scenarios.tick()
        assert [email["To"] for email in sink.emails()] == ["asha@brookfield.example"]

    def test_second_bounce_makes_the_signatory_unreachable_again(self, commitment):
        with on(date(2026, 8, 3)):
            factories.lose_mailbox("asha@brookfield.example")
            assert scenarios.reporting_state(commitment) == "unreachable"


def test_success_is_reviewed_and_published_separately():
    commitment = scenarios.commitment()
    asha, dev = factories.asha(), factories.officer()
    with on(DUE):
        success = successes.save_draft(
            commitment,
            by=asha,
            title="Four apprentices passed their exams",
            story="All four stay with us.",
            happened_from=date(2026, 5, 20),
            people_consent="none_identifiable",
        )
        factories.submit(success, by=asha)
        factories.submit(success, by=asha)
        factories.return_with_comments(success, by=dev, comments="Which exams?")
        successes.save_draft(
            commitment, by=asha, success=success, story="Level 2 in Professional Cookery."
        )
        factories.submit(success, by=asha)
        assert not Record.objects.filter(kind="success").exists()
        factories.publish(success, by=dev)
    item = public_item(success.key)
    assert item["story"] == "Level 2 in Professional Cookery."
    assert item["commitments"] == [commitment.key]
    assert item["level_of_proof"] == "self_reported"


def test_update_sent_by_a_support_body_says_so():
    commitment = scenarios.commitment()
    with on(DUE):
        update = scenarios.published_update(commitment, by=factories.ines())
        page = Client().get(f"/commitments/{commitment.key}").text
    assert public_item(update.key)["sent_on_behalf_by"] == "Canal Side Chamber"
    assert "Sent by Canal Side Chamber on behalf of Brookfield Catering" in page
