"""The brake on mail: an unusual volume waits until a person agrees.

A clock that jumps or a migration that errs must not write to every business.
"""

from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Count, Max, Q
from django.db.models.functions import TruncDate

from charter import permissions
from charter.models import BrakeRelease, Message, User
from charter.workflow import MessageState
from registry import clock

FLOOR, FACTOR, DAYS = 50, 3, 30


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
    return _handed_over_or_in_flight(today) >= limit(today)


def limit(today: date) -> int:
    """Return how many mails may be handed over on a day without a person's agreement."""
    start = today - timedelta(days=DAYS)
    days = (
        Message.objects.filter(
            state=MessageState.SENT,
            finished_at__gte=_midnight(start),
            finished_at__lt=_midnight(today),
        )
        .annotate(day=TruncDate("finished_at", tzinfo=clock.LONDON))
        .values("day")
        .annotate(mails=Count("pk"))
    )
    largest = days.aggregate(largest=Max("mails"))["largest"] or 0
    return min(max(FLOOR, FACTOR * largest), settings.MAIL_DAY_LIMIT)


def _handed_over_or_in_flight(today: date) -> int:
    sent_today = Q(state=MessageState.SENT, finished_at__gte=_midnight(today))
    return Message.objects.filter(sent_today | Q(state=MessageState.SENDING)).count()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=clock.LONDON)
