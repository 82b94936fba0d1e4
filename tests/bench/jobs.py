"""What the register does by itself, each in a process of its own: seconds, CPU and most memory."""

import json
import os
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.bench import servers
from tests.bench.servers import ROOT

PUBLICATIONS = 40
TOGETHER = 1000  # entries of one publication
NOTICE = "N-BENCH0"
EMAILS, EMAIL_TEXT = 300, "Please send your update.\r\n" * 40
LONGEST_DRAIN = 20  # seconds of CPU


@dataclass(frozen=True)
class Job:
    """What a job took: seconds, CPU of its process and of PostgreSQL, and its memory in MB."""

    seconds: float
    cpu: float
    database: float
    memory: float
    result: Any


def run_job(name: str, postgres: int) -> Job:
    """Run one of JOBS in a new process."""
    before = servers.cpu_seconds(postgres)
    start = time.perf_counter()
    command = [sys.executable, "-m", "tests.bench.jobs", name]
    output = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    seconds = time.perf_counter() - start
    answer = json.loads(output.splitlines()[-1])
    database = servers.cpu_seconds(postgres) - before
    return Job(seconds, answer["cpu"], database, answer["memory"], answer["result"])


def publish_again(number: int) -> None:
    """Publish one entry: a new text of a notice, so that every page is made again."""
    from registry.log import publishing

    publishing.publish([_notice(NOTICE, f"Text {number} of {time.time_ns()}.")])


def _notice(key: str, text: str) -> Any:
    from registry.log.publishing import NewEntry
    from registry.models import Record

    commitment = Record.objects.of_kind("commitment").order_by("first_entry").first()
    content = {
        "charter": commitment.charter,
        "type": "featured",
        "about": commitment.key,
        "title": "Featured by the council",
        "text": text,
        "dated_on": "2026-01-01",
    }
    return NewEntry("notice", key, "publish", content)


def verify_register() -> int:
    """Verify the whole log; return the number of its entries."""
    from registry.log import publishing, verifying

    if faults := verifying.verify():
        raise ValueError(f"The register has faults: {faults[:3]}")
    return publishing.head().number


def hash_entries() -> int:
    """Hash each item once, which is the least that a verification can do."""
    from registry.log.canonical import hash_item
    from registry.models import Entry

    texts = list(Entry.objects.values_list("item", flat=True)[:100_000])
    start = time.process_time()
    for text in texts:
        hash_item(text)
    return round(len(texts) / (time.process_time() - start))


def publish_singly() -> float:
    """Publish entries one by one; return the milliseconds of waiting for each."""
    publish_again(0)
    start = time.perf_counter()
    for number in range(PUBLICATIONS):
        publish_again(number)
    return (time.perf_counter() - start) * 1000 / PUBLICATIONS


def publish_together() -> float:
    """Publish a thousand new notices at once; return the milliseconds of waiting for each."""
    from registry.log import keys, publishing

    entries = [_notice(keys.new_key("notice"), f"Notice {number}.") for number in range(TOGETHER)]
    start = time.perf_counter()
    publishing.publish(entries)
    return (time.perf_counter() - start) * 1000 / TOGETHER


def insert_singly() -> float:
    """Insert rows like entries one by one; return the milliseconds of waiting for each."""
    from django.db import connection

    columns = "number, at, kind, key, action, item, item_hash, hash"
    statement = (
        f"INSERT INTO peers.entry ({columns}) "  # noqa: S608 - no part of it is user input
        f"SELECT {columns} FROM registry_entry ORDER BY number DESC LIMIT 1"
    )
    with connection.cursor() as cursor:
        start = time.perf_counter()
        for _ in range(PUBLICATIONS):
            cursor.execute(statement)
        return (time.perf_counter() - start) * 1000 / PUBLICATIONS


def idle_ticks() -> dict[str, float]:
    """Run each tick twice; return the milliseconds of SQL of the second time, by its name."""
    from celery import current_app
    from django.db import connections

    from registry.operations import celery, ticks  # noqa: F401 - celery configures the tasks

    took: dict[str, float] = {}
    for tick in ticks.scheduled_ticks():
        if tick.queue == "links" or "verify" in tick.name:
            continue  # The one opens addresses, the other has a line of its own.
        function = current_app.tasks[tick.name].run
        function()
        clock = SqlClock()
        with connections["default"].execute_wrapper(clock):
            function()
        took[tick.name] = clock.seconds * 1000
    return took


class SqlClock:
    """Adds up the time that queries take."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        start = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            self.seconds += time.perf_counter() - start


def sweep_reminders() -> dict[str, float]:
    """Queue the reminders of the next working day, twice; return the emails and CPU of both."""
    from registry import clock
    from reporting.reminders import sending

    took = {}
    with clock.fixed_at(_next_sweep()):
        for run in ("first", "second"):
            start = time.process_time()
            took[run] = sending.send_due_reminders(clock.now())
            took[f"{run} cpu"] = (time.process_time() - start) * 1000
    return took


def drain_outbox() -> dict[str, float]:
    """Send what the sweep has queued; return the emails and the CPU in ms of each."""
    from charter.mail import outbox
    from charter.models import Message
    from registry import clock

    with clock.fixed_at(_latest_sweep() + timedelta(minutes=5)):
        waiting = Message.objects.due(clock.now())
        before, start = waiting.count(), time.process_time()
        while (left := waiting.count()) and time.process_time() - start < LONGEST_DRAIN:
            outbox.drain()
            if waiting.count() == left:
                break
        emails = before - waiting.count()
    return {"emails": emails, "cpu": (time.process_time() - start) * 1000 / max(emails, 1)}


def send_plainly() -> float:
    """Send emails as Django's documentation does; return the CPU in ms of each."""
    from django.core.mail import send_mail

    _use_mail_server()
    start = time.process_time()
    for number in range(EMAILS):
        send_mail("Your update is due", EMAIL_TEXT, "a@register.example", [f"{number}@b.example"])
    return (time.process_time() - start) * 1000 / EMAILS


def send_ready_bytes() -> float:
    """Send ready bytes by one connection of smtplib; return the CPU in ms of each."""
    message = f"From: a@register.example\r\nSubject: Due\r\n\r\n{EMAIL_TEXT}".encode()
    host, port = _mail_server()
    with smtplib.SMTP(host, port) as server:
        start = time.process_time()
        for number in range(EMAILS):
            server.sendmail("a@register.example", [f"{number}@b.example"], message)
        return (time.process_time() - start) * 1000 / EMAILS


def _mail_server() -> tuple[str, int]:
    host, _, port = os.environ["EMAIL_URL"].rpartition("/")[2].partition(":")
    return host, int(port)


def _use_mail_server() -> None:
    from django.conf import settings

    settings.EMAIL_HOST, settings.EMAIL_PORT = _mail_server()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"


def _next_sweep() -> datetime:
    """Return ten o'clock on the first working day that no sweep has seen."""
    from registry.working_days import next_working_day

    return _at_ten(next_working_day(_latest_sweep().date()))


def _latest_sweep() -> datetime:
    from django.db.models import Max

    from reporting.models import Reminder

    return _at_ten(Reminder.objects.aggregate(latest=Max("claimed_on"))["latest"])


def _at_ten(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 10, tzinfo=UTC)


JOBS: dict[str, Callable[[], Any]] = {
    function.__name__: function
    for function in (
        verify_register,
        hash_entries,
        publish_singly,
        publish_together,
        insert_singly,
        idle_ticks,
        sweep_reminders,
        drain_outbox,
        send_plainly,
        send_ready_bytes,
    )
}


def main(name: str) -> None:
    """Run one job, and print what it took as one line of JSON."""
    import django

    django.setup()
    result = JOBS[name]()
    took = {"cpu": time.process_time(), "memory": most_memory()}
    print(json.dumps(took | {"result": result}))


def most_memory() -> float:
    """Return the most memory of this process in MB, without that of the one that started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main(sys.argv[1])
