"""The year of a commitment, for tests: updates that is told, returned and published by real
actions.
"""

from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any

from charter.mail import outbox
from charter.models import Commitment, Message
from registry import clock
from registry.models import Record
from reporting import schedule
from reporting.actions import periods, updates
from reporting.models import ProgressUpdate
from reporting.reminders import sending
from tests import factories
from tests.shared_worlds import remembered

# Published on Sunday 1 June 2025 and told of every year: first due on Monday 1 June 2026.
MADE_ON = date(2025, 6, 1)


@contextmanager
def on(day: date, hour: int = 10):
    """Let it be ten o'clock in London on a day."""
    with clock.fixed_at(datetime.combine(day, time(hour), tzinfo=clock.LONDON)):
        yield


@remembered
def commitment(made_on: date = MADE_ON, **fields: Any) -> Commitment:
    """A commitment of Asha's that was published on a day, without email that waits."""
    with on(made_on):
        made = factories.published_commitment(**{"end_on": date(2029, 5, 31)} | fields)
        Message.objects.exclude(kind="digest").delete()
        periods.sync_periods(clock.now())
    return made


def tick() -> int:
    """Do what beat rings for; return how many people are asked."""
    periods.sync_periods(clock.now())
    asked = sending.send_due_reminders(clock.now())
    outbox.drain()
    return asked


@remembered
def silent(made_on: date = MADE_ON, **fields: Any) -> Commitment:
    """A commitment of Asha's that we asked about 3 and 90 days after its day, in vain."""
    asked = commitment(made_on, **fields)
    for days in (3, 90):
        due_on = asked.periods.earliest("pk").due_on
        with on(schedule.next_working_day(due_on + timedelta(days=days - 1))):
            periods.sync_periods(clock.now())
            sending.send_due_reminders(clock.now())
            while message := outbox.claim():
                outbox.record_result(message, outbox.ServerReply("after_dot", 250, "OK"))
    return asked


def told(commitment: Commitment, *, by=None, evidence=(), **fields: Any) -> ProgressUpdate:
    """An update of Asha's that waits for the council: 14 of 20, on track."""
    by = by or factories.asha()
    update = updates.start_draft(commitment, by=by)
    said = {"value": 14, "self_assessment": "on_track", "narrative": "Fourteen have started."}
    saved = updates.save_draft(
        update, by=by, version=update.version, evidence=evidence, **said | fields
    )
    return updates.submit(saved, by=by)


def published(commitment: Commitment, **fields: Any) -> ProgressUpdate:
    return updates.approve(told(commitment, **fields), by=factories.officer())


def reporting_of(commitment: Commitment) -> str:
    """What the public page says today."""
    return Record.objects.with_reporting(clock.today()).get(pk=commitment.key).reporting


LINK = {"title": "Payroll summary", "url": "https://brookfield.example/payroll", "kind": "document"}
