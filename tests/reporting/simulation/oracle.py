"""The expected results of a script, computed without a line of the register's code.

For each contact, period and step it finds the first tick at which the step could go out. A step is
skipped if a newer one goes out at the same tick; a step that can never go out has no row.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache

from tests.reporting.simulation.british_calendar import (
    DAY,
    LONDON,
    is_sending_time,
    local,
    months_after,
)
from tests.reporting.simulation.script import (
    ALL_SIGNATORIES,
    LADDERS,
    Event,
    Script,
    owner,
    sponsor,
    successor,
)

# At this step only the council is notified.
OVERDUE = 30
# The final update is due so long after the deadline, and asked for from a week before it.
FINAL_DAYS, ANNOUNCED_DAYS = timedelta(days=30), timedelta(days=7)
MONTHS = {"monthly": 1, "quarterly": 3, "half_yearly": 6, "yearly": 12}
MISSED, STOPPED = "Missed: a newer step was due", "The contact has stopped these emails"


@dataclass
class Period:
    """An expected period, and how it ended."""

    starts_on: date
    ends_on: date
    created_at: datetime
    # Reminders to the owner, from the ladder at its creation.
    steps: list[int]
    is_final: bool = False
    received_on: date | None = None
    # An update before the final one, which does not settle the last period.
    ordinary_on: date | None = None
    excused: bool = False
    # From here on no update is due: received, excused, or received for a later period.
    settled_at: datetime | None = None
    # Between a final update and its taking back nothing was asked.
    settled_between: list[tuple[datetime, datetime]] = field(default_factory=list)
    # Each due date, with the moment from which it held.
    due_dates: list[tuple[datetime, date]] = field(default_factory=list)

    @property
    def due_on(self) -> date:
        return self.due_dates[-1][1]

    @property
    def sponsor_steps(self) -> list[int]:
        return [step for step in self.steps if step > 0][1:]

    def opens_on(self, due_on: date) -> date:
        if self.is_final:
            return self.ends_on - ANNOUNCED_DAYS
        half = ((self.ends_on - self.starts_on).days + 1) // 2
        return due_on - timedelta(days=min(30, half))


@dataclass(frozen=True)
class Step:
    """An expected step of the ladder; `reason` is empty if an email went out."""

    contact: str
    commitment: int
    starts_on: date
    due_on: date
    step: int
    claimed_on: date
    reason: str


@dataclass
class Commitment:
    number: int
    signatory: int
    created_at: datetime
    end_on: date
    cadence: str
    periods: list[Period] = field(default_factory=list)
    # When it was withdrawn or its organisation left.
    ended: datetime | None = None
    # When its final update was sent, on which period, and which periods it settled.
    finished: datetime | None = None
    finished_period: Period | None = None
    finished_open: list[Period] = field(default_factory=list)
    # The period of a final update that was taken back, whose row the next update uses.
    taken_back: Period | None = None


class Oracle:
    def __init__(self, script: Script) -> None:
        self.script = script
        self.ticks = list(script.ticks())
        first_of_day = {local(tick).date(): tick for tick in reversed(self.ticks)}
        self.mornings = sorted(first_of_day.values())
        self.sending = [tick for tick in self.ticks if is_sending_time(local(tick))]
        self.events: dict[int, list[Event]] = defaultdict(list)
        for event in script.events:
            self.events[event.signatory].append(event)
        # A received update makes a bounced mailbox of the owner usable again.
        self.received: set[Event] = set()
        publications = [event for event in script.events if event.kind == "commitment"]
        self.commitments = [self._history(event) for event in publications]

    def steps(self) -> set[Step]:
        """Return every expected step.

        A person gets one email a day at most; a step that comes up later in the day waits for
        another day. So the steps are computed again until no day has two emails.
        """
        busy: dict[tuple[str, date], datetime] = {}
        while True:
            steps = dict(self._steps(busy))
            first: dict[tuple[str, date], datetime] = {}
            for step, moment in steps.items():
                if not step.reason:
                    day = (step.contact, step.claimed_on)
                    first[day] = min(moment, first.get(day, moment))
            if first == busy:
                return set(steps)
            busy = first

    def _history(self, start: Event) -> Commitment:
        """Compute the periods of a commitment, in the order of events and ticks."""
        assert start.commitment is not None
        assert start.until
        commitment = Commitment(
            start.commitment, start.signatory, start.at, start.until, start.value
        )
        events = [
            event
            for event in self.events[start.signatory]
            if event.commitment == start.commitment or event.kind in ("pause", "leave")
        ]
        moments = [(event.at, event) for event in events]
        after_events = (self._next_tick(event.at) for event in events)
        ticks = {*self.mornings, *(tick for tick in after_events if tick)}
        pause: tuple[date, date] | None = None
        order = sorted([*moments, *((tick, None) for tick in ticks)], key=lambda pair: pair[0])
        for moment, event in order:
            if event is None:
                if moment > commitment.created_at:
                    self._sync_periods(commitment, moment, pause)
            elif event.kind == "pause":
                assert event.until
                pause = (local(moment).date(), event.until)
            elif event.kind in ("withdraw", "leave"):
                commitment.ended = commitment.ended or moment
            elif event.kind == "cadence":
                commitment.cadence = event.value
            elif event.kind == "extend":
                for period in commitment.periods:
                    if not period.settled_at:
                        later = period.due_on + timedelta(days=int(event.value))
                        if later > local(moment).date():
                            period.due_dates.append((moment, later))
            elif event.kind == "take_back":
                self._take_back(commitment, moment)
            elif event.kind in ("update", "finish") and not self._withdrawn(commitment, moment):
                self._receive_update(commitment, event)
        return commitment

    def _sync_periods(
        self, commitment: Commitment, tick: datetime, pause: tuple[date, date] | None
    ) -> None:
        today = local(tick).date()
        if commitment.ended is None and commitment.finished is None:
            starts_on = local(commitment.created_at).date()
            if commitment.periods:
                starts_on = commitment.periods[-1].ends_on + DAY
            while starts_on <= min(today, commitment.end_on):
                ends_on = self._end(commitment, starts_on)
                is_final = ends_on == commitment.end_on
                due_dates = [(tick, ends_on + (FINAL_DAYS if is_final else DAY))]
                steps = self._ladder_at(tick)
                if is_final:
                    steps = sorted({*steps, -(FINAL_DAYS + ANNOUNCED_DAYS).days})
                period = Period(
                    starts_on, ends_on, tick, steps, is_final=is_final, due_dates=due_dates
                )
                commitment.periods.append(period)
                starts_on = ends_on + DAY
        for period in commitment.periods:
            if period.settled_at:
                continue
            if commitment.ended:
                excused = period.due_on > local(commitment.ended).date()
            else:
                inside = pause is not None and pause[0] <= period.due_on <= pause[1]
                excused = inside and period.due_on <= today
                if excused and period.is_final and pause:
                    period.due_dates.append((tick, pause[1] + FINAL_DAYS))
                    excused = False
            if excused:
                period.excused, period.settled_at = True, tick

    def _ladder_at(self, tick: datetime) -> list[int]:
        ladder = LADDERS[0]
        for event in self.events[ALL_SIGNATORIES]:
            if event.at < tick:
                ladder = [int(step) for step in event.value.split(",")]
        return [step for step in ladder if step != OVERDUE]

    @staticmethod
    def _end(commitment: Commitment, starts_on: date) -> date:
        """Return the last day of the period that starts on a day."""
        if commitment.cadence == "on_completion":
            return commitment.end_on
        anchor, number = local(commitment.created_at).date(), 1
        while months_after(anchor, number * MONTHS[commitment.cadence]) <= starts_on:
            number += 1
        following = months_after(anchor, number * MONTHS[commitment.cadence])
        return min(following - DAY, commitment.end_on)

    def _receive_update(self, commitment: Commitment, event: Event) -> None:
        today = local(event.at).date()
        if commitment.finished or not commitment.periods:
            return
        if event.kind == "finish" or today >= commitment.end_on:
            self._finish(commitment, event)
            return
        again = commitment.taken_back
        open_periods = [period for period in commitment.periods if not period.settled_at]
        if again and not again.ordinary_on and not again.excused:
            period = again
        else:
            choice = [period for period in open_periods if not period.is_final] or open_periods
            due = [period for period in choice if period.opens_on(period.due_on) <= today]
            if not choice or (due or choice)[-1].ordinary_on:
                return
            period = (due or choice)[-1]
        self.received.add(event)
        commitment.taken_back = None
        period.ordinary_on = today
        if period.is_final:
            return
        period.received_on = today
        for earlier in open_periods:
            if earlier.starts_on <= period.starts_on:
                earlier.settled_at = event.at

    def _finish(self, commitment: Commitment, event: Event) -> None:
        """Receive the final update, which is on the latest period and ends the wait for all."""
        self.received.add(event)
        latest = commitment.periods[-1]
        latest.received_on = latest.received_on or local(event.at).date()
        commitment.finished, commitment.finished_period = event.at, latest
        commitment.finished_open = [p for p in commitment.periods if not p.settled_at]
        commitment.taken_back = None
        for period in commitment.finished_open:
            period.settled_at = event.at

    def _take_back(self, commitment: Commitment, moment: datetime) -> None:
        latest = commitment.finished_period
        if commitment.finished is None or latest is None:
            return
        latest.received_on = None if latest.is_final else latest.ordinary_on
        for period in commitment.finished_open:
            period.settled_at = None
            period.settled_between.append((commitment.finished, moment))
        commitment.finished, commitment.taken_back = None, latest

    def _withdrawn(self, commitment: Commitment, moment: datetime) -> bool:
        return any(
            event.kind == "withdraw" and event.commitment == commitment.number and event.at < moment
            for event in self.events[commitment.signatory]
        )

    def _next_tick(self, moment: datetime) -> datetime | None:
        place = bisect_right(self.ticks, moment)
        return self.ticks[place] if place < len(self.ticks) else None

    def _steps(self, busy: dict[tuple[str, date], datetime]) -> Iterator[tuple[Step, datetime]]:
        for commitment in self.commitments:
            for period in commitment.periods:
                for contact, steps in [
                    (owner(commitment.signatory), period.steps),
                    (successor(commitment.signatory), period.steps),
                    (sponsor(commitment.signatory), period.sponsor_steps),
                ]:
                    yield from self._contact_steps(commitment, period, contact, steps, busy)

    def _contact_steps(
        self,
        commitment: Commitment,
        period: Period,
        contact: str,
        steps: list[int],
        busy: dict[tuple[str, date], datetime],
    ) -> Iterator[tuple[Step, datetime]]:
        begin, end = self._in_charge(commitment.signatory, contact)
        end = min([end, *filter(None, [period.settled_at, commitment.ended])])
        held_until = [moment for moment, _ in period.due_dates[1:]] + [self.script.end]
        for (held_from, due_on), until in zip(period.due_dates, held_until, strict=True):
            window = max(begin, held_from), min(end, until)
            yield from self._window_steps(commitment, period, contact, steps, busy, due_on, window)

    def _window_steps(
        self,
        commitment: Commitment,
        period: Period,
        contact: str,
        steps: list[int],
        busy: dict[tuple[str, date], datetime],
        due_on: date,
        window: tuple[datetime, datetime],
    ) -> Iterator[tuple[Step, datetime]]:
        """Yield the steps of one due date that come up while it held."""
        begin, end = window
        steps_by_tick: dict[datetime, list[int]] = defaultdict(list)
        for step in steps:
            day = due_on + timedelta(days=step)
            if day < period.opens_on(due_on):
                continue
            earliest = datetime(day.year, day.month, day.day, tzinfo=LONDON)
            for tick in self.sending[bisect_left(self.sending, max(begin, earliest)) :]:
                if tick >= end:
                    break
                if any(settled <= tick < again for settled, again in period.settled_between):
                    continue
                email = busy.get((contact, local(tick).date()))
                if self._open_at(commitment.signatory, contact, tick) and (
                    email is None or tick <= email
                ):
                    steps_by_tick[tick].append(step)
                    break
        for tick, due_together in steps_by_tick.items():
            for step in due_together:
                reason = MISSED
                if step == due_together[-1]:
                    nudge = step not in period.sponsor_steps
                    stopped = nudge and self._stopped(commitment.signatory, contact, tick)
                    reason = STOPPED if stopped else ""
                today = local(tick).date()
                yield (
                    Step(contact, commitment.number, period.starts_on, due_on, step, today, reason),
                    tick,
                )

    def _in_charge(self, signatory: int, contact: str) -> tuple[datetime, datetime]:
        """Return the start and end of the time in which a contact gets reminders."""
        never = self.script.end
        at = {event.kind: event.at for event in self.events[signatory]}
        if contact == owner(signatory):
            return at["join"], at.get("hand_over", never)
        if contact == successor(signatory):
            return at.get("hand_over", never), never
        return at.get("sponsor", never), never

    @cache  # noqa: B019 - an oracle lives as long as its test
    def _open_at(self, signatory: int, contact: str, tick: datetime) -> bool:
        """Return True if a contact can get email: no pause, and the mailbox works."""
        today, pause, bounced = local(tick).date(), None, False
        prefix = "sponsor_" if contact == sponsor(signatory) else ""
        for event in self.events[signatory]:
            if event.at > tick:
                break
            if event.kind == "pause":
                pause = (local(event.at).date(), event.until)
            elif contact != successor(signatory) and event.kind in (
                prefix + "bounce",
                prefix + "clear",
            ):
                bounced = event.kind.endswith("bounce")
            elif event in self.received and contact == owner(signatory):
                bounced = False
        return not bounced and not (pause and pause[0] <= today <= pause[1])

    def _stopped(self, signatory: int, contact: str, tick: datetime) -> bool:
        if contact != owner(signatory):
            return False
        stopped, until = False, None
        for event in self.events[signatory]:
            if event.at > tick:
                break
            if event.kind in ("stop", "ask"):
                stopped = event.kind == "stop"
            elif event.kind == "not_now":
                until = event.until
        return stopped or (until is not None and local(tick).date() <= until)
