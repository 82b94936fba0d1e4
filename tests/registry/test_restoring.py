"""A register restored from a backup stops until its missing entries are back."""

from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from charter.models import Message
from charter.workflow import CommitmentStatus, MessageState
from registry.log import ledger, publishing, verifying
from registry.models import Entry, Record
from reporting.models import Reminder
from tests import factories
from tests.registry import items
from tests.reporting import scenarios
from tests.visitors import officer_client

pytestmark = pytest.mark.django_db


@contextmanager
def lost_by_the_database():
    """Undo the block in the database but not in the ledger, as a restore from a backup does."""
    ledger.catch_up()
    with transaction.atomic():
        yield
        ledger.catch_up()
        transaction.set_rollback(True)


@pytest.fixture
def commitment():
    return factories.published_commitment()


def test_database_behind_its_ledger_publishes_and_sends_nothing(commitment, client, sink):
    submitted = factories.submitted_commitment(title="A second kitchen")
    with lost_by_the_database():
        factories.published_commitment(title="A commitment of after the backup")
    before = publishing.head()

    with pytest.raises(publishing.FrozenError):
        factories.publish(submitted, by=factories.officer())
    with pytest.raises(CommandError, match="behind its ledger"):
        call_command("tick")
    assert publishing.head() == before
    assert sink.emails() == []
    assert "behind its ledger" in client.get("/health").content.decode()
    assert "behind its ledger" in officer_client().get("/council/health").content.decode()
    assert client.get(f"/commitments/{commitment.key}").status_code == 200


def test_officer_publishing_after_a_restore_sees_try_again_page(commitment):
    submitted = factories.submitted_commitment(title="A second kitchen")
    desk = officer_client()
    desk.raise_request_exception = False
    page = desk.get(f"/council/items/{submitted.key}")
    with lost_by_the_database():
        factories.published_commitment(title="A commitment of after the backup")

    response = desk.post(
        f"/council/items/{submitted.key}/publish", {"seen_digest": page.context["seen_digest"]}
    )

    assert response.status_code == 503
    submitted.refresh_from_db()
    assert submitted.status == CommitmentStatus.SUBMITTED


def test_entries_lost_in_a_restore_return_from_the_ledger(commitment, capsys):
    with lost_by_the_database():
        late = factories.published_commitment(title="A commitment of after the backup")
        hashes = {entry.number: entry.hash for entry in Entry.objects.all()}

    call_command("put_back_from_ledger")

    words = capsys.readouterr().out
    assert "1 entries were put back" in words
    assert f"until they are published again: {late.key}" in words
    assert "The register verifies." in words
    restored = Entry.objects.filter(number__in=hashes)
    assert {entry.number: entry.hash for entry in restored} == hashes
    assert verifying.verify() == []
    record = Record.objects.get(key=late.key)
    assert record.item is None
    assert [redaction["reason_code"] for redaction in record.redactions] == ["lost"]
    factories.published_commitment(title="Life goes on")
    assert verifying.verify() == []


def test_many_lost_entries_return_some_at_a_time(commitment, monkeypatch):
    monkeypatch.setattr(publishing, "ENTRIES_AT_ONCE", 1)
    with lost_by_the_database():
        publishing.publish(items.small_register())
        hashes = {entry.number: entry.hash for entry in Entry.objects.all()}

    assert publishing.restore_from_ledger() == 6
    restored = Entry.objects.filter(number__in=hashes)
    assert {entry.number: entry.hash for entry in restored} == hashes
    assert Entry.objects.filter(action="redact").count() == 6
    assert verifying.verify() == []


def test_redaction_lost_in_a_restore_is_repeated(commitment):
    with lost_by_the_database():
        publishing.redact(
            [Record.objects.get(key=commitment.key).entry], reason_code="personal_data"
        )

    assert commitment.title in Entry.objects.get(key=commitment.key).item
    publishing.restore_from_ledger()

    assert Entry.objects.get(key=commitment.key, action="publish").item is None
    assert verifying.verify() == []


def test_reminder_sent_before_the_restore_is_not_sent_again(sink):
    commitment = scenarios.commitment()
    with scenarios.on(scenarios.MADE_ON.replace(year=2026, month=5, day=5)):
        scenarios.tick()
        assert len(sink.emails()) == 1
        # The backup is from before the reminder.
        Reminder.objects.all().delete()
        Message.objects.filter(kind="reminder").delete()

        scenarios.tick()
    assert len(sink.emails()) == 1
    assert Message.objects.get(kind="reminder").state == MessageState.SENT
    assert Reminder.objects.filter(period__commitment=commitment, reason="").count() == 1
