"""A year of one commitment: updates submitted, returned and published by the real actions."""

from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any

from charter.mail import outbox
from charter.models import Commitment, Message
from registry import clock, working_days
from registry.models import Record
from reporting.actions import periods, updates
from reporting.models import ProgressUpdate
from reporting.reminders import sending
from tests import factories
from tests.shared_worlds import cached_world

# Published on Sunday 1 June 2025 with yearly updates: the first is due on Monday 1 June 2026.
MADE_ON = date(2025, 6, 1)


@contextmanager
def on(day: date, hour: int = 10):
    """Set the register's clock to a full hour in London on a day."""
    with clock.fixed_at(datetime.combine(day, time(hour), tzinfo=clock.LONDON)):
        yield


@cached_world
def commitment(made_on: date = MADE_ON, **fields: Any) -> Commitment:
    """Return a commitment of Asha's, published on a day; no receipt waits in the outbox."""
    with on(made_on):
        commitment = factories.published_commitment(**{"end_on": date(2029, 5, 31)} | fields)
        Message.objects.exclude(kind="reminder").delete()
        periods.sync_periods(clock.now())
    return commitment


def tick() -> int:
    """Run the scheduled jobs once; return how many people are sent reminders."""
    periods.sync_periods(clock.now())
    recipients = sending.send_due_reminders(clock.now())
    outbox.drain()
    return recipients


@cached_world
def silent_commitment(made_on: date = MADE_ON, **fields: Any) -> Commitment:
    """Return a commitment of Asha's with reminders 3 and 90 days after its due date, unanswered."""
    silent = commitment(made_on, **fields)
    for days in (3, 90):
        due_on = silent.periods.earliest("pk").due_on
        with on(working_days.next_working_day(due_on + timedelta(days=days - 1))):
            periods.sync_periods(clock.now())
            sending.send_due_reminders(clock.now())
            while message := outbox.claim():
                outbox.record_result(message, outbox.ServerReply("after_dot", 250, "OK"))
    return silent


def submitted_update(
    commitment: Commitment, *, by=None, evidence=(), final=None, **fields: Any
) -> ProgressUpdate:
    """Submit an update of Asha's for review: 14 of 20, on track."""
    by = by or factories.asha()
    draft = updates.start_draft(commitment, by=by, final=final)
    defaults = {"value": 14, "self_assessment": "on_track", "narrative": "Fourteen have started."}
    draft = updates.save_draft(
        draft, by=by, version=draft.version, evidence=evidence, **defaults | fields
    )
    return factories.submit(draft, by=by)


def published_update(commitment: Commitment, **fields: Any) -> ProgressUpdate:
    return factories.publish(submitted_update(commitment, **fields), by=factories.officer())


def reporting_state(commitment: Commitment) -> str:
    """Return the reporting state on today's public page."""
    return Record.objects.with_reporting(clock.today()).get(pk=commitment.key).reporting


LINK = {"title": "Payroll summary", "url": "https://brookfield.example/payroll", "kind": "document"}
