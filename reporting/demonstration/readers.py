"""Scripted actions of readers, with the council's decisions.

Rows about commitments that are not seeded are skipped.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from charter.actions import error_reports, following
from charter.models import Commitment, ErrorReport, Following, User
from registry.website import follow_subjects
from reporting.demonstration import script
from reporting.redaction import actions as redactions
from reporting.redaction import search as redaction_search

ScriptRow = dict[str, Any]
CommitmentsByName = Mapping[str, Commitment]


def reader_actions(commitments: CommitmentsByName) -> Iterator[tuple[int, Callable[[], object]]]:
    """Yield the actions of readers and the council's decisions, each with its days ago."""
    for row in script.error_reports():
        yield row["reported"], partial(_report_error, row, commitments)
        if "decided" in row:
            yield row["decided"], partial(_decide_report, row)
    for row in script.follower_rows():
        yield row["asked"], partial(_follow_subject, row, commitments)
        if "confirmed" in row:
            yield row["confirmed"], partial(_confirm_following, row)


def redact_text(text: str, reason: str, found: int) -> None:
    """Redact a text everywhere, as an administrator."""
    findings = redaction_search.find_passages([text], [])
    if findings.entries:
        administrator = User.objects.get(council_role=User.CouncilRole.ADMINISTRATOR)
        redactions.redact(
            [text], [], by=administrator, reason_code=reason, seen_digest=findings.digest
        )


def _report_error(row: ScriptRow, commitments: CommitmentsByName) -> None:
    if commitment := commitments.get(row["about"]):
        texts = {name: row.get(name, "") for name in ("wrong", "right", "email")}
        error_reports.submit_report(about=commitment.key, **texts)


def _decide_report(row: ScriptRow) -> None:
    officer = User.objects.get(council_role=User.CouncilRole.OFFICER)
    for report in ErrorReport.objects.awaiting_decision().filter(wrong=row["wrong"]):
        error_reports.close_report(
            report, by=officer, put_right=row["put_right"], comments=row["comments"]
        )


def _follow_subject(row: ScriptRow, commitments: CommitmentsByName) -> None:
    """Request emails about a commitment, a ward or the whole register."""
    about = follow_subjects.REGISTER
    if "ward" in row:
        [about] = script.area_codes((row["ward"],))
    elif "about" in row:
        if row["about"] not in commitments:
            return
        about = commitments[row["about"]].key
    if subject := follow_subjects.find_subject(about):
        following.request_following(row["email"], subject)


def _confirm_following(row: ScriptRow) -> None:
    for pending in Following.objects.unconfirmed().filter(follower__email=row["email"]):
        following.confirm(pending)
