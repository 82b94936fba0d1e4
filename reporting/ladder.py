"""The steps of asking for news, in days relative to the due date, as the charter has them as data.

All but one go to the update owner; from the second notice on the senior sponsor is copied; the one
on which a period becomes overdue is the council's task and sends nothing.
"""

from charter.models import Charter


def owner_steps(charter: Charter) -> list[int]:
    return [step for step in sorted(charter.reminder_days) if step != charter.overdue_after_days]


def sponsor_steps(charter: Charter) -> list[int]:
    """Return the steps copied to the senior sponsor: from the second after the due date."""
    return [step for step in owner_steps(charter) if step > 0][1:]


def nudges(charter: Charter) -> set[int]:
    """Return the steps that a contact can stop; the others announce what the public will read."""
    return set(owner_steps(charter)) - set(sponsor_steps(charter))
