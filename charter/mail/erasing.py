"""Erase what emails say, and to whom, once nobody needs it. Their rows stay on record."""

from collections.abc import Collection, Sequence

from django.db.models import QuerySet

from charter.models import Follower, Message, MessageAttempt

# To people without an account: their address is kept only while they follow something.
FOLLOWER_KINDS = ("follow", "changes", "head")


def erase_content(messages: QuerySet[Message]) -> None:
    """Erase addresses and text of finished messages."""
    _erase(messages.exclude(finished_at=None).exclude(recipient=""))


def erase_emails_to_followers(emails: Collection[str]) -> None:
    """Erase what was sent to people who follow nothing now."""
    erase_content(Message.objects.filter(recipient__in=emails, kind__in=FOLLOWER_KINDS))


def erase_stopped(messages: Sequence[Message]) -> None:
    """Erase those messages whose recipients stopped following while they were on their way.

    Someone who stops just now holds the follower's lock: we wait, or they find these finished.
    """
    to_followers = [message for message in messages if message.kind in FOLLOWER_KINDS]
    if not to_followers:
        return
    emails = {message.recipient for message in to_followers}
    followers = Follower.objects.filter(email__in=emails).order_by("pk")
    kept = set(followers.select_for_update(no_key=True).values_list("email", flat=True))
    stopped = [message.pk for message in to_followers if message.recipient not in kept]
    _erase(Message.objects.filter(pk__in=stopped).exclude(recipient=""))


def _erase(messages: QuerySet[Message]) -> None:
    MessageAttempt.objects.filter(message__in=messages).update(code="")
    messages.update(
        recipient="", subject="", text="", html="", unsubscribe_address="", last_code=""
    )
