"""The reporting rule: the public state of a commitment, and of a reporting period, on any day.

A missing update is due from its due date. If a reminder was sent after that date, it is overdue and
later silent, each so many days after the due date as the charter says, and never before the
reminder has given the signatory notice of it. It becomes neither during a pause agreed with the
council, nor once our emails to the signatory bounce, nor while nobody is there to be asked, unless
a letter or a call has asked meanwhile.

Pure functions of facts in the log. Folding evaluates them on every day on which a state can change
and stores the steps in the record; all others look the state up there.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple, Protocol, Self, TypeVar

from registry.schema.code_lists import PeriodState, Reporting
from registry.schema.codes import CodeList
from registry.schema.fields import parse_day

DAY = timedelta(days=1)
AnyDay = TypeVar("AnyDay", date, str)
# A reminder after the due date says when the public page will call the update overdue, and when
# silent. That many days pass at least before the page does.
NOTICE = timedelta(days=7)


@dataclass(frozen=True)
class Absence:
    """When a signatory cannot be expected to report.

    These are its pause, both ends included, the day from which its emails bounce, and the day from
    which nobody is there to be asked.
    """

    pause_from: date | None = None
    pause_to: date | None = None
    unreachable_since: date | None = None
    no_contact_since: date | None = None

    @classmethod
    def from_item(cls, signatory: dict[str, Any]) -> Self:
        """Return the absence of a signatory from its item."""
        pause = signatory.get("pause") or {}
        return cls(
            pause_from=parse_day(pause.get("from")),
            pause_to=parse_day(pause.get("to")),
            unreachable_since=parse_day(signatory.get("unreachable_since")),
            no_contact_since=parse_day(signatory.get("no_contact_since")),
        )

    def is_paused(self, day: date) -> bool:
        has_started = self.pause_from is not None and self.pause_from <= day
        return has_started and (self.pause_to is None or day <= self.pause_to)

    def is_unreachable(self, day: date) -> bool:
        return self.unreachable_since is not None and self.unreachable_since <= day

    def has_no_contact(self, day: date) -> bool:
        return self.no_contact_since is not None and self.no_contact_since <= day

    def postpone(self, day: date) -> date | None:
        """Return the day, or the one after a pause that covers it; None if that never ends."""
        if not self.is_paused(day):
            return day
        return self.pause_to + DAY if self.pause_to else None

    @property
    def change_days(self) -> list[date | None]:
        return [
            self.pause_from,
            self.pause_to and self.pause_to + DAY,
            self.unreachable_since,
            self.no_contact_since,
        ]


@dataclass(frozen=True)
class PeriodFacts:
    """Facts about the update of one period.

    `requested_on` is the day of the first reminder after the due date, `requested_otherwise_on`
    that of the first letter or call since nobody is there to get one. `wait_ended_on` is the day on
    which an update on a later period, or the end of the commitment, made this one unnecessary.
    """

    due_on: date
    overdue_after_days: int
    silent_after_days: int
    absence: Absence
    requested_on: date | None
    requested_otherwise_on: date | None = None
    is_excused: bool = False
    received_on: date | None = None
    wait_ended_on: date | None = None

    @property
    def is_missing(self) -> bool:
        """Return True if an update is still needed, now or later."""
        return not (self.is_excused or self.received_on or self.wait_ended_on)

    @property
    def late_from(self) -> date | None:
        """Return the first day on which an update is received late."""
        return self.absence.postpone(self.due_on + timedelta(self.overdue_after_days))

    @property
    def overdue_on(self) -> date | None:
        """Return the day on which the update became, or will become, overdue; None for never."""
        return self._public_from(self.overdue_after_days)

    @property
    def silent_on(self) -> date | None:
        """Return the day on which the update became, or will become, silent; None for never."""
        return self._public_from(self.silent_after_days)

    @property
    def change_days(self) -> list[date | None]:
        dates = [self.due_on, self.overdue_on, self.silent_on, self.requested_otherwise_on]
        return [*dates, *self.absence.change_days]

    def has_nobody_to_ask(self, day: date) -> bool:
        """Return True if nobody can be asked on a day, and no letter or call had asked by then."""
        asked_on = self.requested_otherwise_on
        return self.absence.has_no_contact(day) and (asked_on is None or asked_on > day)

    def _public_from(self, days_late: int) -> date | None:
        """Return the day of a late state, or None if something prevented it by then."""
        if self.requested_on is None or self.is_excused:
            return None
        day = self._first_day_after_notice(days_late, self.requested_on)
        if day and self.absence.has_no_contact(day):
            # What was asked before the last person left no longer counts.
            day = self._first_day_after_notice(days_late, self.requested_otherwise_on)
        if day is None or self.absence.is_unreachable(day):
            return None
        ended = [on for on in (self.received_on, self.wait_ended_on) if on and on < day]
        return None if ended else day

    def _first_day_after_notice(self, days_late: int, requested_on: date | None) -> date | None:
        """Return the first day so late, outside a pause, that a request has given notice of."""
        if requested_on is None:
            return None
        return self.absence.postpone(max(self.due_on + timedelta(days_late), requested_on + NOTICE))


@dataclass(frozen=True)
class CommitmentFacts:
    """Facts about the reporting of a commitment, with its oldest missing update."""

    has_ended: bool
    absence: Absence
    oldest_missing: PeriodFacts | None

    @property
    def change_days(self) -> list[date | None]:
        period_days = self.oldest_missing.change_days if self.oldest_missing else []
        return [*self.absence.change_days, *period_days]


class LateStep(NamedTuple):
    """A late state and the day on which it begins."""

    on: date
    state: Reporting


def reporting_state(facts: CommitmentFacts, day: date) -> Reporting:
    """Return the reporting state of a commitment on a day."""
    if facts.has_ended:
        return Reporting.CLOSED
    if facts.absence.is_paused(day):
        return Reporting.PAUSED
    if facts.absence.is_unreachable(day):
        return Reporting.UNREACHABLE
    oldest = facts.oldest_missing
    late_state = oldest and lateness(oldest, day)
    if oldest and late_state == Reporting.DUE and oldest.has_nobody_to_ask(day):
        return Reporting.NO_CONTACT
    return late_state or Reporting.UP_TO_DATE


def period_state(facts: PeriodFacts, day: date) -> PeriodState:
    """Return the state of a period on a day.

    An update that was overdue before we lost contact with the signatory stays overdue.
    """
    if facts.is_excused:
        return PeriodState.EXCUSED
    if facts.received_on:
        is_late = facts.late_from is not None and facts.received_on >= facts.late_from
        return PeriodState.RECEIVED_LATE if is_late else PeriodState.RECEIVED
    if facts.wait_ended_on:
        return PeriodState.NOT_RECEIVED if facts.due_on <= day else PeriodState.SCHEDULED
    if facts.absence.is_paused(day):
        return PeriodState.PAUSED
    late_state = lateness(facts, day)
    if late_state is None:
        return PeriodState.SCHEDULED
    if late_state != Reporting.DUE:
        return PeriodState(late_state.value)
    if facts.absence.is_unreachable(day):
        return PeriodState.UNREACHABLE
    return PeriodState.NO_CONTACT if facts.has_nobody_to_ask(day) else PeriodState.DUE


def lateness(facts: PeriodFacts, day: date) -> Reporting | None:
    """Return due, overdue or silent for a missing update, or None before its due date."""
    reached = [step.state for step in _late_steps(facts) if step.on <= day]
    return reached[-1] if reached else None


def coming_lateness(facts: PeriodFacts, day: date) -> list[LateStep]:
    """Return the late states that the public page will show of a missing update after a day."""
    steps = {step.on: step for step in _late_steps(facts) if step.state != Reporting.DUE}
    return [step for step in steps.values() if step.on > day]


def first_request(requested_on: Iterable[AnyDay], due_on: AnyDay) -> AnyDay | None:
    """Return the first day of a request after the due date; days may be in ISO format."""
    return min((day for day in requested_on if day > due_on), default=None)


def _late_steps(facts: PeriodFacts) -> list[LateStep]:
    steps = [
        (facts.due_on, Reporting.DUE),
        (facts.overdue_on, Reporting.OVERDUE),
        (facts.silent_on, Reporting.SILENT),
    ]
    return [LateStep(on, state) for on, state in steps if on]


class Facts(Protocol):
    @property
    def change_days(self) -> Iterable[date | None]: ...


AnyFacts = TypeVar("AnyFacts", bound=Facts)


def state_steps(
    rule: Callable[[AnyFacts, date], CodeList], facts: AnyFacts
) -> tuple[list[date], list[str]]:
    """Return the days on which a state changes, and the states before, between and after them."""
    days, states = [], [rule(facts, date.min).value]
    for day in sorted({day for day in facts.change_days if day}):
        state = rule(facts, day).value
        if state != states[-1]:
            days.append(day)
            states.append(state)
    return days, states
