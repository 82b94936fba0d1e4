"""Officers see the state of the register and the problems that need a person."""

import time
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from charter.mail import outbox
from registry import clock, tasks, working_days
from registry.log import ledger, publishing, verifying
from registry.models import Record
from registry.operations import broker, ticks
from tests import factories
from tests.visitors import officer_client

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def council():
    client = officer_client()
    factories.charter()
    with broker.broker_client() as redis:
        redis.delete(broker.LAST_TICKS)
        for task in ticks.scheduled_ticks():
            redis.hset(broker.LAST_TICKS, task.name, int(time.time()))
    with clock.fixed_at(NOON):
        verifying.verify_and_record()
    outbox.drain()
    outbox.Message.objects.all().delete()
    return client


def health_page(council: Client) -> str:
    with clock.fixed_at(NOON):
        response = council.get("/council/health")
    assert response.status_code == 200
    return response.content.decode()


def test_healthy_register_has_no_problem(council):
    page = health_page(council)
    assert "Everything is working" in page
    assert (
        f"Verified on 1 June 2026, 12:00 (UTC), up to entry {publishing.head().number}: no faults."
        in page
    )
    for task in ticks.scheduled_ticks():
        assert task.says in page
    assert "less than a minute ago" in page
    assert ".tasks." not in page
    assert "gigabytes" in page


def test_delayed_email_and_late_task_are_reported(council):
    with clock.fixed_at(NOON - timedelta(minutes=20)):
        outbox.queue(
            kind="returned", key="returned:1", recipient="a@b.example", subject="S", text="T"
        )
    with broker.broker_client() as redis:
        redis.hset(broker.LAST_TICKS, "reporting.tasks.send_reminders", int(time.time()) - 900)
    page = health_page(council)
    assert "Action needed" in page
    assert "Email has waited for more than 15 minutes." in page
    assert "Send reminders: this last went well 15 minutes ago." in page
    assert "1, the oldest since 1 June 2026, 11:40 (UTC)" in page


def test_a_fault_of_the_log_is_on_every_council_page_and_emailed_once(council):
    factories.administrator()
    outbox.Message.objects.all().delete()
    with clock.fixed_at(NOON):
        assert "The log is faulty" not in council.get("/council").content.decode()
        record = Record.objects.of_kind("charter").get()
        Record.objects.filter(pk=record.pk).update(delivery="met")
        verifying.verify_and_record()
        verifying.verify_and_record()
    fault = f"Entry {record.entry}: the record {record.key} differs from its entries in delivery"
    for path in ["/council", "/council/messages", "/council/health"]:
        page = council.get(path).content.decode()
        assert "The log is faulty" in page
        assert fault in page
    verified = f"Verified on 1 June 2026, 12:00 (UTC), up to entry {publishing.head().number}"
    assert f"{verified}: it is faulty." in health_page(council)

    [message] = outbox.Message.objects.all()
    assert message.recipient == "edna@council.example"
    assert message.subject == "The verification of the log found a fault"
    assert f"{fault}." in message.text
    assert "Change nothing" in message.text
    assert "the person who did it" not in message.text

    publishing.rebuild_records()
    assert "The log is faulty" in council.get("/council").content.decode()
    verifying.verify_and_record()
    assert "The log is faulty" not in council.get("/council").content.decode()


def test_officer_sees_how_far_a_verification_is(council):
    tasks.report_verification("Hashes: 10,000 of 280,067 entries")
    page = health_page(council)
    with broker.broker_client() as redis:
        redis.delete(broker.VERIFICATION)
    assert "Being verified now. Hashes: 10,000 of 280,067 entries." in page
    assert "Being verified now" not in health_page(council)


def test_a_stopped_register_is_red_on_every_council_page(council):
    ledger.catch_up()
    ledger.ledger_path().unlink()
    page = council.get("/council").content.decode()
    assert "The log is faulty" in page
    assert "The ledger of this register is not here." in page


def test_health_page_is_in_the_councils_menu(council):
    assert 'href="/council/health"' in council.get("/council").content.decode()


def test_full_disk_and_missing_bank_holidays_are_reported(council, monkeypatch):
    monkeypatch.setattr("reporting.views.health.FREE_DISK", 10**18)
    monkeypatch.setattr(working_days, "last_known_holiday", lambda: date(2027, 1, 1))
    page = health_page(council)
    assert "Less than one gigabyte of disk is free." in page
    assert "Bank holidays are known for less than a year ahead" in page


def test_signatory_cannot_open_the_health_page(client):
    backend = "allauth.account.auth_backends.AuthenticationBackend"
    client.force_login(factories.asha(), backend=backend)
    assert client.get("/council/health").status_code == 403


def test_bank_holidays_are_known_until_the_end_of_2028():
    assert working_days.last_known_holiday() == date(2028, 12, 26)
