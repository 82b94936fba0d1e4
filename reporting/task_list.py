"""Tasks of a signatory's members, most urgent first, and the date of the next request."""

from dataclasses import dataclass, replace
from datetime import date

from django.db.models import QuerySet
from django.urls import reverse

from charter import permissions
from charter.models import Change, Commitment, User
from charter.workflow import ChangeStatus, CommitmentStatus
from registry import clock
from registry.models import Record
from registry.wording.formatting import format_day
from reporting import schedule
from reporting.models import Check, Letter, ProgressUpdate, ReportingPeriod, Success
from reporting.reminders import calendar_feed
from reporting.workflow import ReviewStatus


@dataclass(frozen=True)
class Task:
    """A row with one button; `address` is empty for members who cannot write."""

    signatory: int
    title: str
    description: str
    button: str
    address: str
    council_comments: str = ""


def list_tasks(user: User, today: date) -> list[Task]:
    """Return the tasks of a user's organisations: returned, overdue, due, drafts, due soon."""
    writes = set(permissions.signatories_writable_by(user).values_list("pk", flat=True))
    return [
        task if task.signatory in writes else replace(task, address="")
        for task in _build_tasks(user, today)
    ]


def next_request_date(user: User, today: date) -> date | None:
    """Return the next day on which we ask for an update, or None."""
    commitments = _open_commitments(user).select_related("signatory").prefetch_related("periods")
    next_periods = filter(None, map(calendar_feed.next_period, commitments))
    days = [schedule.requested_from(period) for period in next_periods]
    return min((day for day in days if day > today), default=None)


def _build_tasks(user: User, today: date) -> list[Task]:
    requested = [p for p in _owed_periods(user) if schedule.requested_from(p) <= today]
    paused = [p for p in requested if p.commitment.signatory.is_paused(today)]
    owed = [p for p in requested if p not in paused]
    overdue = [p for p in owed if today >= p.overdue_on]
    due = [p for p in owed if p.due_on <= today < p.overdue_on]
    due_soon = [p for p in owed if today < p.due_on]
    drafts, reporting_states = _drafts_by_commitment(user), _public_reporting(requested, today)
    return [
        *_returned_tasks(user),
        *_letter_tasks(user),
        *(_update_task(period, reporting_states, drafts, today) for period in overdue),
        *_check_tasks(user),
        *(_update_task(period, reporting_states, drafts, today) for period in due),
        *_draft_tasks(user, drafts, excluded=requested),
        *(_update_task(period, reporting_states, drafts, today) for period in [*due_soon, *paused]),
    ]


def _open_commitments(user: User) -> "QuerySet[Commitment]":
    return Commitment.objects.for_user(user).open()


def _owed_periods(user: User) -> list[ReportingPeriod]:
    """Return the oldest open period of each commitment without a returned update."""
    returned_commitments = ProgressUpdate.objects.filter(status=ReviewStatus.RETURNED).values(
        "commitment"
    )
    return list(
        ReportingPeriod.objects.oldest_owed()
        .of_open_commitments()
        .filter(commitment__in=Commitment.objects.for_user(user))
        .exclude(commitment__in=returned_commitments)
        .select_related("commitment__signatory__charter", "commitment__signatory__organisation")
        .order_by("due_on")
    )


def _drafts_by_commitment(user: User) -> dict[int, ProgressUpdate]:
    """Return the user's draft updates by commitment id."""
    drafts = ProgressUpdate.objects.for_user(user).filter(status=ReviewStatus.DRAFT)
    return {draft.commitment_id: draft for draft in drafts.select_related("drafted_by", "period")}


def _draft_description(draft: ProgressUpdate) -> str:
    """Return a sentence with the author and date of a draft."""
    if draft.drafted_at is None:
        return "A draft of an update waits."
    saved_on = format_day(clock.local_date(draft.drafted_at))
    return f"A draft of an update by {draft.writer}, saved on {saved_on}, waits to be sent."


def _public_reporting(periods: list[ReportingPeriod], today: date) -> dict[str, str]:
    """Return the public reporting state of commitments by key."""
    records = Record.objects.filter(pk__in=[period.commitment.key for period in periods])
    return {record.key: record.reporting for record in records.with_reporting(today)}


def _update_task(
    period: ReportingPeriod,
    reporting_states: dict[str, str],
    drafts: dict[int, ProgressUpdate],
    today: date,
) -> Task:
    due_on = format_day(period.due_on)
    reporting = reporting_states[period.commitment.key]
    signatory = period.commitment.signatory
    if signatory.is_paused(today):
        until = f" until {format_day(signatory.pause_to)}" if signatory.pause_to else ""
        description = (
            f"Reporting is paused{until}: nothing is owed, and the public page says “paused”."
        )
    elif today >= period.due_on and reporting == "unreachable":
        description = (
            f"An update was due on {due_on}. The public page says that we have not been able to "
            "reach you."
        )
    elif reporting in ("overdue", "silent"):
        since_day = format_day(period.silent_on if reporting == "silent" else period.overdue_on)
        description = (
            f"An update was due on {due_on}. The public page says “{reporting} since "
            f"{since_day}”, with the "
            "dates on which we asked."
        )
    elif today >= period.overdue_on:
        description = (
            f"An update was due on {due_on}. The public page says “overdue” as soon as we have "
            "asked after that day."
        )
    elif today >= period.due_on:
        description = (
            f"An update was due on {due_on}. From {format_day(period.overdue_on)} the public page "
            "will say “overdue”, with the dates on which we asked."
        )
    else:
        description = f"An update is due on {due_on}. The public page shows that date."
    draft = drafts.get(period.commitment_id)
    return Task(
        signatory=signatory.pk,
        title=period.commitment.title,
        description=f"{description} {_draft_description(draft)}" if draft else description,
        button="Go on writing" if draft else "Send an update",
        address=reverse("reporting:update", args=[period.commitment.key]),
    )


def _returned_tasks(user: User) -> list[Task]:
    commitments = Commitment.objects.for_user(user)
    returned_commitments = commitments.filter(status=CommitmentStatus.RETURNED)
    changes = Change.objects.filter(commitment__in=commitments, status=ChangeStatus.RETURNED)
    updates = ProgressUpdate.objects.for_user(user).filter(
        status=ReviewStatus.RETURNED, commitment__in=Commitment.objects.open()
    )
    successes = Success.objects.filter(commitments__in=commitments, status=ReviewStatus.RETURNED)
    return [
        *(
            Task(
                c.signatory_id,
                c.title,
                "The council has a question before it can be published.",
                "Change and send again",
                reverse("business:commitment_edit", args=[c.key]),
                c.returned_comments,
            )
            for c in returned_commitments.order_by("submitted_at")
        ),
        *(
            Task(
                c.commitment.signatory_id,
                c.commitment.title,
                "The council has a question about your change. The public reads the old "
                "commitment.",
                "Change and send again",
                reverse("business:change_preview", args=[c.commitment.key]),
                c.returned_comments,
            )
            for c in changes.select_related("commitment").order_by("submitted_at")
        ),
        *(
            Task(
                u.commitment.signatory_id,
                u.commitment.title,
                "The council has a question about your update. The public reads that you answered.",
                "Change and send again",
                reverse("reporting:update", args=[u.commitment.key]),
                u.returned_comments,
            )
            for u in updates.select_related("commitment").order_by("submitted_at")
        ),
        *(
            Task(
                s.commitments.all()[0].signatory_id,
                s.title,
                "The council has a question about your success.",
                "Change and send again",
                reverse("business:success", args=[s.key]),
                s.returned_comments,
            )
            for s in successes.distinct().order_by("submitted_at").prefetch_related("commitments")
        ),
    ]


def _check_tasks(user: User) -> list[Task]:
    waiting_checks = Check.objects.waiting().filter(
        update__in=ProgressUpdate.objects.for_user(user)
    )
    return [
        Task(
            check.update.commitment.signatory_id,
            check.update.commitment.title,
            f"The council has checked your update. You can reply until "
            f"{format_day(check.reply_until)}; then the public reads it.",
            "Read and reply",
            reverse("business:check", args=[check.update.key]),
        )
        for check in waiting_checks.select_related("update__commitment").order_by("reply_until")
    ]


def _letter_tasks(user: User) -> list[Task]:
    unanswered_letters = Letter.objects.filter(
        period__commitment__in=Commitment.objects.for_user(user), answered_at=None
    )
    return [
        Task(
            letter.period.commitment.signatory_id,
            letter.period.commitment.title,
            "The council has written in public, because no update came. You can answer it.",
            "Read and answer",
            reverse("business:letter", args=[letter.key]),
        )
        for letter in unanswered_letters.select_related("period__commitment").order_by("written_at")
    ]


def _draft_tasks(
    user: User, drafts: dict[int, ProgressUpdate], excluded: list[ReportingPeriod]
) -> list[Task]:
    commitments = Commitment.objects.for_user(user)
    owed_commitments = ReportingPeriod.objects.owed().of_open_commitments().values("commitment")
    requested_commitments = [period.commitment_id for period in excluded]
    drafted_commitments = Commitment.objects.filter(
        pk__in=drafts.keys() - set(requested_commitments)
    ).filter(pk__in=owed_commitments)
    successes = Success.objects.filter(commitments__in=commitments, status=ReviewStatus.DRAFT)
    return [
        *(
            Task(
                c.signatory_id,
                c.title or "A commitment without a title",
                "A draft. Only people of your organisation see it.",
                "Go on writing",
                reverse("business:commitment_edit", args=[c.key]),
            )
            for c in commitments.filter(status=CommitmentStatus.DRAFT).order_by("pk")
        ),
        *(
            Task(
                c.signatory_id,
                c.title,
                f"{_draft_description(drafts[c.pk])} Only people of your organisation see it.",
                "Go on writing",
                reverse("reporting:update", args=[c.key]),
            )
            for c in drafted_commitments.order_by("pk")
        ),
        *(
            Task(
                s.signatory_id,
                s.title,
                "A success that you began. Only people of your organisation see it.",
                "Go on writing",
                reverse("business:success", args=[s.key]),
            )
            for s in successes.distinct().order_by("pk")
        ),
    ]
