"""Refusals that are our own fault stop all email: they say nothing about any mailbox.

If our relay, account or reputation is refused, every email of an evening is. Sending then stops
before many are lost, until a person has looked; only alarms to administrators are still tried.
"""

from collections.abc import Callable
from datetime import timedelta

from charter.mail.refusals import Verdict
from charter.models import Message, MessageAttempt, Refusal, SendingStop
from registry import clock
from registry.wording.formatting import count_noun

HOUR = timedelta(hours=1)
# So many domains, and one in so many of the hour's emails, refused without proof.
MIN_DOMAINS, ONE_IN = 3, 5
MAY_BE_OURS = [verdict for verdict in Verdict if verdict.may_be_ours]

Alarm = Callable[[SendingStop], None]
_alarms: list[Alarm] = []


def register_alarm(alarm: Alarm) -> None:
    """Let a function know of a stop as soon as it begins."""
    _alarms.append(alarm)


def current_stop() -> SendingStop | None:
    return SendingStop.objects.filter(ended_at=None).first()


def find_problems() -> list[str]:
    """Return a sentence while sending has stopped."""
    stop = current_stop()
    if stop is None:
        return []
    words = f" The last reply was: “{stop.words}”." if stop.words else ""
    return [
        f"Sending has stopped: {stop.refused} of the {count_noun(stop.emails, 'email')} of an "
        f"hour, to {stop.domains} domains, were refused, and not because their mailboxes are "
        f"gone.{words} The fault is probably ours: the mail server, its limits or its reputation. "
        "Nothing is published about anyone."
    ]


def record_refusal(message: Message, verdict: Verdict, words: str) -> None:
    """Record what a refusal says, and stop sending if we are refused at large."""
    Refusal.objects.create(message=message, at=clock.now(), verdict=verdict)
    if verdict.may_be_ours and not current_stop():
        _stop_if_refused_at_large(words)


def _stop_if_refused_at_large(words: str) -> None:
    """Stop sending if the last hour's refusals without proof are many, and of many domains.

    What a person has looked at, by ending a stop, does not count again.
    """
    since = clock.now() - HOUR
    last_stop = SendingStop.objects.exclude(ended_at=None).order_by("-ended_at").first()
    if last_stop and last_stop.ended_at:
        since = max(since, last_stop.ended_at)
    recent_refusals = Refusal.objects.filter(at__gt=since)
    without_proof = recent_refusals.filter(verdict__in=MAY_BE_OURS)
    refused = dict(without_proof.values_list("message", "message__recipient"))
    # Others were claimed with these, and not tried yet.
    attempts = MessageAttempt.objects.filter(started_at__gt=since).exclude(outcome="")
    emails = {
        *attempts.values_list("message", flat=True),
        *recent_refusals.values_list("message", flat=True),
    }
    domains = {recipient.rpartition("@")[2].lower() for recipient in refused.values()}
    if len(domains) < MIN_DOMAINS or len(refused) * ONE_IN < len(emails):
        return
    stop = SendingStop.objects.create(
        began_at=clock.now(),
        refused=len(refused),
        emails=len(emails),
        domains=len(domains),
        words=words[:300],
    )
    for alarm in _alarms:
        alarm(stop)
