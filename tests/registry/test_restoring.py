"""A register that was restored from a backup stands still until what it lacks is put back."""

from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from charter.actions import commitments
from charter.models import Message
from charter.workflow import CommitmentStatus, MessageState
from registry.log import ledger, publishing, verifying
from registry.models import Entry, Record
from reporting.models import Reminder
from tests import factories
from tests.reporting import scenarios
from tests.visitors import at_the_desk

pytestmark = pytest.mark.django_db


@contextmanager
def forgotten_by_the_database():
    """Let what happens in the block be after the backup: the ledger alone remembers it."""
    ledger.catch_up()
    with transaction.atomic():
        yield
        ledger.catch_up()
        transaction.set_rollback(True)


@pytest.fixture
def commitment():
    return factories.published_commitment()


def test_nothing_is_published_or_sent_while_the_database_is_behind(commitment, client, sink):
    waits = factories.submitted_commitment(title="A second kitchen")
    with forgotten_by_the_database():
        factories.published_commitment(title="A commitment of after the backup")
    before = publishing.head()

    with pytest.raises(publishing.FrozenError):
        commitments.approve(waits, by=factories.officer())
    with pytest.raises(CommandError, match="behind its ledger"):
        call_command("tick")
    assert publishing.head() == before
    assert sink.emails() == []
    assert "behind its ledger" in client.get("/health").content.decode()
    assert "behind its ledger" in at_the_desk().get("/council/health").content.decode()
    assert client.get(f"/commitments/{commitment.key}").status_code == 200


def test_officer_who_publishes_is_told_that_it_passes(commitment):
    waits = factories.submitted_commitment(title="A second kitchen")
    desk = at_the_desk()
    desk.raise_request_exception = False
    page = desk.get(f"/council/items/{waits.key}")
    with forgotten_by_the_database():
        factories.published_commitment(title="A commitment of after the backup")

    answer = desk.post(
        f"/council/items/{waits.key}/publish", {"seen_digest": page.context["seen_digest"]}
    )

    assert answer.status_code == 503
    waits.refresh_from_db()
    assert waits.status == CommitmentStatus.SUBMITTED


def test_what_the_ledger_remembers_is_put_back_under_its_numbers(commitment, capsys):
    with forgotten_by_the_database():
        late = factories.published_commitment(title="A commitment of after the backup")
        remembered = {entry.number: entry.hash for entry in Entry.objects.all()}

    call_command("put_back_from_ledger")

    assert "1 entries" in capsys.readouterr().out
    assert {e.number: e.hash for e in Entry.objects.filter(number__in=remembered)} == remembered
    assert verifying.verify() == []
    lost = Record.objects.get(key=late.key)
    assert lost.item is None
    assert [redaction["reason_code"] for redaction in lost.redactions] == ["lost"]
    factories.published_commitment(title="Life goes on")
    assert verifying.verify() == []


def test_redaction_is_repeated(commitment):
    with forgotten_by_the_database():
        publishing.redact(
            [Record.objects.get(key=commitment.key).entry], reason_code="personal_data"
        )

    assert commitment.title in Entry.objects.get(key=commitment.key).item
    publishing.restore_from_ledger()

    assert Entry.objects.get(key=commitment.key, action="publish").item is None
    assert verifying.verify() == []


def test_request_that_went_out_before_the_restore_goes_out_once(sink):
    asked = scenarios.commitment()
    with scenarios.on(scenarios.MADE_ON.replace(year=2026, month=5, day=5)):
        scenarios.tick()
        assert len(sink.emails()) == 1
        # The database of an hour ago knew of no request.
        Reminder.objects.all().delete()
        Message.objects.filter(kind="digest").delete()

        scenarios.tick()
    assert len(sink.emails()) == 1
    assert Message.objects.get(kind="digest").state == MessageState.SENT
    assert Reminder.objects.filter(period__commitment=asked, reason="").count() == 1
