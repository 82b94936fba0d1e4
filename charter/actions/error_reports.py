"""Report an error in the register; the council decides and answers the reader."""

from datetime import datetime

from django.db import transaction

from charter import permissions
from charter.errors import WrongStateError
from charter.mail import outbox
from charter.models import ErrorReport, Message, User
from charter.models.error_reports import RETENTION
from registry import clock


def submit_report(*, about: str, wrong: str, right: str, email: str) -> ErrorReport:
    """Put what a reader wrote before the council. The same words twice are one report."""
    report, _ = ErrorReport.objects.awaiting_decision().get_or_create(
        about=about,
        wrong=wrong,
        right=right,
        email=email,
        defaults={"reported_at": clock.now()},
    )
    return report


@transaction.atomic
def close_report(
    report: ErrorReport, *, by: User, put_right: bool, comments: str = ""
) -> ErrorReport:
    """Close a report, and send the words to the reader who gave an address.

    A second click changes nothing.
    """
    permissions.check_is_council(by)
    report = ErrorReport.objects.select_for_update(of=["self"]).get(pk=report.pk)
    if report.decided_at:
        if report.put_right != put_right:
            raise WrongStateError("This report was decided already.")
        return report
    report.put_right = put_right
    report.decided_at = clock.now()
    report.decided_by = by
    report.save()
    if report.email:
        outbox.queue_from_template(
            "error_report_response",
            key=f"error_report_response:{report.pk}",
            recipient=report.email,
            context={"report": report, "comments": comments},
        )
    return report


@transaction.atomic
def delete_old_reports(now: datetime) -> None:
    """Delete what was decided more than a year ago, and empty the answers."""
    ErrorReport.objects.past_retention(now).delete()
    outbox.erase_content(
        Message.objects.filter(kind="error_report_response", created_at__lt=now - RETENTION)
    )
