"""Reminder email: one a day for each person and council, with the most urgent commitment first.

Facts only: the words are in templates/emails/reminder.html and the two templates it includes. The
sentences of the public page that it quotes are those of `announcements`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Max

from charter.mail import rendering
from charter.models import Change, Commitment, Membership, User
from charter.workflow import ChangeStatus
from registry.wording.sentences import passed_text
from reporting import schedule
from reporting.models import ProgressUpdate, Reminder, ReportingPeriod
from reporting.reminders import announcements
from reporting.reminders import steps as reminder_steps
from reporting.reminders.announcements import ComingSentence
from reporting.reminders.recipients import Recipients
from reporting.reminders.steps import Stage
from reporting.requests import note_requests


@dataclass(frozen=True)
class ReminderItem:
    """What the email says about one commitment.

    `requested` is the update asked for, `oldest` the oldest owed one: often the same. What the
    public page says, and will say, depends on the oldest; `coming_later` is what it will say of the
    others once they are the oldest.
    """

    commitment: Commitment
    changed_at: datetime | None
    last_update: ProgressUpdate | None
    requested: ReportingPeriod
    requested_stage: Stage
    final: ReportingPeriod | None  # Of those asked for.
    deadline: ComingSentence | None  # What the page will say after it, of a final update.
    oldest: ReportingPeriod
    oldest_stage: Stage
    can_respond: bool
    owner: User | None
    sponsor_copied_on: date | None
    sentence: str  # Of the public page today; "" while it says nothing against the signatory.
    coming: list[ComingSentence]
    coming_later: list[ComingSentence]

    @property
    def announced(self) -> list[ComingSentence]:
        return [*([self.deadline] if self.deadline else []), *self.coming, *self.coming_later]

    @property
    def passed_deadline(self) -> str:
        """Return what the page says from the day after the deadline; "" before, or without one."""
        deadline = self.commitment.end_on
        if self.final is None or self.deadline or deadline is None:
            return ""
        said = passed_text(deadline, is_from_before=self.commitment.is_from_before)
        return f"{said}."


@dataclass(frozen=True)
class RenderedEmail:
    subject: str
    text: str
    html: str
    announced: list[ComingSentence]


def render_email(
    user: User, reminders: Sequence[Reminder], facts: "EmailFacts", *, is_test: bool = False
) -> RenderedEmail | None:
    """Return the email, with one item for each commitment.

    `facts` are of these reminders, and maybe of others. None if all updates have arrived in the
    meantime.
    """
    reminders_by_commitment: dict[int, list[Reminder]] = defaultdict(list)
    for reminder in reminders:
        reminders_by_commitment[reminder.period.commitment_id].append(reminder)
    items = [
        facts.build_item(period, reminders_by_commitment[period.commitment_id])
        for period in facts.oldest_owed
        if period.commitment_id in reminders_by_commitment
    ]
    if not items:
        return None
    authority = reminders[0].period.commitment.signatory.charter.authority
    context = email_context(user, items, is_test=is_test)
    return RenderedEmail(
        *rendering.render("reminder", context, authority),
        announced=[coming for item in items for coming in item.announced],
    )


def email_context(
    user: User, items: Sequence[ReminderItem], *, is_test: bool = False
) -> dict[str, Any]:
    """Return the facts of the whole email."""
    return {
        "user": user,
        "items": items,
        "first_due_on": min(item.requested.due_on for item in items),
        "late_count": sum(item.oldest_stage != Stage.UPCOMING for item in items),
        "is_test": is_test,
    }


class _CommitmentHistory:
    """The last update and the last amendment of some commitments, read at once."""

    def __init__(self, commitments: Collection[int]) -> None:
        sent = ProgressUpdate.objects.sent().filter(commitment__in=commitments)
        latest = sent.order_by("commitment", "-is_final", "-period__starts_on").distinct(
            "commitment"
        )
        self.last_sent = {
            update.commitment_id: update for update in latest.select_related("commitment__measure")
        }
        amended = Change.objects.filter(
            commitment__in=commitments, action=Change.Action.AMEND, status=ChangeStatus.PUBLISHED
        )
        self.changed_at = dict(amended.values_list("commitment").annotate(Max("published_at")))


@dataclass(frozen=True)
class EmailFacts:
    """What the emails of a day say, with all that they need read at once."""

    today: date
    oldest_owed: list[ReportingPeriod]  # of each commitment, the most urgent first
    recipients: Recipients
    history: _CommitmentHistory

    @classmethod
    def read(cls, reminders: Iterable[Reminder], today: date) -> "EmailFacts":
        """Read the facts of the emails with these reminders."""
        asked_for = [reminder.period for reminder in reminders]
        commitments = {period.commitment_id for period in asked_for}
        oldest_owed = list(
            ReportingPeriod.objects.oldest_owed()
            .filter(commitment__in=commitments)
            .select_related(
                "commitment__signatory__charter",
                "commitment__signatory__organisation",
                "commitment__measure",
            )
            .order_by("due_on", "pk")
        )
        note_requests([*oldest_owed, *asked_for])
        return cls(today, oldest_owed, Recipients(oldest_owed), _CommitmentHistory(commitments))

    def build_item(self, oldest: ReportingPeriod, reminders: list[Reminder]) -> ReminderItem:
        """Return the item for a commitment from its oldest owed period and its reminders."""
        commitment, membership = oldest.commitment, reminders[-1].membership
        requested_periods = [reminder.period for reminder in reminders]
        requested = (
            oldest
            if oldest in requested_periods
            else max(requested_periods, key=lambda period: period.due_on)
        )
        final = next((period for period in requested_periods if period.is_final), None)
        owner = self.recipients.get_owner(oldest)
        # Of the others this email says nothing, so nothing will be public of them.
        announced = [
            coming
            for period in {period.pk: period for period in [oldest, *requested_periods]}.values()
            if period.requested_on or period in requested_periods
            for coming in announcements.coming_sentences(period, self.today)
        ]
        return ReminderItem(
            commitment=commitment,
            changed_at=self.history.changed_at.get(commitment.pk),
            last_update=self.history.last_sent.get(commitment.pk),
            requested=requested,
            requested_stage=reminder_steps.stage_on(requested, self.today),
            final=final,
            deadline=announcements.deadline_sentence(final, self.today) if final else None,
            oldest=oldest,
            oldest_stage=reminder_steps.stage_on(oldest, self.today),
            can_respond=membership.role != Membership.Role.SPONSOR or membership == owner,
            owner=owner.user if owner else None,
            sponsor_copied_on=self.sponsor_copied_on(oldest),
            sentence=announcements.current_sentence(oldest, self.today),
            coming=[coming for coming in announced if coming.period == oldest],
            coming_later=[coming for coming in announced if coming.period != oldest],
        )

    def sponsor_copied_on(self, period: ReportingPeriod) -> date | None:
        """Return the day on which the senior sponsor will get a copy, or None."""
        sponsor_steps = reminder_steps.sponsor_steps(period.steps)
        if not sponsor_steps or not self.recipients.has_sponsor(period):
            return None
        copied_on = schedule.sending_day(period, sponsor_steps[0])
        return copied_on if copied_on > self.today else None
