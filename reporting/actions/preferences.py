"""How a person wants to be asked for updates: as the charter says, later, or not by friendly
emails; and the address of the calendar that tells when.
"""

from datetime import date

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse

from charter.models import Signatory, User
from reporting.models import CalendarAddress

SALT = "reporting.reminders"


@transaction.atomic
def set_reminder_preferences(
    user: User, *, stopped: bool, paused_until: date | None = None
) -> None:
    """Ask a person as it wishes, for all organisations that it speaks for. Twice is as once.

    Emails that announce what the public will read are sent all the same. What is skipped meanwhile
    counts as handled (see reminders.why_not).
    """
    user.memberships.current().update(nudges_stopped=stopped, nudges_paused_until=paused_until)


def unsubscribe_address(user: User) -> str:
    """Return the address that a mail program's own button posts to (RFC 8058).

    It names a person to us and to nobody else. All that it can do is stop friendly emails.
    """
    token = signing.dumps(user.pk, salt=SALT)
    return f"{settings.PUBLIC_URL}{reverse('reporting:unsubscribe', args=[token])}"


def user_from_token(token: str) -> User | None:
    """Return the person that an address names; None for an altered one."""
    try:
        return User.objects.filter(pk=signing.loads(token, salt=SALT), is_active=True).first()
    except (signing.BadSignature, ValueError):
        return None


@transaction.atomic
def renew_calendar(signatory: Signatory) -> None:
    """Give the calendar of a signatory an address, or a new one; the old one ends at once."""
    CalendarAddress.objects.filter(signatory=signatory).delete()
    CalendarAddress.objects.create(signatory=signatory)
