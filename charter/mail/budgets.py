"""The brake on email: an unusual volume waits until a person agrees.

A clock that jumps or a faulty migration must not send email to every signatory.
"""

from datetime import date, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Max, QuerySet
from django.db.models.functions import TruncDate

from charter.models import BrakeRelease, MessageAttempt
from charter.workflow import MessageState
from registry import clock

# The limit is FACTOR times the largest day of the last DAYS, and at least FLOOR.
FLOOR, FACTOR, DAYS = 50, 3, 30
DAY_SECONDS = 24 * 60 * 60
# Workers do not see what others are about to claim, so each takes a part of what is left.
PART = 4
IN_FLIGHT = ""  # an attempt without an outcome yet
POSSIBLY_SENT = [MessageState.SENT, MessageState.BOUNCED, MessageState.IN_DOUBT, IN_FLIGHT]


def is_brake_on() -> bool:
    """Return True if further email today needs a person's agreement first."""
    return batch_size(1) == 0


def batch_size(most: int) -> int:
    """Return how many emails a worker may claim at once, at most so many; 0 while the brake is on.

    The claims of several workers together stay as close to the limit as one email of each.
    """
    today = clock.today()
    if BrakeRelease.objects.filter(day=today).exists():
        return most
    limit = daily_limit(today)
    sent = _possibly_sent_attempts().filter(started_at__gte=clock.start_of_day(today))
    return min(most, -(-(limit - sent[:limit].count()) // PART))


def daily_limit(today: date) -> int:
    """Return the number of emails that may be sent on a day without a person's agreement."""
    key = f"mail.budgets.largest_day:{today}"
    largest: int = cache.get_or_set(key, lambda: _count_largest_day(today), DAY_SECONDS) or 0
    return min(max(FLOOR, FACTOR * largest), settings.MAIL_DAY_LIMIT)


def _count_largest_day(today: date) -> int:
    """Return the most emails of a day among the last, which do not change any more."""
    start = today - timedelta(days=DAYS)
    days = (
        _possibly_sent_attempts()
        .filter(started_at__gte=clock.start_of_day(start), started_at__lt=clock.start_of_day(today))
        .annotate(day=TruncDate("started_at", tzinfo=clock.LONDON))
        .values("day")
        .annotate(message_count=Count("pk"))
    )
    return int(days.aggregate(largest=Max("message_count"))["largest"] or 0)


def _possibly_sent_attempts() -> QuerySet[MessageAttempt]:
    """Return attempts that may have reached a mailbox, whatever the message's later state."""
    return MessageAttempt.objects.filter(outcome__in=POSSIBLY_SENT)
