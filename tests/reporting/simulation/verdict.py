"""Holds what the register did against what the oracle says."""

from collections import Counter

import pytest

from charter.models import Message
from charter.workflow import MessageState
from registry import clock
from reporting.models import Reminder, ReportingPeriod
from tests.reporting.simulation.oracle import Oracle, Step, is_sending_time, is_working_day, local
from tests.reporting.simulation.script import Script
from tests.reporting.simulation.world import World


def play(script: Script) -> World:
    """Live through a script with a mail server that takes everything."""
    world = World(script)
    world.live()
    return world


def check(world: World) -> dict[str, int]:
    """Fail with the differences, if there are any; return what was compared."""
    oracle = Oracle(world.script)
    expected = {
        (
            commitment.number,
            period.starts_on,
            period.due_on,
            period.received_on,
            period.waived,
        )
        for commitment in oracle.commitments
        for period in commitment.periods
    }
    numbers = {commitment.pk: number for number, commitment in world.commitments.items()}
    made = {
        (
            numbers[period.commitment_id],
            period.starts_on,
            period.due_on,
            period.received_on,
            bool(period.excused_reason),
        )
        for period in ReportingPeriod.objects.all()
    }
    check_equal("periods", expected, made)

    steps = oracle.steps()
    reminders = list(Reminder.objects.select_related("membership__user", "period", "message"))
    claimed = [
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
    check_equal("steps", steps, set(claimed))
    assert len(claimed) == len(steps), "a step was made twice"

    asked = [reminder for reminder in reminders if not reminder.reason]
    for reminder in asked:
        message = reminder.message
        assert message, f"{reminder} was lost"
        assert message.state == MessageState.SENT, f"{reminder} waits in {message.state}"
        assert message.finished_at
        assert clock.local_date(message.finished_at) == reminder.claimed_on
    digests = [email for email in world.emails if email.kind == "digest"]
    a_day = Counter((email.recipient, local(email.at).date()) for email in digests)
    assert set(a_day.values()) <= {1}, "somebody got two emails on a day"
    assert all(is_sending_time(local(email.at)) for email in digests)
    assert all(is_working_day(local(email.at).date()) for email in digests)
    assert len(digests) == Message.objects.filter(kind="digest").count()
    return {
        "hours": len(oracle.ticks),
        "promises": len(oracle.commitments),
        "periods": len(made),
        "steps": len(steps),
        "asked": len(asked),
        "mails": len(digests),
    }


def check_equal(what: str, expected: set, found: set) -> None:
    missing, surplus = sorted(expected - found, key=str), sorted(found - expected, key=str)
    if missing or surplus:
        first = [*(f"- {thing}" for thing in missing[:15]), *(f"+ {t}" for t in surplus[:15])]
        pytest.fail(
            f"{len(missing)} {what} are missing and {len(surplus)} are too many, such as\n"
            + "\n".join(first)
        )
