"""Reminder steps, in days relative to the due date, and what each of them means.

The steps are data of the charter; a period keeps those of the day it began. A step means what its
position makes it, not its number: see `Stage`. All but one are sent to the update owner; those of
the second stage and later are copied to the senior sponsor. The step on which a period becomes
overdue is a task for the council and sends nothing. A period that ends with the final update has
one step more: a week before the deadline, the email that says what the page will say after it.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum

from charter.models import Charter
from registry.log.reporting import lateness
from registry.schema.code_lists import Reporting
from reporting.models import ReportingPeriod
from reporting.schedule import ANNOUNCED_DAYS


class Stage(StrEnum):
    """How far an update that has not come is along the ladder; templates have the words."""

    UPCOMING = "upcoming"  # before the due date
    DUE = "due"  # from the due date
    SECOND = "second"  # from the second step after the due date
    OVERDUE = "overdue"  # from the day on which the public page says so, once we have asked
    SILENT = "silent"  # as above


def stage_on(period: ReportingPeriod, day: date) -> Stage:
    """Return the stage of an owed period on a day."""
    late_state = lateness(period.facts_on(day), day)
    if late_state is None:
        return Stage.UPCOMING
    second_steps = sponsor_steps(period.steps)
    days_late = (day - period.due_on).days
    if late_state == Reporting.DUE and second_steps and days_late >= second_steps[0]:
        return Stage.SECOND
    return Stage(late_state)


def steps_for_new_periods(charter: Charter, *, is_final: bool) -> list[int]:
    """Return the steps for periods that begin now."""
    steps = [step for step in charter.reminder_days if step != charter.overdue_after_days]
    return with_announcement(steps, charter) if is_final else sorted(steps)


def with_announcement(steps: Iterable[int], charter: Charter) -> list[int]:
    """Return the steps with the one before the deadline, from which a final update is asked."""
    return sorted({*steps, -(charter.final_update_days + ANNOUNCED_DAYS)})


def without_announcement(steps: Iterable[int], charter: Charter) -> list[int]:
    return sorted(set(steps) - {-(charter.final_update_days + ANNOUNCED_DAYS)})


def sponsor_steps(steps: Sequence[int]) -> list[int]:
    """Return the steps copied to the senior sponsor: from the second after the due date."""
    return [step for step in steps if step > 0][1:]


def stoppable_steps(period: ReportingPeriod) -> set[int]:
    """Return the steps a contact can stop: those that announce no public sentence."""
    announcing = {*sponsor_steps(period.steps), *(period.steps[:1] if period.is_final else ())}
    return set(period.steps) - announcing
