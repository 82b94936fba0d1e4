"""Compares the register's rows and emails with the oracle's."""

import re
from collections import Counter, defaultdict
from datetime import timedelta

import pytest

from charter.models import Act, Announcement, Message
from charter.workflow import MessageState
from registry import clock
from registry.models import Entry
from reporting.models import Reminder, ReportingPeriod
from tests.reporting.simulation.british_calendar import is_sending_time, is_working_day, local
from tests.reporting.simulation.oracle import Commitment, Oracle, Step
from tests.reporting.simulation.script import Script
from tests.reporting.simulation.world import World

DAY, WEEK = timedelta(days=1), timedelta(days=7)


def play(script: Script) -> World:
    """Run a script on a register whose mail server accepts everything."""
    world = World(script)
    world.run()
    return world


def check(world: World) -> dict[str, int]:
    """Fail with the differences, if any; return how much of each kind was compared."""
    oracle = Oracle(world.script)
    expected = {
        (
            commitment.number,
            period.starts_on,
            period.due_on,
            period.received_on,
            period.excused,
        )
        for commitment in oracle.commitments
        for period in commitment.periods
    }
    numbers = {commitment.pk: number for number, commitment in world.commitments.items()}
    actual = {
        (
            numbers[period.commitment_id],
            period.starts_on,
            period.due_on,
            period.received_on,
            bool(period.excused_reason),
        )
        for period in ReportingPeriod.objects.all()
    }
    check_equal("periods", expected, actual)

    recorded = set(Act.objects.values_list("number", flat=True))
    causes = set(Entry.objects.values_list("act", flat=True))
    assert causes <= recorded, "an entry has no cause"

    steps = oracle.steps()
    reminders = list(Reminder.objects.select_related("membership__user", "period", "message"))
    actual_steps = [
        Step(
            reminder.membership.user.email,
            numbers[reminder.period.commitment_id],
            reminder.period.starts_on,
            reminder.due_on,
            reminder.step,
            reminder.claimed_on,
            reminder.reason,
        )
        for reminder in reminders
    ]
    check_equal("steps", steps, set(actual_steps))
    assert len(actual_steps) == len(steps), "a step was made twice"

    sent = [reminder for reminder in reminders if not reminder.reason]
    for reminder in sent:
        message = reminder.message
        assert message, f"{reminder} was lost"
        assert message.state == MessageState.SENT, f"{reminder} waits in {message.state}"
        assert message.finished_at
        assert clock.local_date(message.finished_at) == reminder.claimed_on
    check_announced(world, oracle, steps)
    reminders = [email for email in world.emails if email.kind == "reminder"]
    emails_a_day = Counter((email.recipient, local(email.at).date()) for email in reminders)
    assert set(emails_a_day.values()) <= {1}, "someone got two emails on a day"
    assert all(is_sending_time(local(email.at)) for email in reminders)
    assert all(is_working_day(local(email.at).date()) for email in reminders)
    assert len(reminders) == Message.objects.filter(kind="reminder").count()
    return {
        "hours": len(oracle.ticks),
        "commitments": len(oracle.commitments),
        "periods": len(actual),
        "steps": len(steps),
        "reminders": len(sent),
        "emails": len(reminders),
        "accusations": len(world.accusations),
    }


def check_announced(world: World, oracle: Oracle, steps: set[Step]) -> None:
    """Fail if a page said something against a signatory that no email announced a week before.

    A pause that was agreed later moves the day. A deadline does not wait for an email that could
    not leave before it: without a working address, or in an outage.
    """
    announcements = Announcement.objects.sent().select_related("message")
    commitments = dict(ReportingPeriod.objects.values_list("key", "commitment__key"))
    announced = defaultdict(list)
    for announcement in announcements:
        sent_on = local(announcement.message.finished_at).date()
        announced[commitments[announcement.about], without_since(announcement.sentence)].append(
            (sent_on, announcement.public_from)
        )
    unannounced = {
        world.commitments[commitment.number].key
        for commitment in oracle.commitments
        if not was_asked_before_deadline(commitment, steps)
    }
    for (key, sentence), said_on in world.accusations.items():
        is_deadline = sentence.startswith("Deadline")
        # What a deadline brings is announced on a working day of the week before.
        ahead = DAY if is_deadline else WEEK
        assert (
            is_deadline
            and key in unannounced
            or any(
                sent_on + ahead <= public_from <= said_on
                for sent_on, public_from in announced[key, without_since(sentence)]
            )
        ), f"{key} says “{sentence}” on {said_on}, and no email announced it"


def was_asked_before_deadline(commitment: Commitment, steps: set[Step]) -> bool:
    """Return True if the oracle expects an email about the final update by the deadline."""
    final_starts = {period.starts_on for period in commitment.periods if period.is_final}
    return any(
        step.commitment == commitment.number
        and step.starts_on in final_starts
        and step.claimed_on <= commitment.end_on
        and not step.reason
        for step in steps
    )


def without_since(sentence: str) -> str:
    """Return "Overdue, an update was due on 1 June": the day can have moved, the rest not."""
    state, _, rest = sentence.partition(":")
    return f"{state.split()[0]},{re.sub(' [0-9]{4}', '', rest)}"


def check_equal(kind: str, expected: set, actual: set) -> None:
    missing, surplus = sorted(expected - actual, key=str), sorted(actual - expected, key=str)
    if missing or surplus:
        first = [*(f"- {row}" for row in missing[:15]), *(f"+ {row}" for row in surplus[:15])]
        pytest.fail(
            f"{len(missing)} {kind} are missing and {len(surplus)} are too many, such as\n"
            + "\n".join(first)
        )
