"""What readers of the demonstration do, and what the council makes of it, by the script's word.

Of promises of signatories that do not play they say nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from charter.actions import error_reports, following
from charter.models import Commitment, ErrorReport, Following, User
from registry.website import subjects
from reporting import redaction
from reporting.actions import redactions
from reporting.demonstration import script

Told = dict[str, Any]
Promises = Mapping[str, Commitment]


def plan(promises: Promises) -> Iterator[tuple[int, Callable[[], object]]]:
    """Yield what readers do, and the council with their reports, each with its day: so many ago."""
    for told in script.error_reports():
        yield told["told"], partial(_report, told, promises)
        if "decided" in told:
            yield told["decided"], partial(_decide, told)
    for told in script.followers():
        yield told["asked"], partial(_follow, told, promises)
        if "confirmed" in told:
            yield told["confirmed"], partial(_confirm, told)


def take_out(text: str, reason: str, found: int) -> None:
    """Let an administrator take out, wherever it stands, what should never have been public."""
    everywhere = redaction.find([text], [])
    if everywhere.entries:
        administrator = User.objects.get(council_role=User.CouncilRole.ADMINISTRATOR)
        redactions.redact([text], [], by=administrator, reason_code=reason, read=everywhere.digest)


def _report(told: Told, promises: Promises) -> None:
    if promise := promises.get(told["about"]):
        words = {name: told.get(name, "") for name in ("wrong", "right", "email")}
        error_reports.report(about=promise.key, **words)


def _decide(told: Told) -> None:
    officer = User.objects.get(council_role=User.CouncilRole.OFFICER)
    for report in ErrorReport.objects.waiting().filter(wrong=told["wrong"]):
        error_reports.decide(report, by=officer, put_right=told["put_right"], words=told["words"])


def _follow(told: Told, promises: Promises) -> None:
    """Let somebody ask for mails about a promise, a ward or the whole register."""
    about = subjects.REGISTER
    if "ward" in told:
        [about] = script.codes((told["ward"],))
    elif "about" in told:
        if told["about"] not in promises:
            return
        about = promises[told["about"]].key
    if subject := subjects.find(about):
        following.ask(told["email"], subject)


def _confirm(told: Told) -> None:
    for asked in Following.objects.waiting().filter(follower__email=told["email"]):
        following.confirm(asked)
