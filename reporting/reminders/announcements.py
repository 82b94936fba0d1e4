"""What an email announces: each sentence that the public page will say of a missing update.

The day and the sentence come from the rule and the function that the page itself uses.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from charter.models import Announcement, Message
from charter.models.announcements import Statement
from registry.log.reporting import coming_lateness, lateness
from registry.schema.code_lists import Reporting
from registry.wording import sentences
from reporting.models import ReportingPeriod


@dataclass(frozen=True)
class ComingSentence:
    """A sentence about a period, and the day from which the public page will say it."""

    period: ReportingPeriod
    statement: str
    public_from: date
    sentence: str


def coming_sentences(period: ReportingPeriod, today: date) -> list[ComingSentence]:
    """Return what the public page will say of a missing update after today."""
    return [
        ComingSentence(
            period,
            step.state,
            step.on,
            sentences.late_sentence(step.state, step.on, period.due_on),
        )
        for step in coming_lateness(period.facts_on(today), today)
    ]


def deadline_sentence(period: ReportingPeriod, today: date) -> ComingSentence | None:
    """Return what the public page will say once the deadline has passed; None from then on."""
    deadline = period.commitment.end_on
    if not period.is_final or deadline is None or deadline < today:
        return None
    return ComingSentence(
        period,
        Statement.NO_FINAL_UPDATE,
        deadline + timedelta(days=1),
        f"{sentences.no_final_update_text(deadline)}.",
    )


def current_sentence(period: ReportingPeriod, today: date) -> str:
    """Return what the public page says of a missing update; "" if it is not overdue."""
    facts = period.facts_on(today)
    state = lateness(facts, today)
    if state == Reporting.OVERDUE and facts.overdue_on:
        return sentences.late_sentence(state, facts.overdue_on, period.due_on)
    if state == Reporting.SILENT and facts.silent_on:
        return sentences.late_sentence(state, facts.silent_on, period.due_on)
    return ""


def sent_announcements(periods: Iterable[ReportingPeriod]) -> dict[str, list[Announcement]]:
    """Return by key of a period what was announced of it: the latest email for each statement."""
    sent = Announcement.objects.sent().filter(about__in=[period.key for period in periods])
    latest = sent.order_by("about", "statement", "-message__finished_at")
    announced: dict[str, list[Announcement]] = defaultdict(list)
    for announcement in latest.distinct("about", "statement").select_related("message"):
        announced[announcement.about].append(announcement)
    return announced


def record_announcements(announced: Mapping[Message, Iterable[ComingSentence]]) -> None:
    """Record what the texts of emails announce, instead of what earlier texts did."""
    Announcement.objects.filter(message__in=list(announced)).delete()
    Announcement.objects.bulk_create(
        Announcement(
            message=message,
            signatory=coming.period.commitment.signatory,
            about=coming.period.key,
            statement=coming.statement,
            public_from=coming.public_from,
            sentence=coming.sentence,
        )
        for message, sentences_of_email in announced.items()
        for coming in sentences_of_email
    )
