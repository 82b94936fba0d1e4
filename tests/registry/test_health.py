"""/health tells whether everything works, and if not, what."""

import time

import pytest
from django.db import DatabaseError

from registry import tasks
from registry.log.verifying import Fault
from registry.operations import broker, celery, health

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_ticks_yet():
    with broker.broker_client() as redis:
        redis.delete(broker.LAST_TICKS)


def ring_all(seconds_ago: int = 0) -> None:
    with broker.broker_client() as redis:
        for task in celery.app.conf.beat_schedule:
            redis.hset(broker.LAST_TICKS, task, int(time.time()) - seconds_ago)


def test_all_is_well_when_the_clock_ticks(client):
    ring_all()
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json() | {"last_tick": 0} == {
        "status": "ok",
        "head": 0,
        "last_tick": 0,
        "problems": [],
    }


def test_it_is_never_cached_and_sets_no_cookie(client):
    answer = client.get("/health")
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies


def test_a_worker_that_has_not_run_yet_is_a_fault(client):
    answer = client.get("/health")
    assert answer.status_code == 503
    assert "charter.tasks.drain_outbox has not run yet." in answer.json()["problems"]


def test_a_worker_that_has_stopped_is_a_fault_after_some_minutes(client):
    ring_all(seconds_ago=300)
    assert client.get("/health").status_code == 200
    ring_all(seconds_ago=400)
    answer = client.get("/health")
    assert answer.status_code == 503
    assert "charter.tasks.drain_outbox last went well 400 seconds ago." in answer.json()["problems"]


def test_a_task_that_goes_well_is_noted():
    tasks.write_ledger.apply(throw=True)
    assert health.tick_ages()["registry.tasks.write_ledger"] <= 1


def test_a_log_that_does_not_hold_is_not_noted_as_verified(monkeypatch):
    monkeypatch.setattr(tasks.verifying, "verify", lambda: [Fault(7, "its hash is wrong")])
    tasks.verify_register.apply()
    assert "registry.tasks.verify_register" not in health.tick_ages()


def test_a_lost_broker_is_named(client, monkeypatch):
    nowhere = "redis+socket:///nowhere?virtual_host=0"
    monkeypatch.setattr(celery.app.conf, "broker_write_url", nowhere)
    answer = client.get("/health")
    assert answer.status_code == 503
    assert answer.json()["problems"] == ["The broker (Redis or Valkey) does not answer."]


def test_a_lost_database_is_named(client, monkeypatch):
    ring_all()

    def fail(*arguments, **more):
        raise DatabaseError

    monkeypatch.setattr(health.Entry.objects, "aggregate", fail)
    answer = client.get("/health")
    assert answer.status_code == 503
    assert answer.json()["problems"] == ["The database does not answer."]
