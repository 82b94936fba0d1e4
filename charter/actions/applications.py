"""Ask to join the charter; admit or decline who asked."""

from typing import Any

from django.db import transaction

from charter import outbox, permissions
from charter.actions import signatories
from charter.models import Application, Charter, Signatory, User
from charter.workflow import APPLICATION_MOVES, ApplicationStatus
from registry import clock

OF_THE_SIGNATORY = (
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


def apply(charter: Charter, **fields: Any) -> Application:
    """Put what a visitor wrote before the council. The same words twice are one application."""
    application, _ = Application.objects.waiting().get_or_create(
        charter=charter, **fields, defaults={"submitted_at": clock.now()}
    )
    return application


@transaction.atomic
def admit(application: Application, *, by: User) -> Signatory | None:
    """Make the applicant a signatory and invite its contact. A second click changes nothing."""
    permissions.check_is_council(by)
    application = _locked(application)
    if application.status == ApplicationStatus.ADMITTED:
        return None
    _decide(application, ApplicationStatus.ADMITTED, by)
    identifiers = [(application.scheme, application.number)] if application.scheme else []
    described = {name: getattr(application, name) for name in OF_THE_SIGNATORY}
    return signatories.admit(
        by=by, charter=application.charter, identifiers=identifiers, **described
    )


@transaction.atomic
def decline(application: Application, *, by: User, words: str) -> Application:
    """Say no, with the reason, to whoever asked. A second click changes nothing."""
    permissions.check_is_council(by)
    application = _locked(application)
    if application.status == ApplicationStatus.DECLINED:
        return application
    _decide(application, ApplicationStatus.DECLINED, by)
    outbox.write(
        "declined",
        key=f"declined:{application.pk}",
        recipient=application.contact_email,
        context={"application": application, "words": words},
    )
    return application


def forget() -> int:
    """Delete what was decided more than a year ago; return how many went."""
    deleted, _ = Application.objects.old().delete()
    return deleted


def _decide(application: Application, status: str, by: User) -> None:
    words = "This application was decided already."
    permissions.check_follows(APPLICATION_MOVES, application.status, status, words)
    application.status = status
    application.decided_at = clock.now()
    application.decided_by = by
    application.save()


def _locked(application: Application) -> Application:
    return Application.objects.select_for_update(of=["self"]).get(pk=application.pk)
