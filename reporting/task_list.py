"""Tasks of a signatory's members, most urgent first, and the date of the next request."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Q, QuerySet
from django.urls import reverse

from charter import permissions
from charter.models import Change, Commitment, User
from charter.workflow import ChangeStatus, CommitmentStatus, ReviewStatus
from registry import clock
from registry.models import Record
from registry.schema.code_lists import Ending, Reporting
from registry.wording import sentences
from registry.wording.formatting import format_day
from reporting import schedule
from reporting.actions import replies
from reporting.models import Check, Letter, ProgressUpdate, Reply, ReportingPeriod, Success
from reporting.reminders import calendar_feed


@dataclass(frozen=True)
class Task:
    """A row with one button; `address` is empty for members who cannot write."""

    signatory: int
    title: str
    description: str
    button: str
    address: str
    council_comments: str = ""
    reply_address: str = ""  # To reply beside what the public page says.


def list_tasks(user: User, today: date) -> list[Task]:
    """Return the tasks of a user's organisations: returned, overdue, due, drafts, due soon."""
    writes = set(permissions.signatories_with(user, "update.draft").values_list("pk", flat=True))
    return [
        task if task.signatory in writes else replace(task, address="", reply_address="")
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
    drafts, records = _drafts_by_commitment(user), _public_records(requested, today)
    due_soon = [p for p in owed if today < p.due_on]
    late = {key for key, record in records.items() if record.reporting in Reporting.late_states()}
    overdue = [p for p in owed if p.commitment.key in late and p not in due_soon]
    due = [p for p in owed if p not in due_soon and p not in overdue]

    def update_tasks(periods: Iterable[ReportingPeriod]) -> Iterator[Task]:
        for period in periods:
            record, draft = records[period.commitment.key], drafts.get(period.commitment_id)
            task = _update_task(period, _update_description(period, record, today), draft)
            is_over = record.ending == Ending.FINAL_UPDATE_DUE
            is_said = is_over or record.reporting in Reporting.late_states()
            yield replace(task, reply_address=_reply_address(period) if is_said else "")

    return [
        *_returned_tasks(user),
        *_reply_tasks(user),
        *_letter_tasks(user),
        *update_tasks(overdue),
        *_check_tasks(user),
        *update_tasks(due),
        *_draft_tasks(user, drafts, excluded=requested),
        *update_tasks([*due_soon, *paused]),
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


def _public_records(periods: list[ReportingPeriod], today: date) -> dict[str, Record]:
    """Return the public records of commitments by key, with their reporting state."""
    records = Record.objects.filter(pk__in=[period.commitment.key for period in periods])
    return {record.key: record for record in records.with_reporting(today)}


def _update_description(period: ReportingPeriod, record: Record, today: date) -> str:
    """Return a sentence on what the public page says of an update, and will say next."""
    due_on = format_day(period.due_on)
    an_update = "The final update" if period.is_final else "An update"
    signatory = period.commitment.signatory
    if signatory.is_paused(today):
        until = f" until {format_day(signatory.pause_to)}" if signatory.pause_to else ""
        return f"Reporting is paused{until}: nothing is owed, and the public page says “paused”."
    if today < period.due_on:
        return f"{an_update} is due on {due_on}. {_deadline_sentence(period, today)}"
    if record.reporting == Reporting.UNREACHABLE and signatory.unreachable_since:
        said = sentences.unreachable_sentence(signatory.unreachable_since)
        return f"{an_update} was due on {due_on}. The public page says: “{said}”"
    said = sentences.negative_sentence(record)
    coming = sentences.coming_sentences(record, today)
    if not said and not coming:
        return (
            f"{an_update} was due on {due_on}. We will send you a reminder before the public page "
            "says “overdue”."
        )
    now = f"The public page says: “{said}”" if said else f"{an_update} was due on {due_on}."
    parts = [
        f"From {format_day(on)} the public page will say: “{sentence}”" for on, sentence in coming
    ]
    return " ".join([now, *parts])


def _deadline_sentence(period: ReportingPeriod, today: date) -> str:
    """Return what the public page says, and will say, before an update is due."""
    deadline = period.commitment.end_on
    if not period.is_final or deadline is None:
        return "The public page shows that date."
    said = sentences.passed_text(deadline, is_from_before=period.commitment.is_from_before)
    sentence = f"“{said}.”"
    if deadline < today:
        return f"Until it comes, the public page says: {sentence}"
    return f"From the day after the deadline until it comes, the public page will say: {sentence}"


def _update_task(period: ReportingPeriod, description: str, draft: ProgressUpdate | None) -> Task:
    return Task(
        signatory=period.commitment.signatory_id,
        title=period.commitment.title,
        description=f"{description} {_draft_description(draft)}" if draft else description,
        button="Continue draft" if draft else _update_button(period),
        address=reverse("reporting:update", args=[period.commitment.key]),
    )


def _reply_address(period: ReportingPeriod) -> str:
    return reverse("business:reply", args=[period.commitment.key])


def _update_button(period: ReportingPeriod) -> str:
    return "Send the final update" if period.is_final else "Send an update"


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
                "Edit and send again",
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
                "Edit and send again",
                reverse("business:change_preview", args=[c.commitment.key]),
                c.returned_comments,
            )
            for c in changes.select_related("commitment").order_by("submitted_at")
        ),
        *(
            Task(
                u.commitment.signatory_id,
                u.commitment.title,
                _returned_description(u),
                "Edit and send again",
                reverse("reporting:update", args=[u.commitment.key]),
                u.returned_comments,
            )
            for u in updates.select_related("commitment", "period").order_by("submitted_at")
        ),
        *(
            Task(
                s.commitments.all()[0].signatory_id,
                s.title,
                "The council has a question about your success.",
                "Edit and send again",
                reverse("business:success", args=[s.key]),
                s.returned_comments,
            )
            for s in successes.distinct().order_by("submitted_at").prefetch_related("commitments")
        ),
    ]


def _returned_description(update: ProgressUpdate) -> str:
    question = "The council has a question about your update."
    if update.period.received_on is None or update.send_again_by is None:
        return f"{question} It was not sent again in time, so it does not count as received."
    return (
        f"{question} The public page says that we have received it. Send it again by "
        f"{format_day(update.send_again_by)}, or it will not count as received."
    )


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


def _reply_tasks(user: User) -> list[Task]:
    """Return the replies to send, as long as the public page says what they reply to."""
    unsent = Reply.objects.filter(
        commitment__in=Commitment.objects.for_user(user),
        status__in=[ReviewStatus.DRAFT, ReviewStatus.RETURNED],
    )
    return [
        Task(
            reply.signatory_id,
            reply.commitment.title,
            "The council has a question about your reply."
            if reply.status == ReviewStatus.RETURNED
            else "A draft of a reply. Only people of your organisation see it.",
            "Edit and send again" if reply.status == ReviewStatus.RETURNED else "Continue draft",
            reverse("business:reply", args=[reply.commitment.key]),
            reply.returned_comments,
        )
        for reply in unsent.select_related("commitment__signatory").order_by("pk")
        if replies.expected_reply(reply.commitment) == reply
    ]


def _draft_tasks(
    user: User, drafts: dict[int, ProgressUpdate], excluded: list[ReportingPeriod]
) -> list[Task]:
    commitments = Commitment.objects.for_user(user)
    owed_commitments = ReportingPeriod.objects.owed().of_open_commitments().values("commitment")
    # Such as an update that was taken back although a later one has been sent.
    unsent_periods = ReportingPeriod.objects.filter(received_on=None, excused_reason="")
    drafted_periods = unsent_periods.filter(updates__in=drafts.values()).of_open_commitments()
    requested_commitments = [period.commitment_id for period in excluded]
    final_drafts = [draft.commitment_id for draft in drafts.values() if draft.is_final]
    drafted_commitments = Commitment.objects.filter(
        Q(pk__in=owed_commitments)
        | Q(pk__in=drafted_periods.values("commitment"))
        | Q(pk__in=final_drafts, status=CommitmentStatus.PUBLISHED),
        pk__in=drafts.keys() - set(requested_commitments),
    )
    successes = Success.objects.filter(commitments__in=commitments, status=ReviewStatus.DRAFT)
    return [
        *(
            Task(
                c.signatory_id,
                c.title or "A commitment without a title",
                "A draft. Only people of your organisation see it.",
                "Continue draft",
                reverse("business:commitment_edit", args=[c.key]),
            )
            for c in commitments.filter(status=CommitmentStatus.DRAFT).order_by("pk")
        ),
        *(
            Task(
                c.signatory_id,
                c.title,
                f"{_draft_description(drafts[c.pk])} Only people of your organisation see it.",
                "Continue draft",
                reverse("reporting:update", args=[c.key]),
            )
            for c in drafted_commitments.order_by("pk")
        ),
        *(
            Task(
                s.signatory_id,
                s.title,
                "A success that you began. Only people of your organisation see it.",
                "Continue draft",
                reverse("business:success", args=[s.key]),
            )
            for s in successes.distinct().order_by("pk")
        ),
    ]
