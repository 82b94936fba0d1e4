"""Submit, admit and decline applications to join the charter."""

from typing import Any

from charter import acts, permissions
from charter.actions import signatories
from charter.errors import AlreadyDecidedError
from charter.mail import outbox
from charter.models import Application, Charter, Signatory, User
from charter.workflow import APPLICATION_MOVES, ApplicationStatus
from registry import clock

COPIED_FIELDS = (
    "legal_name",
    "trading_name",
    "kind",
    "social_enterprise",
    "size",
    "sector",
    "website",
    "route",
    "contact_email",
)


@acts.act("application.submit", cause=acts.Cause.VISITOR)
def submit_application(charter: Charter, **fields: Any) -> Application:
    """Submit a visitor's application. Idempotent: equal fields make one waiting application."""
    application, _ = Application.objects.awaiting_decision().get_or_create(
        charter=charter, **fields, defaults={"submitted_at": clock.now()}
    )
    return application


@acts.act("application.admit")
def admit(application: Application, *, by: User) -> Signatory | None:
    """Make the applicant a signatory and invite its contact.

    Idempotent: return None if it was admitted before.
    """
    permissions.check(by, "application.admit", application.charter)
    application = _lock_application(application)
    if application.status == ApplicationStatus.ADMITTED:
        return None
    _record_decision(application, ApplicationStatus.ADMITTED, by)
    identifiers = [(application.scheme, application.number)] if application.scheme else []
    fields = {name: getattr(application, name) for name in COPIED_FIELDS}
    return signatories.admit(by=by, charter=application.charter, identifiers=identifiers, **fields)


@acts.act("application.decline")
def decline(application: Application, *, by: User, comments: str) -> Application:
    """Decline an application and email the reason to its contact. Idempotent."""
    permissions.check(by, "application.decline", application.charter)
    application = _lock_application(application)
    if application.status == ApplicationStatus.DECLINED:
        return application
    _record_decision(application, ApplicationStatus.DECLINED, by)
    outbox.queue_from_template(
        "declined",
        key=f"declined:{application.identity}",
        recipient=application.contact_email,
        authority=application.charter.authority,
        context={"application": application, "comments": comments},
    )
    return application


def delete_old_applications() -> int:
    """Delete applications decided more than a year ago; return the number of rows."""
    count, _ = Application.objects.past_retention().delete()
    return count


def _record_decision(application: Application, status: str, by: User) -> None:
    if status not in APPLICATION_MOVES[application.status]:
        raise AlreadyDecidedError
    application.status = status
    application.decided_at = clock.now()
    application.decided_by = by
    application.save()


def _lock_application(application: Application) -> Application:
    return Application.objects.select_for_update(of=["self"]).get(pk=application.pk)
