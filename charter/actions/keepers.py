"""Email the signed head of the log to keepers: followers of it, outside the council.

A keeper confirms and stops as every follower does (following.py).
"""

from datetime import datetime, timedelta

from django.db import transaction

from charter.actions.following import stop_url
from charter.mail import erasing, outbox, rendering
from charter.models import Following, Message
from charter.models.following import FollowingQuerySet
from registry import clock
from registry.log import heads, publishing
from registry.log.heads import SignedHead
from registry.website.follow_subjects import HEAD

WEEK = timedelta(days=7)


def queue_heads(now: datetime) -> int:
    """Queue the signed head for each keeper who got none for a week; return the number of emails.

    The first follows within the hour of the confirmation. Idempotent. Safe in parallel: a
    following's row is locked and moves on in the transaction of its email. If killed: each keeper
    is either finished or left to the next run.
    """
    head = publishing.head()
    if not head.number:
        return 0
    signed = heads.sign_head(head)
    due = _due_followings(now).order_by("pk").values_list("pk", flat=True)
    return sum(_queue_head(number, signed, now) for number in list(due))


def cancellation_reason(message: Message) -> str:
    """Return why a keeper's email must not be sent any longer, or ""."""
    identity = message.key.split(":")[1]
    if Following.objects.filter(identity=identity).exists():
        return ""
    erasing.erase_stopped([message])
    return "Nobody keeps the head at this address now"


def _due_followings(now: datetime) -> FollowingQuerySet:
    last_week = clock.local_date(now) - WEEK
    return Following.objects.confirmed().emailed_by(last_week).filter(about=HEAD)


@transaction.atomic
def _queue_head(number: int, signed: SignedHead, now: datetime) -> bool:
    """Queue a keeper's email and move the following on; return True if there is an email."""
    due = _due_followings(now).select_related("follower").select_for_update(of=["self"])
    following = due.filter(pk=number).first()
    if following is None:
        return False  # another worker was first, or the keeper stopped
    following.emailed_on = clock.local_date(now)
    following.save()
    stop = stop_url(following.follower)
    subject, text, html = rendering.render(
        "head", {"head": signed, "head_text": signed.as_text(), "stop": stop}
    )
    outbox.queue(
        kind="head",
        key=f"head:{following.identity}:{following.emailed_on}",
        recipient=following.follower.email,
        subject=subject,
        text=text,
        html=html,
        unsubscribe_address=stop,
    )
    return True
