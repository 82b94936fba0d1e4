"""/health returns 200 while everything works, or 503 with a list of problems."""

import time

import pytest
from django.db import DatabaseError

from registry import tasks
from registry.log.verifying import Fault
from registry.operations import broker, celery, health, ticks

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_ticks_yet():
    with broker.broker_client() as redis:
        redis.delete(broker.LAST_TICKS)


def record_all_ticks(seconds_ago: int = 0) -> None:
    with broker.broker_client() as redis:
        for task in ticks.scheduled_ticks():
            redis.hset(broker.LAST_TICKS, task.name, int(time.time()) - seconds_ago)


def test_health_is_ok_while_all_tasks_run(client):
    record_all_ticks()
    response = client.get("/health")
    assert response.status_code == 200
    assert response.json() | {"last_tick": 0} == {
        "status": "ok",
        "head": 0,
        "last_tick": 0,
        "problems": [],
    }


def test_health_page_is_not_cached_and_sets_no_cookie(client):
    response = client.get("/health")
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies


def test_health_reports_a_task_that_has_never_run(client):
    response = client.get("/health")
    assert response.status_code == 503
    assert "charter.tasks.drain_outbox has not run yet." in response.json()["problems"]


def test_health_reports_a_stopped_task_after_some_minutes(client):
    record_all_ticks(seconds_ago=300)
    assert client.get("/health").status_code == 200
    record_all_ticks(seconds_ago=400)
    response = client.get("/health")
    assert response.status_code == 503
    assert (
        "charter.tasks.drain_outbox last went well 400 seconds ago." in response.json()["problems"]
    )


def test_successful_task_records_its_tick():
    tasks.write_ledger.apply(throw=True)
    assert health.tick_ages()["registry.tasks.write_ledger"] <= 1


def test_failed_verification_records_no_tick(monkeypatch):
    monkeypatch.setattr(tasks.verifying, "verify", lambda: [Fault(7, "its hash is wrong")])
    tasks.verify_register.apply()
    assert "registry.tasks.verify_register" not in health.tick_ages()


def test_health_reports_a_lost_broker(client, settings):
    nowhere = "redis+socket:///nowhere?virtual_host=0"
    settings.REDIS_URL = nowhere
    response = client.get("/health")
    assert response.status_code == 503
    assert response.json()["problems"] == ["The broker (Redis or Valkey) does not answer."]


def test_health_reports_a_lost_database(client, monkeypatch):
    record_all_ticks()

    def fail(*args, **kwargs):
        raise DatabaseError

    monkeypatch.setattr(health.Entry.objects, "aggregate", fail)
    response = client.get("/health")
    assert response.status_code == 503
    assert response.json()["problems"] == ["The database does not answer."]


def test_beat_starts_each_task_at_its_interval_and_on_its_queue():
    celery.app.finalize()
    schedule = celery.app.conf.beat_schedule
    assert {name: line["schedule"] for name, line in schedule.items()} == {
        task.name: task.every for task in ticks.scheduled_ticks()
    }
    assert len(schedule) > 10
    for name, task in ticks.TICKS.items():
        assert celery.app.amqp.router.route({}, name)["queue"].name == task.queue
        assert isinstance(celery.app.tasks[name], ticks.Tick)


def test_only_production_opens_links_of_evidence(settings):
    [links] = ticks.ticks_of_queues(["links"])
    assert links not in ticks.scheduled_ticks()
    settings.PRODUCTION = True
    assert links in ticks.scheduled_ticks()
