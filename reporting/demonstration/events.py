"""Scripted events of a seeded signatory, apart from its commitments."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from charter.actions import organisations, signatories, standing
from charter.mail import bounces
from charter.models import Commitment, Message, User
from registry import clock
from reporting.actions import delegations, letters, periods
from reporting.demonstration.submissions import SeededSignatory
from reporting.models import ReportingPeriod

SignatoriesByName = Mapping[str, SeededSignatory]


def bounce_mailbox(
    seeded: SeededSignatory, officer: User, signatories_by_name: SignatoriesByName
) -> None:
    """Record a bounce of the last email to the signatory's owner."""
    bounces.record_bounce(Message.objects.filter(recipient=seeded.seed.owner).latest("pk"))


def pause_signatory(
    seeded: SeededSignatory,
    officer: User,
    signatories_by_name: SignatoriesByName,
    days: int,
    reason: str,
) -> None:
    until = clock.today() + timedelta(days=days)
    signatories.pause(seeded.signatory, by=officer, until=until, reason=reason)
    seeded.sends_updates = False


def rename_signatory(
    seeded: SeededSignatory,
    officer: User,
    signatories_by_name: SignatoriesByName,
    name: str,
    reason: str,
) -> None:
    organisations.amend_details(
        seeded.signatory,
        by=officer,
        reason=reason,
        values={"legal_name": name},
        since=clock.today(),
    )


def extend_due_dates(
    seeded: SeededSignatory,
    officer: User,
    signatories_by_name: SignatoriesByName,
    days: int,
    reason: str,
) -> None:
    """Extend past due dates, unless the new date would be past too."""
    today = clock.today()
    owed_periods = ReportingPeriod.objects.owed().filter(
        commitment__signatory=seeded.signatory,
        due_on__lt=today,
        due_on__gt=today - timedelta(days=days),
    )
    periods.extend_due_dates(owed_periods, by=officer, days=days, reason=reason)


def delegate_update(
    seeded: SeededSignatory,
    officer: User,
    signatories_by_name: SignatoriesByName,
    title: str,
    email: str,
) -> None:
    """Ask a colleague for the update of a commitment."""
    commitment = Commitment.objects.get(signatory=seeded.signatory, title=title)
    delegations.delegate_update(commitment, by=seeded.owner, email=email)


def suspend_signatory(
    seeded: SeededSignatory,
    officer: User,
    signatories_by_name: SignatoriesByName,
    reason: str,
    plan: str,
) -> None:
    standing.suspend(seeded.signatory, by=officer, reason=reason, plan=plan)


def leave_charter(
    seeded: SeededSignatory,
    officer: User,
    signatories_by_name: SignatoriesByName,
    how: str,
    reason: str,
    successor: str,
) -> None:
    """Take the signatory out of the charter; a successor continues its commitments."""
    seeded.successor = signatories_by_name.get(successor)
    standing.leave_charter(
        seeded.signatory,
        by=officer,
        standing=how,
        reason=reason,
        successor=seeded.successor.signatory if seeded.successor else None,
        goes_on=seeded.successor is not None,
    )


def publish_letter(
    seeded: SeededSignatory, officer: User, signatories_by_name: SignatoriesByName
) -> None:
    """Publish a letter about the signatory's longest silent period."""
    silent_periods = letters.periods_without_letter(clock.today()).filter(
        commitment__signatory=seeded.signatory
    )
    letters.publish(silent_periods[0], by=officer)


# Events by the field of their `SignatorySeed`.
EVENTS_BY_FIELD: dict[str, Callable[..., Any]] = {
    "lost": bounce_mailbox,
    "paused": pause_signatory,
    "renamed": rename_signatory,
    "extended": extend_due_dates,
    "delegated": delegate_update,
    "suspended": suspend_signatory,
    "left": leave_charter,
    "letter": publish_letter,
}
