"""Submit, admit and decline applications to join the charter."""

from typing import Any

from charter import acts, permissions, signed_links
from charter.actions import acceptances, signatories
from charter.errors import AlreadyDecidedError, ClosedLinkError
from charter.mail import outbox
from charter.models import Acceptance, Application, Charter, Message, Signatory, User
from charter.workflow import APPLICATION_MOVES, ApplicationStatus
from registry import clock
from registry.log import publishing

SIGN_VIEW = "joining:sign"
MAX_WAITING = 5  # for one address, so that a stranger cannot fill a mailbox
COPIED_FIELDS = (
    "legal_name",
    "trading_name",
    "kind",
    "social_enterprise",
    "size",
    "sector",
    "website",
    "route",
)


@acts.act("application.submit", cause=acts.Cause.VISITOR)
def submit_application(charter: Charter, **fields: Any) -> Application:
    """Submit a visitor's application, and email a link by which the applicant can sign.

    Idempotent: equal fields make one waiting application.
    """
    application, is_new = Application.objects.awaiting_decision().get_or_create(
        charter=charter, **fields, defaults={"submitted_at": clock.now()}
    )
    if is_new:
        _email_link(application)
    return application


@acts.act("application.admit")
def admit(application: Application, *, by: User) -> Signatory | None:
    """Make the applicant a signatory and invite its contact.

    It is public at once if it has signed with its application, and private until it signs if not.
    Idempotent: return None if it was admitted before.
    """
    permissions.check(by, "application.admit", application.charter)
    application = _lock_application(application)
    if application.status == ApplicationStatus.ADMITTED:
        return None
    _record_decision(application, ApplicationStatus.ADMITTED, by)
    identifiers = [(application.scheme, application.number)] if application.scheme else []
    fields = {name: getattr(application, name) for name in COPIED_FIELDS}
    signatory = signatories.create_signatory(
        by=by, charter=application.charter, identifiers=identifiers, **fields
    )
    acceptance = Acceptance.objects.filter(application=application).first()
    entries = [acceptances.sign(signatory, acceptance)] if acceptance else []
    # The invitation says whether it has signed.
    signatories.invite_contact(signatory.organisation, by=by, email=application.contact_email)
    if entries:
        publishing.publish(entries)
    return signatory


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


def find_by_token(token: str) -> Application:
    """Return the waiting application of a link. Raise ClosedLinkError if there is none."""
    identity = signed_links.read_identity(SIGN_VIEW, token)
    waiting = Application.objects.awaiting_decision().select_related("charter")
    if application := waiting.filter(identity=identity).first():
        return application
    raise ClosedLinkError("The council has already decided on this application.")


def cancellation_reason(message: Message) -> str:
    """Return why the email with a link to sign is no longer needed, or ""."""
    waiting = Application.objects.awaiting_decision()
    is_waiting = waiting.filter(identity=message.key.partition(":")[2]).exists()
    return "" if is_waiting else "The council has decided on the application"


def delete_old_applications() -> int:
    """Delete applications decided more than a year ago; return the number of rows."""
    count, _ = Application.objects.past_retention().delete()
    return count


def _email_link(application: Application) -> None:
    """Email a link to sign, unless a stranger could be filling a mailbox."""
    waiting = Application.objects.awaiting_decision()
    if waiting.filter(contact_email__iexact=application.contact_email).count() > MAX_WAITING:
        return
    outbox.queue_from_template(
        "application",
        key=f"application:{application.identity}",
        recipient=application.contact_email,
        authority=application.charter.authority,
        context={
            "application": application,
            "link": signed_links.make_link(SIGN_VIEW, application),
        },
    )


def _record_decision(application: Application, status: str, by: User) -> None:
    if status not in APPLICATION_MOVES[application.status]:
        raise AlreadyDecidedError
    application.status = status
    application.decided_at = clock.now()
    application.decided_by = by
    application.save()


def _lock_application(application: Application) -> Application:
    return Application.objects.select_for_update(of=["self"]).get(pk=application.pk)
