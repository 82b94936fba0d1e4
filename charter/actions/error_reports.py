"""Submit and close reports of errors in the register."""

from datetime import datetime

from django.db import transaction

from charter import acts, permissions
from charter.errors import AlreadyDecidedError
from charter.mail import erasing, outbox
from charter.models import Charter, ErrorReport, Message, User
from charter.models.error_reports import RETENTION
from registry import clock
from registry.models import Record
from registry.schema.kinds import KINDS


@acts.act("error_report.submit", cause=acts.Cause.VISITOR)
def submit_report(*, about: str, wrong: str, right: str, email: str) -> ErrorReport:
    """Submit a reader's report. Idempotent: equal texts make one open report."""
    report, _ = ErrorReport.objects.awaiting_decision().get_or_create(
        about=about,
        wrong=wrong,
        right=right,
        email=email,
        defaults={"charter": _charter_of(about), "reported_at": clock.now()},
    )
    return report


def _charter_of(key: str) -> Charter | None:
    """Return the charter that a record belongs to, or None if its text was removed."""
    record = Record.objects.filter(pk=key).first()
    while record and (parent := KINDS[record.kind].parent):
        record = Record.objects.filter(pk=getattr(record, parent)).first()
    return Charter.objects.filter(key=record.key).first() if record else None


@acts.act("error_report.answer")
def close_report(
    report: ErrorReport, *, by: User, put_right: bool, comments: str = ""
) -> ErrorReport:
    """Close a report and email the comments to the reader, if there is an address. Idempotent."""
    permissions.check(by, "error_report.answer", report.charter)
    report = ErrorReport.objects.select_for_update(of=["self"]).get(pk=report.pk)
    if report.decided_at:
        if report.put_right != put_right:
            raise AlreadyDecidedError
        return report
    report.put_right = put_right
    report.decided_at = clock.now()
    report.decided_by = by
    report.save()
    if report.email:
        outbox.queue_from_template(
            "error_report_response",
            key=f"error_report_response:{report.identity}",
            recipient=report.email,
            authority=report.charter.authority if report.charter else None,
            context={"report": report, "comments": comments},
        )
    return report


@transaction.atomic
def delete_old_reports(now: datetime) -> None:
    """Delete reports decided more than a year ago, and erase the emails about them."""
    ErrorReport.objects.past_retention(now).delete()
    erasing.erase_content(
        Message.objects.filter(kind="error_report_response", created_at__lt=now - RETENTION)
    )
