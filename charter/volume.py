"""The brake on mail: an unusual volume waits until a person agrees.

A clock that jumps or a migration that errs must not write to every business.
"""

from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Count, Max, QuerySet
from django.db.models.functions import TruncDate

from charter import permissions
from charter.models import BrakeRelease, MessageAttempt, User
from charter.workflow import MessageState
from registry import clock

FLOOR, FACTOR, DAYS = 50, 3, 30
IN_FLIGHT = ""
LEFT = [MessageState.SENT, MessageState.BOUNCED, MessageState.IN_DOUBT, IN_FLIGHT]


def release(*, by: User) -> None:
    """Agree to as much mail as there is today. Twice: the first agreement stands."""
    permissions.check_is_council(by)
    BrakeRelease.objects.get_or_create(
        day=clock.today(), defaults={"released_by": by, "released_at": clock.now()}
    )


def holds() -> bool:
    """Say whether more mail today needs a person's agreement first."""
    today = clock.today()
    if BrakeRelease.objects.filter(day=today).exists():
        return False
    return _may_have_left().filter(started_at__gte=_midnight(today)).count() >= limit(today)


def limit(today: date) -> int:
    """Return how many mails may be handed over on a day without a person's agreement."""
    start = today - timedelta(days=DAYS)
    days = (
        _may_have_left()
        .filter(started_at__gte=_midnight(start), started_at__lt=_midnight(today))
        .annotate(day=TruncDate("started_at", tzinfo=clock.LONDON))
        .values("day")
        .annotate(mails=Count("pk"))
    )
    largest = days.aggregate(largest=Max("mails"))["largest"] or 0
    return min(max(FLOOR, FACTOR * largest), settings.MAIL_DAY_LIMIT)


def _may_have_left() -> QuerySet[MessageAttempt]:
    """Keep each attempt that bothered a mailbox or may have, whatever its message became later."""
    return MessageAttempt.objects.filter(outcome__in=LEFT)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=clock.LONDON)
