"""Follow changes by email without an account: request, confirm, send daily emails, stop.

A day's changes are sent once the day is over, so they are final and a second run finds no more.
"""

import logging
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse

from charter.mail import erasing, outbox, rendering
from charter.models import Follower, Following, Message
from registry import clock
from registry.models import Entry
from registry.website import follow_subjects
from registry.website.change_groups import group_by_signatory
from registry.website.follow_changes import FollowedChanges

logger = logging.getLogger(__name__)

CONFIRM_WITHIN = timedelta(days=7)  # an unconfirmed following is deleted after this
MAX_UNCONFIRMED = 5  # for one address, so that a stranger cannot fill a mailbox
SEND_FROM = time(7)
MAX_CHANGES = 50  # in one email; the page of changes lists all
DAY = timedelta(days=1)
CONFIRM_SALT, STOP_SALT = "charter.following.confirm", "charter.following.stop"


@transaction.atomic
def request_following(email: str, subject: follow_subjects.Subject) -> None:
    """Send an email that asks the mailbox's owner to confirm a following.

    The visitor learns nothing about the mailbox. Idempotent: one email a day for each subject.
    """
    follower, _ = Follower.objects.get_or_create(
        email=email.lower(), defaults={"emailed_until": clock.today() - DAY}
    )
    Follower.objects.select_for_update().get(pk=follower.pk)
    other_unconfirmed = follower.followings.unconfirmed().exclude(about=subject.about)
    if other_unconfirmed.count() >= MAX_UNCONFIRMED:
        return
    following, _ = follower.followings.update_or_create(
        about=subject.about, defaults={"asked_at": clock.now()}
    )
    link = _build_url("following:confirm", _sign(following, CONFIRM_SALT))
    outbox.queue_from_template(
        "follow",
        key=f"follow:{following.identity}:{clock.today()}",
        recipient=follower.email,
        context={"subject": subject, "link": link},
    )


@transaction.atomic
def confirm(following: Following) -> None:
    """Confirm a following, so that emails start. Idempotent: the first confirmation counts."""
    follower = Follower.objects.select_for_update().get(pk=following.follower_id)
    if not follower.followings.confirmed().exists():
        follower.emailed_until = clock.today() - DAY
        follower.save()
    follower.followings.unconfirmed().filter(pk=following.pk).update(confirmed_at=clock.now())


@transaction.atomic
def stop(follower: Follower, following: int | None = None) -> None:
    """End one following or all. Deletes the address with its last following. Idempotent."""
    _lock_followers({follower.pk})
    followings = follower.followings.all()
    (followings.filter(pk=following) if following else followings).delete()
    _delete_idle_followers({follower.pk})


def following_from_token(token: str) -> Following | None:
    """Return the following that a confirmation link names, or None if invalid or ended."""
    return Following.objects.filter(identity=_unsign(token, CONFIRM_SALT)).first()


def follower_from_token(token: str) -> Follower | None:
    """Return the follower that an email's stop link names, or None if invalid or deleted."""
    return Follower.objects.filter(identity=_unsign(token, STOP_SALT)).first()


def stop_url(follower: Follower) -> str:
    """Return the URL that stops emails, by a page or by a mail program's own button."""
    return _build_url("following:stop", _sign(follower, STOP_SALT))


def queue_daily_emails(now: datetime) -> int:
    """Queue emails about changes on days that have ended; return the number of emails.

    Idempotent. Safe in parallel: a follower's row is locked and moves on in the transaction of its
    email, whose key contains the days. If killed: each follower is either finished or left to the
    next run, which reports all missed days in one email. If rendering fails for one follower: it is
    logged, and the others are not delayed.
    """
    local_time = now.astimezone(clock.LONDON)
    if local_time.time() < SEND_FROM:
        return 0
    until = local_time.date() - DAY
    due = Follower.objects.filter(emailed_until__lt=until)
    return sum(
        _queue_emails(after, until)
        for after in due.values_list("emailed_until", flat=True).distinct()
    )


def cancellation_reason(message: Message) -> str:
    """Return why an email must not be sent any longer, or "" if it may be sent.

    If a record has been redacted since, the email is rendered again without it.
    """
    kind, identity, *days = message.key.split(":")
    if kind == "follow":
        if Following.objects.filter(identity=identity).exists():
            return ""
        erasing.erase_stopped([message])
        return "It was not confirmed in time, or ended"
    follower = Follower.objects.filter(identity=identity).first()
    if follower is None:
        erasing.erase_stopped([message])
        return "Nobody follows this now"
    if Entry.objects.filter(action=Entry.Action.REDACT, at__gte=message.created_at).exists():
        after, until = map(date.fromisoformat, days)
        changes = FollowedChanges(after, until).for_subjects(_followed_subjects(follower))
        if not changes:
            return "What changed was removed"
        message.subject, message.text, message.html = _render_email(follower, changes, until)
        message.save(update_fields=["subject", "text", "html"])
    return ""


@transaction.atomic
def delete_unconfirmed(now: datetime) -> None:
    """Delete old unconfirmed followings, and followers left without any. Idempotent."""
    old = Following.objects.unconfirmed().filter(asked_at__lt=now - CONFIRM_WITHIN)
    followers = set(old.values_list("follower", flat=True))
    _lock_followers(followers)
    old.delete()
    _delete_idle_followers(followers)


def _queue_emails(after: date, until: date) -> int:
    """Queue emails for followers last emailed up to `after`; return the number of emails.

    Followers without changes move on to `until` as well, in one query.
    """
    daily_changes = FollowedChanges(after, until)
    due = Follower.objects.filter(emailed_until=after)
    followings = Following.objects.confirmed().filter(follower__in=due)
    changed_subjects = [
        about
        for about in followings.values_list("about", flat=True).distinct()
        if daily_changes.for_subjects([about])
    ]
    due_with_changes = due.filter(
        pk__in=followings.filter(about__in=changed_subjects).values("follower")
    )
    numbers = list(due_with_changes.order_by("pk").values_list("pk", flat=True))
    due.exclude(pk__in=numbers).update(emailed_until=until)
    count = 0
    for number in numbers:
        try:
            count += _queue_email(number, daily_changes, after, until)
        except Exception:
            logger.exception("The update for follower %s broke", number)
    return count


@transaction.atomic
def _queue_email(number: int, daily_changes: FollowedChanges, after: date, until: date) -> bool:
    """Queue a follower's email and move the follower on; return True if there is an email."""
    follower = Follower.objects.select_for_update().filter(pk=number, emailed_until=after).first()
    if follower is None:
        return False  # another worker was first, or the follower stopped
    follower.emailed_until = until
    follower.save()
    changes = daily_changes.for_subjects(_followed_subjects(follower))
    if not changes:
        return False
    subject, text, html = _render_email(follower, changes, until)
    outbox.queue(
        kind="changes",
        key=f"changes:{follower.identity}:{after}:{until}",
        recipient=follower.email,
        subject=subject,
        text=text,
        html=html,
        unsubscribe_address=stop_url(follower),
    )
    return True


def _render_email(follower: Follower, changes: list[Any], until: date) -> tuple[str, str, str]:
    subjects = [follow_subjects.find_subject(about) for about in _followed_subjects(follower)]
    return rendering.render(
        "changes",
        {
            "until": until,
            "groups": group_by_signatory(changes[:MAX_CHANGES]),
            "count": len(changes),
            "more": max(0, len(changes) - MAX_CHANGES),
            "followed": [subject.title for subject in subjects if subject],
            "stop": stop_url(follower),
        },
    )


def _followed_subjects(follower: Follower) -> list[str]:
    followings = follower.followings.confirmed().order_by("pk")
    return list(followings.values_list("about", flat=True))


def _lock_followers(numbers: Collection[int]) -> None:
    """Lock followers: of two that end at once, the second following then sees the first's end."""
    list(Follower.objects.filter(pk__in=numbers).order_by("pk").select_for_update())


def _delete_idle_followers(numbers: Collection[int]) -> None:
    """Delete those of the followers that follow nothing, and erase the emails sent to them."""
    idle = Follower.objects.filter(pk__in=numbers, followings=None)
    emails = list(idle.values_list("email", flat=True))
    idle.delete()
    erasing.erase_emails_to_followers(emails)


def _build_url(name: str, token: str) -> str:
    return f"{settings.PUBLIC_URL}{reverse(name, args=[token])}"


def _sign(row: Follower | Following, salt: str) -> str:
    return signing.dumps(str(row.identity), salt=salt)


def _unsign(token: str, salt: str) -> UUID:
    """Return the signed identity, or zero, which no row has, if the token is invalid."""
    try:
        return UUID(signing.loads(token, salt=salt))
    except (signing.BadSignature, ValueError):
        return UUID(int=0)
