"""The steps of asking for updates, in days relative to the due date.

A charter has them as data; a period keeps those with which it began. All but one go to the update
owner; from the second notice on the senior sponsor is copied; the one on which a period becomes
overdue is the council's task and sends nothing.
"""

from charter.models import Charter
from reporting.models import ReportingPeriod


def steps_for_new_periods(charter: Charter) -> list[int]:
    """Return the steps of the periods that begin now."""
    return [step for step in sorted(charter.reminder_days) if step != charter.overdue_after_days]


def sponsor_steps(period: ReportingPeriod) -> list[int]:
    """Return the steps copied to the senior sponsor: from the second after the due date."""
    return [step for step in period.steps if step > 0][1:]


def stoppable_steps(period: ReportingPeriod) -> set[int]:
    """Return the steps that a contact can stop; the others announce what the public will read."""
    return set(period.steps) - set(sponsor_steps(period))
