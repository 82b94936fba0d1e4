"""Scripted actions of readers, with the council's decisions.

Rows about commitments that are not seeded are skipped.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from charter import pledge
from charter.actions import acceptances, applications, error_reports, following
from charter.forms.acceptances import ApplicantAcceptanceForm
from charter.forms.council import ApplicationForm
from charter.forms.error_reports import DecisionForm, ErrorReportForm
from charter.forms.following import FollowForm
from charter.models import Charter, Commitment, ErrorReport, Following, User
from registry import clock
from registry.local import accounts
from registry.models import Record
from registry.website import follow_subjects
from reporting.demonstration import browser, script
from reporting.forms.redactions import RecordKeyForm, RedactForm
from reporting.models import ProgressUpdate
from reporting.redaction import actions as redactions
from reporting.redaction import search as redaction_search

ScriptRow = dict[str, Any]
CommitmentsByName = Mapping[str, Commitment]


def reader_actions(commitments: CommitmentsByName) -> Iterator[tuple[int, Callable[[], object]]]:
    """Yield the actions of readers and the council's decisions, each with its days ago."""
    for row in script.application_rows():
        yield row["asked"], partial(_apply_to_join, row)
    for row in script.error_reports():
        yield row["reported"], partial(_report_error, row, commitments)
        if "decided" in row:
            yield row["decided"], partial(_decide_report, row)
    for row in script.follower_rows():
        yield row["asked"], partial(_follow_subject, row, commitments)
        if "confirmed" in row:
            yield row["confirmed"], partial(_confirm_following, row)


def redact_text(text: str, reason: str, found: int) -> None:
    """Redact a text of an update everywhere, as an administrator."""
    update = ProgressUpdate.objects.filter(narrative__contains=text).first()
    if update is None:
        return
    key_form = browser.submit_form(RecordKeyForm, {"key": update.key}, seed="Redaction")
    record = Record.objects.get(key=key_form.cleaned_data["key"])
    form = browser.submit_form(
        RedactForm,
        {"passage": text, "reason_code": reason},
        seed="Redaction",
        item=record.item,
        evidence=update.evidence.all(),
    )
    administrator = User.objects.get(email=accounts.ADMINISTRATOR)
    selection = form.passages_to_remove(), form.evidence_to_erase()
    redactions.redact(
        *selection,
        by=administrator,
        reason_code=form.cleaned_data["reason_code"],
        seen_digest=redaction_search.find_passages(*selection, user=administrator).digest,
    )


def _apply_to_join(row: ScriptRow) -> None:
    typed = {name: value for name, value in row.items() if name not in ("asked", "signed")}
    seed = f"Application of {row['legal_name']}"
    form = browser.submit_form(ApplicationForm, typed, seed=seed)
    charter = Charter.objects.joinable(clock.today()).get()
    application = applications.submit_application(charter, **form.values())
    if "signed" in row:
        signed_form = browser.submit_form(
            ApplicantAcceptanceForm,
            dict.fromkeys(pledge.STATEMENTS, True) | {"name": row["signed"]},
            seed=seed,
            charter=charter,
            organisation=application.legal_name,
        )
        acceptances.sign_application(application, **signed_form.values())


def _report_error(row: ScriptRow, commitments: CommitmentsByName) -> None:
    if commitment := commitments.get(row["about"]):
        typed: ScriptRow = {n: row[n] for n in ("wrong", "right", "email") if n in row}
        form = browser.submit_form(
            ErrorReportForm, typed, seed=f"Error report about {row['about']}"
        )
        error_reports.submit_report(about=commitment.key, **form.cleaned_data)


def _decide_report(row: ScriptRow) -> None:
    officer = User.objects.get(email=accounts.OFFICER)
    for report in ErrorReport.objects.awaiting_decision().filter(wrong=row["wrong"]):
        form = browser.submit_form(
            DecisionForm,
            {
                "found": "put_right" if row["put_right"] else "nothing_wrong",
                "comments": row["comments"],
            },
            seed=f"Decision on the error report about {row['about']}",
            report=report,
        )
        error_reports.close_report(report, by=officer, **form.decision_values())


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
        form = browser.submit_form(
            FollowForm, {"email": row["email"]}, seed=f"Follower {row['email']}"
        )
        following.request_following(form.cleaned_data["email"], subject)


def _confirm_following(row: ScriptRow) -> None:
    for pending in Following.objects.unconfirmed().filter(follower__email=row["email"]):
        following.confirm(pending)
