"""What must have come of a script, worked out without a line of the register's code.

For each contact, period and step it looks for the first tick at which the step could go out. A step
for which a newer one goes out at the same tick is skipped; a step that never can go out has no row.
"""

import calendar
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from dateutil.easter import easter

from tests.reporting.simulation.script import (
    ALL_SIGNATORIES,
    LADDERS,
    Event,
    Script,
    owner,
    sponsor,
    successor,
)

LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)
# On this step the council is told, and nobody is asked.
OVERDUE = 30
MONTHS = {"monthly": 1, "quarterly": 3, "half_yearly": 6, "yearly": 12}
MISSED, STOPPED = "Missed: a newer step was due", "The contact has stopped these emails"


@dataclass
class Period:
    """A period that must exist, and how it ended."""

    starts_on: date
    ends_on: date
    made: datetime
    # Those to the owner: what the ladder was then.
    steps: list[int]
    received_on: date | None = None
    waived: bool = False
    # From here on nothing is owed for it: answered, waived, or a later one answered.
    over: datetime | None = None
    # Its due dates, and from when each held.
    due_dates: list[tuple[datetime, date]] = field(default_factory=list)

    @property
    def due_on(self) -> date:
        return self.due_dates[-1][1]

    @property
    def sponsor_steps(self) -> list[int]:
        return [step for step in self.steps if step > 0][1:]

    def asked_from(self, due_on: date) -> date:
        half = ((self.ends_on - self.starts_on).days + 1) // 2
        return due_on - timedelta(days=min(30, half))


@dataclass(frozen=True)
class Step:
    """A step that must be on record; `reason` is empty if it was asked."""

    contact: str
    commitment: int
    starts_on: date
    due_on: date
    step: int
    on: date
    reason: str


@dataclass
class Commitment:
    number: int
    signatory: int
    made: datetime
    end_on: date
    cadence: str
    periods: list[Period] = field(default_factory=list)
    # Withdrawn, or its organisation has left.
    ended: datetime | None = None


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
        # With the update its owner was heard from, and the mailbox is tried again.
        self.heard: set[Event] = set()
        made = [event for event in script.events if event.what == "promise"]
        self.commitments = [self._history(event) for event in made]

    def steps(self) -> set[Step]:
        """Return every step that must be on record.

        Of two moments on one day a person gets an email at the first only; what comes up later
        waits for another day. So the answer is worked out again until no day has two.
        """
        busy: dict[tuple[str, date], datetime] = {}
        while True:
            found = dict(self._steps(busy))
            first: dict[tuple[str, date], datetime] = {}
            for step, moment in found.items():
                if not step.reason:
                    day = (step.contact, step.on)
                    first[day] = min(moment, first.get(day, moment))
            if first == busy:
                return set(found)
            busy = first

    def _history(self, made: Event) -> Commitment:
        """Work out the periods of a commitment, in the order of events and ticks."""
        assert made.commitment is not None
        assert made.until
        commitment = Commitment(made.commitment, made.signatory, made.at, made.until, made.value)
        mine = [
            event
            for event in self.events[made.signatory]
            if event.commitment == made.commitment or event.what in ("pause", "leave")
        ]
        moments = [(event.at, event) for event in mine]
        after_events = (self._next_tick(event.at) for event in mine)
        ticks = {*self.mornings, *(tick for tick in after_events if tick)}
        pause: tuple[date, date] | None = None
        order = sorted([*moments, *((tick, None) for tick in ticks)], key=lambda pair: pair[0])
        for moment, event in order:
            if event is None:
                if moment > commitment.made:
                    self._follow(commitment, moment, pause)
            elif event.what == "pause":
                assert event.until
                pause = (local(moment).date(), event.until)
            elif event.what in ("withdraw", "leave"):
                commitment.ended = commitment.ended or moment
            elif event.what == "cadence":
                commitment.cadence = event.value
            elif event.what == "extend":
                for period in commitment.periods:
                    if not period.over:
                        later = period.due_on + timedelta(days=int(event.value))
                        if later > local(moment).date():
                            period.due_dates.append((moment, later))
            elif event.what == "answer" and not self._withdrawn(commitment, moment):
                self._answer(commitment, event)
        return commitment

    def _follow(
        self, commitment: Commitment, tick: datetime, pause: tuple[date, date] | None
    ) -> None:
        today = local(tick).date()
        if commitment.ended is None:
            begins = local(commitment.made).date()
            if commitment.periods:
                begins = commitment.periods[-1].ends_on + DAY
            while begins <= min(today, commitment.end_on):
                ends_on = self._end(commitment, begins)
                due_dates = [(tick, ends_on + DAY)]
                steps = self._ladder_at(tick)
                commitment.periods.append(Period(begins, ends_on, tick, steps, due_dates=due_dates))
                begins = ends_on + DAY
        for period in commitment.periods:
            if period.over:
                continue
            if commitment.ended:
                waived = period.due_on > local(commitment.ended).date()
            else:
                inside = pause is not None and pause[0] <= period.due_on <= pause[1]
                waived = inside and period.due_on <= today
            if waived:
                period.waived, period.over = True, tick

    def _ladder_at(self, tick: datetime) -> list[int]:
        ladder = LADDERS[0]
        for event in self.events[ALL_SIGNATORIES]:
            if event.at < tick:
                ladder = [int(step) for step in event.value.split(",")]
        return [step for step in ladder if step != OVERDUE]

    @staticmethod
    def _end(commitment: Commitment, begins: date) -> date:
        """Return the last day of the period that begins on a day."""
        if commitment.cadence == "on_completion":
            return commitment.end_on
        anchor, number = local(commitment.made).date(), 1
        while months_after(anchor, number * MONTHS[commitment.cadence]) <= begins:
            number += 1
        following = months_after(anchor, number * MONTHS[commitment.cadence])
        return min(following - DAY, commitment.end_on)

    def _answer(self, commitment: Commitment, event: Event) -> None:
        today = local(event.at).date()
        owed = [period for period in commitment.periods if not period.over]
        asked = [period for period in owed if period.asked_from(period.due_on) <= today]
        if not owed:
            return
        self.heard.add(event)
        answered = (asked or owed)[-1]
        answered.received_on = today
        for period in owed:
            if period.starts_on <= answered.starts_on:
                period.over = event.at

    def _withdrawn(self, commitment: Commitment, moment: datetime) -> bool:
        return any(
            event.what == "withdraw" and event.commitment == commitment.number and event.at < moment
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
                    yield from self._of_contact(commitment, period, contact, steps, busy)

    def _of_contact(
        self,
        commitment: Commitment,
        period: Period,
        contact: str,
        steps: list[int],
        busy: dict[tuple[str, date], datetime],
    ) -> Iterator[tuple[Step, datetime]]:
        begin, end = self._in_charge(commitment.signatory, contact)
        end = min([end, *filter(None, [period.over, commitment.ended])])
        held_until = [moment for moment, _ in period.due_dates[1:]] + [self.script.end]
        for (held_from, due_on), until in zip(period.due_dates, held_until, strict=True):
            window = max(begin, held_from), min(end, until)
            yield from self._in_window(commitment, period, contact, steps, busy, due_on, window)

    def _in_window(
        self,
        commitment: Commitment,
        period: Period,
        contact: str,
        steps: list[int],
        busy: dict[tuple[str, date], datetime],
        due_on: date,
        window: tuple[datetime, datetime],
    ) -> Iterator[tuple[Step, datetime]]:
        """Yield the steps of one due date, as long as it held."""
        begin, end = window
        goes_at: dict[datetime, list[int]] = defaultdict(list)
        for step in steps:
            day = due_on + timedelta(days=step)
            if day < period.asked_from(due_on):
                continue
            earliest = datetime(day.year, day.month, day.day, tzinfo=LONDON)
            for tick in self.sending[bisect_left(self.sending, max(begin, earliest)) :]:
                if tick >= end:
                    break
                email = busy.get((contact, local(tick).date()))
                if self._open_at(commitment.signatory, contact, tick) and (
                    email is None or tick <= email
                ):
                    goes_at[tick].append(step)
                    break
        for tick, together in goes_at.items():
            for step in together:
                reason = MISSED
                if step == together[-1]:
                    nudge = step not in period.sponsor_steps
                    stopped = nudge and self._stopped(commitment.signatory, contact, tick)
                    reason = STOPPED if stopped else ""
                on = local(tick).date()
                yield (
                    Step(contact, commitment.number, period.starts_on, due_on, step, on, reason),
                    tick,
                )

    def _in_charge(self, signatory: int, contact: str) -> tuple[datetime, datetime]:
        """Return from when until when somebody is the one to be asked."""
        never = self.script.end
        at = {event.what: event.at for event in self.events[signatory]}
        if contact == owner(signatory):
            return at["join"], at.get("hand_over", never)
        if contact == successor(signatory):
            return at.get("hand_over", never), never
        return at.get("sponsor", never), never

    @cache  # noqa: B019 - an oracle lives as long as its test
    def _open_at(self, signatory: int, contact: str, tick: datetime) -> bool:
        """Say whether email to a contact is possible: no pause, and the mailbox works."""
        today, pause, bounced = local(tick).date(), None, False
        prefix = "sponsor_" if contact == sponsor(signatory) else ""
        for event in self.events[signatory]:
            if event.at > tick:
                break
            if event.what == "pause":
                pause = (local(event.at).date(), event.until)
            elif contact != successor(signatory) and event.what in (
                prefix + "bounce",
                prefix + "clear",
            ):
                bounced = event.what.endswith("bounce")
            elif event in self.heard and contact == owner(signatory):
                bounced = False
        return not bounced and not (pause and pause[0] <= today <= pause[1])

    def _stopped(self, signatory: int, contact: str, tick: datetime) -> bool:
        if contact != owner(signatory):
            return False
        stopped, until = False, None
        for event in self.events[signatory]:
            if event.at > tick:
                break
            if event.what in ("stop", "ask"):
                stopped = event.what == "stop"
            elif event.what == "not_now":
                until = event.until
        return stopped or (until is not None and local(tick).date() <= until)


@cache
def local(moment: datetime) -> datetime:
    return moment.astimezone(LONDON)


def months_after(anchor: date, months: int) -> date:
    month = anchor.month - 1 + months
    year, month = anchor.year + month // 12, month % 12 + 1
    return date(year, month, min(anchor.day, calendar.monthrange(year, month)[1]))


def is_sending_time(moment: datetime) -> bool:
    return moment.hour >= 9 and is_working_day(moment.date())


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in bank_holidays(day.year)


@cache
def bank_holidays(year: int) -> set[date]:
    """Work out the bank holidays of England and Wales of a year without a royal occasion."""

    def monday(month: int, after: int) -> date:
        day = date(year, month, after)
        return day + timedelta(days=-day.weekday() % 7)

    holidays = {
        easter(year) - timedelta(days=2),
        easter(year) + DAY,
        monday(5, 1),
        monday(5, 25),
        monday(8, 25),
    }
    # One that falls on a weekend is made up for on the next free day.
    for fixed in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        day = fixed
        while day.weekday() > 4 or day in holidays:
            day += DAY
        holidays.add(day)
    if date(year, 12, 25).weekday() == 6:  # then the 26th stays and the 25th moves to the 27th
        holidays |= {date(year, 12, 26), date(year, 12, 27)}
    return holidays
