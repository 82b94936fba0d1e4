"""What happens to a signatory of the demonstration besides its promises, by the script's word."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from charter.actions import bounces, organisations, signatories, standing
from charter.models import Commitment, Message, User
from registry import clock
from reporting.actions import delegations, letters, periods
from reporting.demonstration.firm import Troupe
from reporting.models import ReportingPeriod

Troupes = Mapping[str, Troupe]


def lose(troupe: Troupe, officer: User, troupes: Troupes) -> None:
    """Let its mailbox refuse the last mail that it got."""
    bounces.record(Message.objects.filter(recipient=troupe.firm.owner).latest("pk"))


def pause(troupe: Troupe, officer: User, troupes: Troupes, days: int, reason: str) -> None:
    until = clock.today() + timedelta(days=days)
    signatories.pause(troupe.signatory, by=officer, until=until, reason=reason)
    troupe.answers = False


def rename(troupe: Troupe, officer: User, troupes: Troupes, name: str, reason: str) -> None:
    organisations.describe(
        troupe.signatory,
        by=officer,
        reason=reason,
        values={"legal_name": name},
        since=clock.today(),
    )


def extend(troupe: Troupe, officer: User, troupes: Troupes, days: int, reason: str) -> None:
    """Move the days that are past, but not for so long that even the new one would be."""
    today = clock.today()
    owed = ReportingPeriod.objects.owed().filter(
        commitment__signatory=troupe.signatory,
        due_on__lt=today,
        due_on__gt=today - timedelta(days=days),
    )
    periods.extend(owed, by=officer, days=days, reason=reason)


def delegate(troupe: Troupe, officer: User, troupes: Troupes, title: str, email: str) -> None:
    """Let a colleague be asked for the news of a promise."""
    promise = Commitment.objects.get(signatory=troupe.signatory, title=title)
    delegations.ask(promise, by=troupe.owner, email=email)


def suspend(troupe: Troupe, officer: User, troupes: Troupes, reason: str, plan: str) -> None:
    standing.suspend(troupe.signatory, by=officer, reason=reason, plan=plan)


def leave(
    troupe: Troupe, officer: User, troupes: Troupes, how: str, reason: str, successor: str
) -> None:
    """Let it leave the charter; its promises go on with its successor, if it has one."""
    troupe.heir = troupes.get(successor)
    standing.end(
        troupe.signatory,
        by=officer,
        standing=how,
        reason=reason,
        successor=troupe.heir.signatory if troupe.heir else None,
        goes_on=troupe.heir is not None,
    )


def write_to(troupe: Troupe, officer: User, troupes: Troupes) -> None:
    """Publish a letter on the promise of which it has been silent for longest."""
    silent = letters.to_write(clock.today()).filter(commitment__signatory=troupe.signatory)
    letters.publish(silent[0], by=officer)


# By the field of the script that tells of it.
BY_FIELD: dict[str, Callable[..., Any]] = {
    "lost": lose,
    "paused": pause,
    "renamed": rename,
    "extended": extend,
    "delegated": delegate,
    "suspended": suspend,
    "left": leave,
    "letter": write_to,
}
