"""Hearing of changes by email, without an account: asked for, confirmed, told once a day, ended.

A day is told when it is over, so a second look at it finds the same and does nothing.
"""

import logging
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse

from charter.mail import outbox, rendering
from charter.models import Follower, Following, Message
from registry import clock
from registry.models import Entry
from registry.website import follow_subjects
from registry.website.follow_changes import FollowedChanges

logger = logging.getLogger(__name__)

CONFIRM_WITHIN = timedelta(days=7)  # a following that nobody confirms
MAX_UNCONFIRMED = 5  # of one address, so that a stranger cannot fill a mailbox
SEND_FROM = time(7)
MAX_CHANGES = 50  # in one email; the page of changes has them all
DAY = timedelta(days=1)
MESSAGE_KINDS = ("follow", "changes")  # of our emails
CONFIRM_SALT, STOP_SALT = "charter.following.confirm", "charter.following.stop"


@transaction.atomic
def request_following(email: str, subject: follow_subjects.Subject) -> None:
    """Ask by email whether the owner of a mailbox wants to follow something.

    Whoever asks learns nothing about the mailbox. Asked again: one email a day for each subject.
    """
    follower, _ = Follower.objects.get_or_create(
        email=email.lower(), defaults={"emailed_until": clock.today() - DAY}
    )
    Follower.objects.select_for_update().get(pk=follower.pk)
    waiting = follower.followings.unconfirmed().exclude(about=subject.about)
    if waiting.count() >= MAX_UNCONFIRMED:
        return
    following, _ = follower.followings.update_or_create(
        about=subject.about, defaults={"asked_at": clock.now()}
    )
    link = _build_url("following:confirm", signing.dumps(following.pk, salt=CONFIRM_SALT))
    outbox.queue_from_template(
        "follow",
        key=f"follow:{following.pk}:{clock.today()}",
        recipient=follower.email,
        context={"subject": subject, "link": link},
        expires_at=clock.now() + DAY,
    )


@transaction.atomic
def confirm(following: Following) -> None:
    """Begin to tell. Twice: the first time counts."""
    follower = Follower.objects.select_for_update().get(pk=following.follower_id)
    if not follower.followings.confirmed().exists():
        follower.emailed_until = clock.today() - DAY
        follower.save()
    follower.followings.unconfirmed().filter(pk=following.pk).update(confirmed_at=clock.now())


@transaction.atomic
def stop(follower: Follower, following: int | None = None) -> None:
    """End one following or all; with the last one the address is forgotten. Twice is as once."""
    ending = follower.followings.all()
    (ending.filter(pk=following) if following else ending).delete()
    _delete_idle_followers()


def following_from_token(token: str) -> Following | None:
    """Return what the link of a first email confirms; None if altered, ended or long ago."""
    return Following.objects.filter(pk=_unsign_number(token, CONFIRM_SALT)).first()


def follower_from_token(token: str) -> Follower | None:
    """Return whom the link at the end of each email names; None if altered or no longer there."""
    return Follower.objects.filter(pk=_unsign_number(token, STOP_SALT)).first()


def stop_url(follower: Follower) -> str:
    """Return the address that ends emails: by a page, or by the mail program's own button."""
    return _build_url("following:stop", signing.dumps(follower.pk, salt=STOP_SALT))


def queue_daily_emails(now: datetime) -> int:
    """Tell everybody what the days that are over brought; return how many emails there are.

    Twice or in parallel: a follower's row is locked, and moves on in the transaction of its email,
    whose key names the days. Killed: what was committed is complete, follower by follower, and the
    next run does the rest; days that nobody told of come in one email. A follower whose email
    cannot be made is logged and keeps nobody waiting.
    """
    local = now.astimezone(clock.LONDON)
    if local.time() < SEND_FROM:
        return 0
    until = local.date() - DAY
    due = Follower.objects.filter(emailed_until__lt=until)
    return sum(
        _queue_emails(after, until)
        for after in due.values_list("emailed_until", flat=True).distinct()
    )


def cancellation_reason(message: Message) -> str:
    """Return why an email is no longer wanted, or ""; text redacted meanwhile is taken out of
    it.
    """
    kind, number, *days = message.key.split(":")
    if kind == "follow":
        following = Following.objects.filter(pk=number)
        return "" if following.exists() else "It was not confirmed in time, or ended"
    follower = Follower.objects.filter(pk=number).first()
    if follower is None:
        return "Nobody follows any more"
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
    """Delete what was never confirmed, and addresses of nobody. Twice: the second finds none."""
    Following.objects.unconfirmed().filter(asked_at__lt=now - CONFIRM_WITHIN).delete()
    _delete_idle_followers()


def _queue_emails(after: date, until: date) -> int:
    """Queue the emails of those who were last told of the same day; the others move on as well."""
    daily_changes = FollowedChanges(after, until)
    due = Follower.objects.filter(emailed_until=after)
    followed = Following.objects.confirmed().filter(follower__in=due)
    changed_subjects = [
        about
        for about in followed.values_list("about", flat=True).distinct()
        if daily_changes.for_subjects([about])
    ]
    concerned = due.filter(pk__in=followed.filter(about__in=changed_subjects).values("follower"))
    numbers = list(concerned.order_by("pk").values_list("pk", flat=True))
    due.exclude(pk__in=numbers).update(emailed_until=until)
    queued = 0
    for number in numbers:
        try:
            queued += _queue_email(number, daily_changes, after, until)
        except Exception:
            logger.exception("The update for follower %s broke", number)
    return queued


@transaction.atomic
def _queue_email(number: int, daily_changes: FollowedChanges, after: date, until: date) -> bool:
    """Queue a follower's email of the day and note the day; say whether there is a new one."""
    follower = Follower.objects.select_for_update().filter(pk=number, emailed_until=after).first()
    if follower is None:
        return False  # told by another, or ended
    follower.emailed_until = until
    follower.save()
    changes = daily_changes.for_subjects(_followed_subjects(follower))
    if not changes:
        return False
    subject, text, html = _render_email(follower, changes, until)
    outbox.queue(
        kind="changes",
        key=f"changes:{follower.pk}:{after}:{until}",
        recipient=follower.email,
        subject=subject,
        text=text,
        html=html,
        unsubscribe_address=stop_url(follower),
        expires_at=clock.now() + 3 * DAY,
    )
    return True


def _render_email(follower: Follower, changes: list[Any], until: date) -> tuple[str, str, str]:
    followed = [follow_subjects.find_subject(about) for about in _followed_subjects(follower)]
    return rendering.render(
        "changes",
        {
            "until": until,
            "changes": changes[:MAX_CHANGES],
            "count": len(changes),
            "more": max(0, len(changes) - MAX_CHANGES),
            "followed": [subject.title for subject in followed if subject],
            "stop": stop_url(follower),
        },
    )


def _followed_subjects(follower: Follower) -> list[str]:
    confirmed = follower.followings.confirmed().order_by("pk")
    return list(confirmed.values_list("about", flat=True))


def _delete_idle_followers() -> None:
    """Delete followers that follow nothing, and empty the emails that went to them."""
    Follower.objects.filter(followings=None).delete()
    ours = Message.objects.filter(kind__in=MESSAGE_KINDS)
    outbox.erase_content(ours.exclude(recipient__in=Follower.objects.values("email")))


def _build_url(name: str, token: str) -> str:
    return f"{settings.PUBLIC_URL}{reverse(name, args=[token])}"


def _unsign_number(token: str, salt: str) -> int:
    """Return the number that we signed; 0, which no row has, if the token is not ours."""
    try:
        return int(signing.loads(token, salt=salt))
    except (signing.BadSignature, ValueError, TypeError):
        return 0
