"""What happens to a signatory of the demonstration besides its commitments, by the script's
word.
"""

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
    """Let its mailbox refuse the last email that it got."""
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
    """Move the days that are past, but not for so long that even the new one would be."""
    today = clock.today()
    owed = ReportingPeriod.objects.owed().filter(
        commitment__signatory=seeded.signatory,
        due_on__lt=today,
        due_on__gt=today - timedelta(days=days),
    )
    periods.extend_due_dates(owed, by=officer, days=days, reason=reason)


def delegate_update(
    seeded: SeededSignatory,
    officer: User,
    signatories_by_name: SignatoriesByName,
    title: str,
    email: str,
) -> None:
    """Let a colleague be asked for the update of a commitment."""
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
    """Let it leave the charter; its commitments go on with its successor, if it has one."""
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
    """Publish a letter on the commitment of which it has been silent for longest."""
    silent = letters.periods_without_letter(clock.today()).filter(
        commitment__signatory=seeded.signatory
    )
    letters.publish(silent[0], by=officer)


# By the field of the script that tells of it.
BY_FIELD: dict[str, Callable[..., Any]] = {
    "lost": bounce_mailbox,
    "paused": pause_signatory,
    "renamed": rename_signatory,
    "extended": extend_due_dates,
    "delegated": delegate_update,
    "suspended": suspend_signatory,
    "left": leave_charter,
    "letter": publish_letter,
}
