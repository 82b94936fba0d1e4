"""Reminder steps, in days relative to the due date.

The steps are data of the charter; a period keeps those of the day it began. All but one are sent to
the update owner; from the second step after the due date the senior sponsor is copied. The step on
which a period becomes overdue is a task for the council and sends nothing.
"""

from charter.models import Charter
from reporting.models import ReportingPeriod


def steps_for_new_periods(charter: Charter) -> list[int]:
    """Return the steps for periods that begin now."""
    return [step for step in sorted(charter.reminder_days) if step != charter.overdue_after_days]


def sponsor_steps(period: ReportingPeriod) -> list[int]:
    """Return the steps copied to the senior sponsor: from the second after the due date."""
    return [step for step in period.steps if step > 0][1:]


def stoppable_steps(period: ReportingPeriod) -> set[int]:
    """Return the steps a contact can stop: those that announce no public state."""
    return set(period.steps) - set(sponsor_steps(period))
