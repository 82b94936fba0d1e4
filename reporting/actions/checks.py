"""Checks of published updates: record, reply and publish."""

from collections.abc import Iterable
from datetime import datetime

from charter import acts, permissions, personal_data
from charter.errors import WrongStateError
from charter.mail.owners import email_owner
from charter.models import Commitment, PlanNote, User
from charter.workflow import CommitmentStatus, ReviewStatus
from registry import clock, working_days
from registry.log import publishing
from reporting import items
from reporting.actions import updates
from reporting.models import Check, ProgressUpdate
from reporting.models.updates import ProgressUpdateQuerySet

WORKING_DAYS_TO_REPLY = 10


def unchecked_updates() -> ProgressUpdateQuerySet:
    """Return the published updates without a check, newest first."""
    return (
        ProgressUpdate.objects.filter(
            status=ReviewStatus.PUBLISHED, nothing_changed=False, check_made=None
        )
        .exclude(commitment__status=CommitmentStatus.WITHDRAWN)
        .select_related("commitment__signatory__organisation", "commitment__measure", "period")
        .order_by("-published_at", "-pk")
    )


@acts.act("check.record")
def record_check(
    update: ProgressUpdate, *, by: User, by_role: str, result: str, finding: str
) -> Check:
    """Record the result of a check and ask for a reply. Idempotent."""
    permissions.check(by, "check.record", update.commitment.signatory)
    update = updates.lock_update(update)
    if existing := Check.objects.filter(update=update).first():
        return existing
    if not unchecked_updates().filter(pk=update.pk).exists():
        raise WrongStateError("Only a published update that says something new can be checked.")
    personal_data.ask_about_words(finding, by_role)
    check = Check.objects.create(
        update=update,
        by=by,
        by_role=by_role,
        result=result,
        finding=finding,
        made_at=clock.now(),
        reply_until=working_days.working_days_after(clock.today(), WORKING_DAYS_TO_REPLY),
    )
    link = f"/business/checks/{update.key}"
    key = f"check:{update.key}"
    email_owner(update.commitment, template="check", key=key, check=check, link=link)
    return check


@acts.act("evidence_plan.note")
def save_plan_note(commitment: Commitment, *, by: User, proved: str, comments: str) -> PlanNote:
    """Record whether the planned evidence of a commitment was useful.

    A later note replaces the earlier one.
    """
    permissions.check(by, "evidence_plan.note", commitment.signatory)
    personal_data.ask_about_words(comments)
    values = {"proved": proved, "comments": comments, "noted_by": by, "noted_on": clock.today()}
    note, _ = PlanNote.objects.update_or_create(commitment=commitment, defaults=values)
    return note


@acts.act("check.reply")
def publish_reply(check: Check, *, by: User, text: str) -> Check:
    """Reply once and publish the check with the reply. Idempotent."""
    permissions.check(by, "check.reply", check.update.commitment.signatory)
    update = updates.lock_update(check.update)
    check = Check.objects.get(update=update)
    check.update = update
    if check.replied_at:
        return check
    if update.commitment.status == CommitmentStatus.WITHDRAWN:
        raise WrongStateError("The commitment was withdrawn, so the check of it is not published.")
    if check.published_at:
        raise WrongStateError("The ten working days are over: the check is public without a reply.")
    check.reply, check.replied_at = text, clock.now()
    _publish_checks([check])
    return check


@acts.act("check.publish")
def publish_due_checks(now: datetime) -> int:
    """Publish the checks whose reply deadline has passed; return how many.

    Safe in parallel and when run twice: their commitments are locked, and each check is published
    once. If killed: nothing is committed.
    """
    due_checks = Check.objects.waiting().filter(reply_until__lt=clock.local_date(now))
    commitments = Commitment.objects.filter(updates__check_made__in=due_checks).order_by("pk")
    locked_commitments = list(commitments.select_for_update(skip_locked=True, of=("self",)))
    checks = list(
        due_checks.filter(update__commitment__in=locked_commitments)
        .select_related("update__commitment__signatory__charter")
        .order_by("pk")
    )
    if checks:
        _publish_checks(checks)
    return len(checks)


def _publish_checks(checks: Iterable[Check]) -> None:
    for check in checks:
        check.published_at = clock.now()
        check.save()
    publishing.publish(entries_to_republish([check.update for check in checks]))


def entries_to_republish(changed_updates: Iterable[ProgressUpdate]) -> list[publishing.NewEntry]:
    """Return the current entries of updates, and of later updates whose items depend on them.

    The caller has locked their commitments.
    """
    updates_by_key = {}
    for update in changed_updates:
        updates_by_key[update.key] = update
        updates_by_key |= {later.key: later for later in updates.following_updates(update)}
    return [
        publishing.NewEntry("update", key, "publish", items.update(affected))
        for key, affected in updates_by_key.items()
    ]
