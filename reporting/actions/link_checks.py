"""Weekly checks of public evidence links; broken ones are published."""

import logging
from datetime import datetime, timedelta
from typing import cast

from django.db import transaction
from django.db.models import Q

from charter import acts
from charter.mail.owners import email_owner
from charter.models import Commitment
from charter.workflow import CommitmentStatus, ReviewStatus
from registry import clock
from registry.log import publishing
from registry.models import LinkDay
from registry.schema.code_lists import EvidenceVisibility
from reporting import items
from reporting.actions import successes, updates
from reporting.evidence.link_checking import LinkResult, check_link
from reporting.models import Evidence, LinkCheck, ProgressUpdate, Success

logger = logging.getLogger(__name__)

CHECK_INTERVAL = timedelta(days=7)
# Links of one run: opening one may take seconds. More are read, since some are not public.
CHECKED_AT_ONCE, LOOKED_AT_ONCE = 40, 400


@transaction.atomic
def links_to_check(now: datetime) -> list[Evidence]:
    """Return the public links that are due: new ones, then the least recently checked.

    One that is not public is not due again until the database notes that it may be. The locks keep
    what it notes meanwhile; a link that is just being published waits for the next run.
    """
    due = Evidence.objects.filter(check_link_at__lte=now).order_by("check_link_at", "pk")
    free = due.select_for_update(skip_locked=True, no_key=True)
    numbers = list(free.values_list("pk", flat=True)[:LOOKED_AT_ONCE])
    if not numbers:
        return []
    update_filter = Q(update__status=ReviewStatus.PUBLISHED) & ~Q(
        update__commitment__status=CommitmentStatus.WITHDRAWN
    )
    public_links = Evidence.objects.filter(
        update_filter | Q(success__status=ReviewStatus.PUBLISHED),
        pk__in=numbers,
        visibility=EvidenceVisibility.PUBLIC,
    ).exclude(url="")
    links = list(
        public_links.select_related(
            "update__commitment__signatory__charter", "success__signatory__charter"
        ).order_by("check_link_at", "pk")
    )
    private = set(numbers).difference(link.pk for link in links)
    Evidence.objects.filter(pk__in=private).update(check_link_at=None)
    return links[:CHECKED_AT_ONCE]


def check_due_links(now: datetime) -> int:
    """Check the links that are due; return how many.

    Safe in parallel and when run twice: a link is requested at most twice, its row is written under
    a lock, and only a change is published. If killed: each recorded result is complete. A link
    whose check breaks is logged and has its turn again in a week: it is the first one otherwise.
    """
    links = links_to_check(now)
    for link in links:
        try:
            result = check_link(link.url)  # Outside any transaction, because it may take seconds.
            record_result(link, result, now)
        except Exception:
            logger.exception("The check of evidence %s broke", link.reference)
            Evidence.objects.filter(pk=link.pk).update(check_link_at=now + CHECK_INTERVAL)
    return len(links)


@acts.act("link.check")
def record_result(link: Evidence, result: LinkResult, now: datetime) -> None:
    """Record the result for a link; publish changes and email the owner of a broken link."""
    submission = _lock_submission(link)
    today = clock.local_date(now)
    check, _ = LinkCheck.objects.get_or_create(evidence=link, defaults={"looked_at": now})
    check.evidence = link
    previous_state = (check.failing_since, check.changed_on)
    check.looked_at, check.why = now, result.why
    if result.works:
        check.last_worked_on, check.failing_since = today, None
        if check.fingerprint and result.fingerprint not in ("", check.fingerprint):
            check.changed_on = today
        check.fingerprint = result.fingerprint or check.fingerprint
    elif result.works is False:
        check.failing_since = check.failing_since or today
    check.save()
    Evidence.objects.filter(pk=link.pk).update(check_link_at=now + CHECK_INTERVAL)
    if result.works:
        LinkDay.objects.update_or_create(
            reference=link.reference, defaults={"last_worked_on": today}
        )
    if (check.failing_since, check.changed_on) == previous_state:
        return
    if check.failing_since and not previous_state[0]:
        _notify_owner(link, check)
    if isinstance(submission, Success):
        publishing.publish(successes.entries_to_append(submission))
    else:
        publishing.publish(
            [publishing.NewEntry("update", submission.key, "publish", items.update(submission))]
        )


def _lock_submission(link: Evidence) -> ProgressUpdate | Success:
    """Return the update or success of a link, read again under a lock."""
    return (
        updates.lock_update(link.update)
        if link.update
        else successes.lock_success(cast(Success, link.success))
    )


def _notify_owner(link: Evidence, check: LinkCheck) -> None:
    """Email the commitment's update owner when a link first fails."""
    commitment = _linked_commitments(link)[0]
    key = f"link:{link.reference}:{check.failing_since}"
    email_owner(commitment, template="link", key=key, link=link, check=check)


def _linked_commitments(link: Evidence) -> list[Commitment]:
    if link.update:
        return [link.update.commitment]
    return list(link.success.commitments.order_by("pk")) if link.success else []
