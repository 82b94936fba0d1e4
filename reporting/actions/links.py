"""Look at the links of public evidence once a week, and say in public which do not work."""

from datetime import datetime, timedelta
from typing import cast

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from charter.actions.commitments import tell_owner
from charter.models import Commitment
from charter.workflow import CommitmentStatus
from registry import clock, log
from reporting import items
from reporting.actions import successes, updates
from reporting.link_checking import Answer, Rule, ask, is_public
from reporting.models import Evidence, LinkCheck, ProgressUpdate, Success
from reporting.workflow import NewsStatus

LOOKED_AT_EVERY = timedelta(days=7)


def due(now: datetime, limit: int = 40) -> list[Evidence]:
    """Return the public links that nobody looked at for a week, longest ago first."""
    seen = LinkCheck.objects.filter(evidence=OuterRef("pk"), looked_at__gt=now - LOOKED_AT_EVERY)
    of_updates = Q(update__status=NewsStatus.PUBLISHED) & ~Q(
        update__commitment__status=CommitmentStatus.WITHDRAWN
    )
    public = Evidence.objects.filter(of_updates | Q(success__status=NewsStatus.PUBLISHED))
    return list(
        public.filter(~Exists(seen), visibility=Evidence.Visibility.PUBLIC)
        .exclude(url="")
        .order_by("link_check__looked_at", "pk")[:limit]
    )


def look(now: datetime, *, may_reach: Rule = is_public, **options: dict[str, int]) -> int:
    """Look at what is due; return how many links.

    Twice or in parallel: a link is asked at most twice, and its row is written under a lock; only
    a change of what is known is published. Killed: what was recorded is complete, link by link.
    """
    links = due(now)
    for link in links:
        answer = ask(link.url, may_reach=may_reach, **options)  # outside of any transaction
        record(link, answer, now)
    return len(links)


@transaction.atomic
def record(link: Evidence, answer: Answer, now: datetime) -> None:
    """Write down what a link answered; publish and tell its owner what became different."""
    news = _locked(link)
    today = clock.local_date(now)
    check, _ = LinkCheck.objects.get_or_create(evidence=link, defaults={"looked_at": now})
    before = (check.failing_since, check.changed_on)
    check.looked_at, check.why = now, answer.why
    if answer.works:
        check.last_worked_on, check.failing_since = today, None
        if check.fingerprint and answer.fingerprint not in ("", check.fingerprint):
            check.changed_on = today
        check.fingerprint = answer.fingerprint or check.fingerprint
    elif answer.works is False:
        check.failing_since = check.failing_since or today
    check.save()
    if (check.failing_since, check.changed_on) == before:
        return
    if check.failing_since and not before[0]:
        _tell(link, check)
    if isinstance(news, Success):
        log.publish(successes.acts(news))
    else:
        log.publish([log.Item("update", news.key, "publish", items.update(news))])


def _locked(link: Evidence) -> ProgressUpdate | Success:
    """Read what a link supports again under a lock."""
    return (
        updates.locked(link.update)
        if link.update
        else successes.locked(cast(Success, link.success))
    )


def _tell(link: Evidence, check: LinkCheck) -> None:
    """Write to whoever looks after the promise, the first time that a link fails."""
    promise = _promises(link)[0]
    key = f"link:{link.reference}:{check.failing_since}"
    tell_owner(promise, template="link", key=key, link=link, check=check)


def _promises(link: Evidence) -> list[Commitment]:
    if link.update:
        return [link.update.commitment]
    return list(link.success.commitments.order_by("pk")) if link.success else []
