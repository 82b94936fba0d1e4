"""/health returns 200 while everything works, or 503 with a list of problems."""

import re
import time
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError

from registry import clock, tasks
from registry.log import publishing, verifying
from registry.models import Backup, Record, Verification
from registry.operations import broker, celery, health, ticks
from tests.registry import items

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
        "verified": None,
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
    assert re.search(
        r"charter\.tasks\.drain_outbox last went well 4\d\d seconds ago\.",
        " ".join(response.json()["problems"]),
    )


def test_successful_task_records_its_tick():
    tasks.write_ledger.apply(throw=True)
    assert health.tick_ages()["registry.tasks.write_ledger"] <= 1


def problems_of(client, status: int) -> list[str]:
    response = client.get("/health")
    assert response.status_code == status
    return response.json()["problems"]


def test_health_names_the_entry_of_a_fault_until_a_verification_is_clean(client):
    publishing.publish(items.small_register())
    record_all_ticks()
    assert problems_of(client, 503) == ["The log was never verified."]
    tasks.verify_register.apply(throw=True)
    assert problems_of(client, 200) == []
    assert client.get("/health").json()["verified"] is not None

    Record.objects.filter(key="C-00001").update(delivery="met")
    verifying.verify_and_record()
    with broker.broker_client() as redis:
        redis.flushall()
    record_all_ticks()
    fault = "Entry 5: the record C-00001 differs from its entries in delivery"
    assert problems_of(client, 503) == [f"The log is faulty. {fault}."]

    publishing.rebuild_records()
    assert problems_of(client, 503) == [f"The log is faulty. {fault}."]
    call_command("verify_register")
    assert problems_of(client, 200) == []


def test_log_is_verified_once_a_day(client):
    for hours, verifications in [(0, 1), (23, 1), (25, 2)]:
        with clock.fixed_at(clock.now() + timedelta(hours=hours)):
            tasks.verify_register.apply(throw=True)
        assert Verification.objects.count() == verifications


def test_health_reports_a_log_that_was_not_verified_for_a_day(client):
    record_all_ticks()
    verifying.verify_and_record()
    with clock.fixed_at(clock.now() + timedelta(hours=24)):
        assert problems_of(client, 200) == []
    with clock.fixed_at(clock.now() + timedelta(hours=49)):
        assert problems_of(client, 503) == ["The log was last verified 2 days ago."]


def test_verification_runs_registered_checks_and_keeps_a_few_of_many_faults(monkeypatch):
    faults = [verifying.Fault(0, f"file {number} is missing") for number in range(30)]
    monkeypatch.setattr(verifying, "_checkers", [])
    verifying.register_checker(lambda: faults)
    assert verifying.verify_and_record() == faults
    assert [str(fault) for fault in verifying.open_faults()][-2:] == [
        "file 19 is missing",
        "and 10 more faults",
    ]
    assert Verification.get_latest().head == 0


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


@pytest.mark.parametrize(
    ("hours_ago", "files_hours_ago", "problem"),
    [
        (None, None, "There is no backup yet."),
        (1, 25, None),
        (3, 3, "The last backup was made 3 hours ago."),
        (1, 27, "The last backup of files was made 1 day ago."),
    ],
)
def test_health_reports_the_age_of_the_last_backup(
    client, settings, hours_ago, files_hours_ago, problem
):
    settings.PRODUCTION, settings.ALLOWED_HOSTS = True, ["*"]
    for hours, has_files in ((hours_ago, False), (files_hours_ago, True)):
        if hours:
            made_at = clock.now() - timedelta(hours=hours)
            Backup.objects.create(at=made_at, has_files=has_files)

    backups = [words for words in client.get("/health").json()["problems"] if "backup" in words]

    assert (problem in backups) if problem else not backups
