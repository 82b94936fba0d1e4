"""Officers see how the register is, and what needs them."""

import time
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from charter.mail import outbox
from registry import clock
from registry.operations import broker, celery
from reporting import schedule
from reporting.views.health import TASK_LABELS
from tests import factories
from tests.visitors import at_the_desk

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def council():
    client = at_the_desk()
    factories.charter()
    with broker.broker_client() as redis:
        redis.delete(broker.LAST_TICKS)
        for task in celery.app.conf.beat_schedule:
            redis.hset(broker.LAST_TICKS, task, int(time.time()))
    outbox.drain()
    outbox.Message.objects.all().delete()
    return client


def shown(council: Client) -> str:
    with clock.fixed_at(NOON):
        answer = council.get("/council/health")
    assert answer.status_code == 200
    return answer.content.decode()


def test_all_is_well(council):
    page = shown(council)
    assert "All is well." in page
    assert "every hash was right" in page
    assert "Send the email that is due" in page
    assert "less than a minute ago" in page
    assert ".tasks." not in page
    assert "gigabytes" in page


def test_email_that_waits_too_long_and_a_task_that_is_late_need_a_person(council):
    with clock.fixed_at(NOON - timedelta(minutes=20)):
        outbox.queue(
            kind="returned", key="returned:1", recipient="a@b.example", subject="S", text="T"
        )
    with broker.broker_client() as redis:
        redis.hset(broker.LAST_TICKS, "reporting.tasks.tick_reminders", int(time.time()) - 900)
    page = shown(council)
    assert "Something needs a person." in page
    assert "Email has waited for more than 15 minutes." in page
    assert "Ask for the updates that are due: this last went well 15 minutes ago." in page
    assert "1, the oldest since 1 June 2026, 11:40 (UTC)" in page


def test_every_task_of_the_clock_has_its_words():
    assert set(celery.app.conf.beat_schedule) | {"reporting.tasks.check_links"} == set(TASK_LABELS)


def test_it_is_in_the_councils_menu(council):
    assert 'href="/council/health"' in council.get("/council").content.decode()


def test_a_disk_that_fills_and_holidays_that_run_out_need_a_person(council, monkeypatch):
    monkeypatch.setattr("reporting.views.health.FREE_DISK", 10**18)
    monkeypatch.setattr(schedule, "last_known_holiday", lambda: date(2027, 1, 1))
    page = shown(council)
    assert "Less than one gigabyte of disk is free." in page
    assert "Bank holidays are known for less than a year ahead" in page


def test_it_is_for_the_council(client):
    backend = "allauth.account.auth_backends.AuthenticationBackend"
    client.force_login(factories.asha(), backend=backend)
    assert client.get("/council/health").status_code == 403


def test_bank_holidays_are_known_to_the_end_of_2028():
    assert schedule.last_known_holiday() == date(2028, 12, 26)
