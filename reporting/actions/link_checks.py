"""Look at the links of public evidence once a week, and say in public which do not work."""

from datetime import datetime, timedelta
from typing import cast

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from charter.actions.commitments import email_owner
from charter.models import Commitment
from charter.workflow import CommitmentStatus
from registry import clock
from registry.log import publishing
from reporting import items
from reporting.actions import successes, updates
from reporting.evidence.link_checking import LinkResult, check_link
from reporting.models import Evidence, LinkCheck, ProgressUpdate, Success
from reporting.workflow import ReviewStatus

CHECK_INTERVAL = timedelta(days=7)


def links_to_check(now: datetime, limit: int = 40) -> list[Evidence]:
    """Return the public links that nobody looked at for a week, longest ago first."""
    recent_checks = LinkCheck.objects.filter(
        evidence=OuterRef("pk"), looked_at__gt=now - CHECK_INTERVAL
    )
    of_updates = Q(update__status=ReviewStatus.PUBLISHED) & ~Q(
        update__commitment__status=CommitmentStatus.WITHDRAWN
    )
    public = Evidence.objects.filter(of_updates | Q(success__status=ReviewStatus.PUBLISHED))
    return list(
        public.filter(~Exists(recent_checks), visibility=Evidence.Visibility.PUBLIC)
        .exclude(url="")
        .order_by("link_check__looked_at", "pk")[:limit]
    )


def check_due_links(now: datetime) -> int:
    """Look at what is due; return how many links.

    Twice or in parallel: a link is asked at most twice, and its row is written under a lock; only
    a change of what is known is published. Killed: what was recorded is complete, link by link.
    """
    links = links_to_check(now)
    for link in links:
        result = check_link(link.url)  # outside of any transaction
        record_result(link, result, now)
    return len(links)


@transaction.atomic
def record_result(link: Evidence, result: LinkResult, now: datetime) -> None:
    """Write down what a link answered; publish and tell its owner what became different."""
    submission = _lock_submission(link)
    today = clock.local_date(now)
    check, _ = LinkCheck.objects.get_or_create(evidence=link, defaults={"looked_at": now})
    before = (check.failing_since, check.changed_on)
    check.looked_at, check.why = now, result.why
    if result.works:
        check.last_worked_on, check.failing_since = today, None
        if check.fingerprint and result.fingerprint not in ("", check.fingerprint):
            check.changed_on = today
        check.fingerprint = result.fingerprint or check.fingerprint
    elif result.works is False:
        check.failing_since = check.failing_since or today
    check.save()
    if (check.failing_since, check.changed_on) == before:
        return
    if check.failing_since and not before[0]:
        _notify_owner(link, check)
    if isinstance(submission, Success):
        publishing.publish(successes.entries_to_append(submission))
    else:
        publishing.publish(
            [publishing.NewEntry("update", submission.key, "publish", items.update(submission))]
        )


def _lock_submission(link: Evidence) -> ProgressUpdate | Success:
    """Read what a link supports again under a lock."""
    return (
        updates.lock_update(link.update)
        if link.update
        else successes.lock_success(cast(Success, link.success))
    )


def _notify_owner(link: Evidence, check: LinkCheck) -> None:
    """Write to whoever looks after the commitment, the first time that a link fails."""
    commitment = _linked_commitments(link)[0]
    key = f"link:{link.reference}:{check.failing_since}"
    email_owner(commitment, template="link", key=key, link=link, check=check)


def _linked_commitments(link: Evidence) -> list[Commitment]:
    if link.update:
        return [link.update.commitment]
    return list(link.success.commitments.order_by("pk")) if link.success else []
