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
POSSIBLY_SENT = [MessageState.SENT, MessageState.BOUNCED, MessageState.IN_DOUBT, IN_FLIGHT]


def release_brake(*, by: User) -> None:
    """Agree to as much email as there is today. Twice: the first agreement stands."""
    permissions.check_is_council(by)
    BrakeRelease.objects.get_or_create(
        day=clock.today(), defaults={"released_by": by, "released_at": clock.now()}
    )


def is_brake_on() -> bool:
    """Say whether more email today needs a person's agreement first."""
    today = clock.today()
    if BrakeRelease.objects.filter(day=today).exists():
        return False
    return _possibly_sent_attempts().filter(
        started_at__gte=_start_of_day(today)
    ).count() >= daily_limit(today)


def daily_limit(today: date) -> int:
    """Return how many emails may be handed over on a day without a person's agreement."""
    start = today - timedelta(days=DAYS)
    days = (
        _possibly_sent_attempts()
        .filter(started_at__gte=_start_of_day(start), started_at__lt=_start_of_day(today))
        .annotate(day=TruncDate("started_at", tzinfo=clock.LONDON))
        .values("day")
        .annotate(message_count=Count("pk"))
    )
    largest = days.aggregate(largest=Max("message_count"))["largest"] or 0
    return min(max(FLOOR, FACTOR * largest), settings.MAIL_DAY_LIMIT)


def _possibly_sent_attempts() -> QuerySet[MessageAttempt]:
    """Keep each attempt that bothered a mailbox or may have, whatever its message became later."""
    return MessageAttempt.objects.filter(outcome__in=POSSIBLY_SENT)


def _start_of_day(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=clock.LONDON)
