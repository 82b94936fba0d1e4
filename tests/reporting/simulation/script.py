"""A random script, generated from a seed: organisations, commitments and events."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ALL_SIGNATORIES = -1
CADENCES = ["monthly", "quarterly", "quarterly", "half_yearly", "yearly", "on_completion"]
# The Birmingham charter's ladder, then others that a council might choose.
LADDERS = [
    [-30, -7, 3, 14, 30, 90],
    [-21, -14, -7, -1, 1, 30, 60],
    [-7, 7, 21, 30, 45, 90],
    [14, 30],
]


@dataclass(frozen=True)
class Event:
    """An act of someone; `signatory` (or ALL_SIGNATORIES) and `commitment` are numbers."""

    at: datetime
    kind: str
    signatory: int
    commitment: int | None = None
    until: date | None = None
    value: str = ""


@dataclass
class Script:
    """All events from `start` to `end`; the scheduler does not run during outages."""

    start: datetime
    end: datetime
    events: list[Event] = field(default_factory=list)
    outages: list[tuple[datetime, datetime]] = field(default_factory=list)
    every: timedelta = HOUR

    def ticks(self) -> Iterator[datetime]:
        """Yield every full hour (or every few) at which the scheduler runs."""
        moment = self.start
        while moment < self.end:
            if not any(begin <= moment < end for begin, end in self.outages):
                yield moment
            moment += self.every


def write(
    seed: int,
    *,
    signatories: int,
    start: date,
    days: int,
    outages: int,
    ladders: int,
    cadences: Sequence[str] = CADENCES,
    every: timedelta = HOUR,
) -> Script:
    """Return a random script. No event is at a full hour, so none coincides with a tick."""
    chance = random.Random(seed)
    begin = datetime(start.year, start.month, start.day, tzinfo=UTC)
    script = Script(begin, begin + days * DAY, every=every)
    writer = _Writer(script, chance, cadences)
    for signatory in range(signatories):
        writer.signatory(signatory)
    for _ in range(ladders):
        value = ",".join(str(step) for step in chance.choice(LADDERS))
        writer.add(writer.moment(begin, script.end), "ladder", ALL_SIGNATORIES, value=value)
    script.events.sort(key=lambda event: event.at)
    for _ in range(outages):
        outage_start = writer.moment(begin, script.end)
        duration = chance.choice([1, 3, 12, 30, 80, 240]) * HOUR
        script.outages.append((outage_start, outage_start + duration))
    # What is done after the last tick would not be seen.
    *_, last_tick = script.ticks()
    script.events = [event for event in script.events if event.at < last_tick]
    return script


class _Writer:
    def __init__(self, script: Script, chance: random.Random, cadences: Sequence[str]) -> None:
        self.script = script
        self.chance = chance
        self.cadences = cadences
        self.commitments = 0

    def moment(self, first: datetime, last: datetime) -> datetime:
        """Return a moment between two others, at a minute without a tick."""
        seconds = self.chance.uniform(0, max((last - first).total_seconds(), 1))
        moment = first + timedelta(seconds=seconds)
        return moment.replace(minute=self.chance.randint(1, 59), second=0, microsecond=0)

    def add(self, at: datetime, kind: str, signatory: int, **fields: object) -> None:
        if at < self.script.end:
            self.script.events.append(Event(at, kind, signatory, **fields))  # type: ignore[arg-type]

    def signatory(self, signatory: int) -> None:
        start, end, chance = self.script.start, self.script.end, self.chance
        length = end - start
        # Half of the organisations are there from the beginning, the others join late.
        latest = start + 5 * DAY if chance.random() < 0.5 else start + length * 0.8
        joined_at = self.moment(start, latest)
        self.add(joined_at, "join", signatory)
        if chance.random() < 0.6:
            self.add(joined_at + timedelta(minutes=1), "sponsor", signatory)
        for _ in range(chance.choice([1, 1, 2])):
            self.commitment(signatory, self.moment(joined_at + HOUR, joined_at + length * 0.2))
        for kind, probability, reversal in [
            ("bounce", 0.35, "clear"),
            ("stop", 0.2, "ask"),
            ("sponsor_bounce", 0.1, "sponsor_clear"),
        ]:
            moment = joined_at
            while chance.random() < probability:
                moment = self.moment(moment + 5 * DAY, moment + length * 0.4)
                self.add(moment, kind, signatory)
                moment = self.moment(moment + DAY, moment + 80 * DAY)
                self.add(moment, reversal, signatory)
        moment = joined_at
        while chance.random() < 0.35:
            moment = self.moment(moment + 30 * DAY, moment + length * 0.4)
            until = (moment + chance.randint(1, 200) * DAY).date()
            self.add(moment, "pause", signatory, until=until)
            moment = datetime(until.year, until.month, until.day, tzinfo=UTC) + 30 * DAY
        if chance.random() < 0.3:
            moment = self.moment(joined_at + 9 * DAY, end)
            until = (moment + chance.randint(1, 120) * DAY).date()
            self.add(moment, "not_now", signatory, until=until)
        if chance.random() < 0.2:
            self.add(self.moment(joined_at + 9 * DAY, end), "hand_over", signatory)
        if chance.random() < 0.05:
            self.add(self.moment(joined_at + length * 0.3, end), "leave", signatory)

    def commitment(self, signatory: int, created_at: datetime) -> None:
        chance, number = self.chance, self.commitments
        self.commitments += 1
        end_on = (created_at + chance.randint(40, 1500) * DAY).date()
        cadence = chance.choice(self.cadences)
        self.add(
            created_at, "commitment", signatory, commitment=number, until=end_on, value=cadence
        )
        # Some report early, some late, some hardly ever.
        every = chance.choice([25, 60, 90, 180, 400, 5000])
        moment = created_at
        while moment < self.script.end and chance.random() < 0.98:
            moment = self.moment(moment + DAY, moment + 2 * every * DAY)
            self.add(moment, "update", signatory, commitment=number)
        # Some finish, early or late; some of these find that they have not.
        if chance.random() < 0.4:
            moment = self.moment(created_at + 10 * DAY, self.script.end)
            self.add(moment, "finish", signatory, commitment=number)
            if chance.random() < 0.5:
                moment = self.moment(moment + HOUR, moment + 60 * DAY)
                self.add(moment, "take_back", signatory, commitment=number)
        if chance.random() < 0.25:
            cadence = chance.choice(CADENCES[:-1])
            at = self.moment(created_at + DAY, self.script.end)
            self.add(at, "cadence", signatory, commitment=number, value=cadence)
        if chance.random() < 0.1:
            at = self.moment(created_at + 20 * DAY, self.script.end)
            self.add(at, "withdraw", signatory, commitment=number)
        while chance.random() < 0.2:
            at = self.moment(created_at + 20 * DAY, self.script.end)
            days = chance.choice([1, 7, 30, 60])
            self.add(at, "extend", signatory, commitment=number, value=str(days))


def owner(signatory: int) -> str:
    return f"owner@signatory-{signatory}.example"


def successor(signatory: int) -> str:
    return f"successor@signatory-{signatory}.example"


def sponsor(signatory: int) -> str:
    return f"sponsor@signatory-{signatory}.example"
