"""Reminder preferences of a person, and the address of a signatory's calendar."""

from datetime import date
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from charter import acts, permissions
from charter.models import Signatory, User
from reporting.models import CalendarAddress

SALT = "reporting.reminders"


@acts.act("reminders.set")
def set_reminder_preferences(*, by: User, stopped: bool, paused_until: date | None = None) -> None:
    """Save a person's reminder preferences for all their organisations. Idempotent.

    Emails that announce a public state are sent regardless. Steps skipped in the meantime count as
    handled (see `reminders.due.skip_reason`).
    """
    permissions.check_anywhere(by, "reminders.set")
    _save_preferences(by, stopped=stopped, paused_until=paused_until)


@acts.act("reminders.set", cause=acts.Cause.LINK)
def unsubscribe(user: User) -> None:
    """Stop friendly emails to the holder of a signed address. Idempotent."""
    _save_preferences(user, stopped=True, paused_until=None)


def _save_preferences(user: User, *, stopped: bool, paused_until: date | None) -> None:
    memberships = user.memberships.current()
    acts.update(memberships, nudges_stopped=stopped, nudges_paused_until=paused_until)


def unsubscribe_address(user: User) -> str:
    """Return the address for an email program's unsubscribe button (RFC 8058).

    Only we can identify the person from it. All it can do is stop friendly emails.
    """
    token = signing.dumps(str(user.identity), salt=SALT)
    return f"{settings.PUBLIC_URL}{reverse('reporting:unsubscribe', args=[token])}"


def user_from_token(token: str) -> User | None:
    """Return the person of an unsubscribe token, or None if it was altered."""
    try:
        return User.objects.filter(
            identity=UUID(signing.loads(token, salt=SALT)), is_active=True
        ).first()
    except (signing.BadSignature, ValueError):
        return None


@acts.act("calendar.renew")
def renew_calendar(signatory: Signatory, *, by: User) -> None:
    """Create or replace the address of a signatory's calendar; the old one ends at once."""
    permissions.check(by, "calendar.renew", signatory)
    CalendarAddress.objects.filter(signatory=signatory).delete()
    CalendarAddress.objects.create(signatory=signatory)
    acts.concerns(signatory)
