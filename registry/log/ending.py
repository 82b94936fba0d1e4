"""The rule of endings: has a commitment come to its end on a day, and is its result known?

A pure function of facts in the log. Folding evaluates it on every day on which it can change.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from registry import clock
from registry.log.progress import deadline_of
from registry.models import Record
from registry.schema.code_lists import Ending, EndReason
from registry.schema.fields import parse_day


@dataclass(frozen=True)
class EndingFacts:
    """Facts about the end of a commitment.

    `is_from_before` says that it was restated from a source when its deadline had passed.
    `final_update_sent` means sent and neither taken back nor lapsed; it may await the council.
    `membership_ended` says that it ended because its signatory left or changed.
    """

    deadline: date | None
    is_from_before: bool
    has_ended: bool
    membership_ended: bool
    final_update_sent: bool
    final_update_published: bool

    @property
    def change_days(self) -> list[date | None]:
        return [self.deadline and self.deadline + timedelta(days=1)]


def ending_state(facts: EndingFacts, day: date) -> Ending:
    """Return the ending of a commitment on a day."""
    if facts.has_ended:
        is_unsettled = facts.membership_ended and not facts.final_update_published
        return Ending.LEFT_UNSETTLED if is_unsettled else Ending.SETTLED
    if facts.final_update_sent:
        return Ending.FINAL_UPDATE_SENT
    if facts.is_from_before:
        return Ending.ENDED_BEFORE
    has_passed = facts.deadline is not None and facts.deadline < day
    return Ending.FINAL_UPDATE_DUE if has_passed else Ending.OPEN


def gather_facts(
    commitment: Record, updates: Iterable[Record], periods: Iterable[Record]
) -> EndingFacts:
    """Return the facts about a commitment from its records."""
    item = commitment.item or {}
    deadline = parse_day(deadline_of(item))
    return EndingFacts(
        deadline=deadline,
        is_from_before="source" in item
        and deadline is not None
        and deadline < clock.local_date(commitment.published_at),
        has_ended=commitment.ended_on is not None,
        membership_ended=item.get("end_reason") in EndReason.membership_reasons(),
        final_update_sent=any(
            is_final(period) and "received_on" in (period.item or {}) for period in periods
        ),
        final_update_published=any(
            is_final(update) and update.status == Record.Status.LIVE for update in updates
        ),
    )


def is_final(record: Record) -> bool:
    """Return True for the final update, and for the period that ends with it."""
    return bool((record.item or {}).get("is_final"))
