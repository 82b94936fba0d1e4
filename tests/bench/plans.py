"""The plan of a made-up register: its size, who signs, what each commits to and when.

All of it follows from a seed, the size and the last day; only the keys of the charter, its themes
and its measures are the register's own. Of a register of any size only the days on which its
signatories joined are kept in memory.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import islice
from random import Random
from typing import Any, NamedTuple

from registry.log.keys import CROCKFORD
from registry.reference_data import places
from registry.schema.kinds import KINDS
from reporting import schedule

Item = dict[str, Any]

SIZES = {"s": (1_000, 10_000), "m": (10_000, 100_000), "l": (100_000, 1_000_000)}
UPDATES_EACH = 6
FINAL_UPDATE_DAYS = 30
HISTORY = timedelta(days=365 * 9)  # No commitment begins earlier before the last day.
CADENCES = [(1, "monthly"), (3, "quarterly"), (6, "half_yearly"), (12, "yearly")]
SCRAMBLER = 0x9E3779B1  # Odd, so that different numbers get different keys.


class Event(NamedTuple):
    """One entry to come; `item` is in its published form, without salt."""

    day: date
    kind: str
    key: str
    action: str
    item: Item


@dataclass(frozen=True)
class Library:
    """What the charter has published: its own key, and its measures by key."""

    charter: str
    measures: dict[str, Item]


@dataclass(frozen=True)
class Plan:
    """What a commitment is about, and its days."""

    number: int
    signatory: int
    measure: str
    cadence: str
    start: date
    end: date
    has_ended: bool  # On its deadline, with the sixth and final update.
    is_withdrawn: bool  # After four updates.

    @property
    def spans(self) -> list[schedule.Span]:
        """Return the periods of six updates, and the seventh of a commitment that goes on."""
        plan = schedule.Plan(self.start, self.cadence, self.end, FINAL_UPDATE_DAYS)
        return list(islice(schedule.iter_spans(plan), UPDATES_EACH + 1))


class Register:
    """One register to make: `until` is its last day."""

    def __init__(self, size: str, library: Library, until: date, seed: int = 7) -> None:
        self.signatories, self.commitments = SIZES[size]
        self.library = library
        self.until = until
        self.seed = seed
        self.measures = list(library.measures)
        self.wards = [place.code for place in places.all_places().values() if place.parent]

    def plan_of(self, number: int) -> Plan:
        """Return the plan of a commitment, always the same for its number."""
        rng = self.random("plan", number)
        months, cadence = rng.choices(CADENCES, (5, 55, 30, 10))[0]
        has_ended = rng.random() < 0.6
        age = rng.randrange(75, 900) if has_ended else rng.randrange(1, months * 28)
        start = schedule.add_months(self.until - timedelta(days=age), -UPDATES_EACH * months)
        length = UPDATES_EACH if has_ended else rng.randrange(8, 11)
        return Plan(
            number=number,
            signatory=int(rng.random() ** 1.5 * self.signatories),
            measure=rng.choice(self.measures),
            cadence=cadence,
            start=start,
            end=schedule.add_months(start, length * months) - schedule.DAY,
            has_ended=has_ended,
            is_withdrawn=not has_ended and rng.random() < 0.05,
        )

    def random(self, what: str, number: int) -> Random:
        """Return the source of chance of one signatory or commitment."""
        return Random(f"{self.seed}-{what}-{number}")

    def key(self, kind: str, number: int) -> str:
        """Return the key of a record by its number: as if drawn, and never twice."""
        length = 5 if self.commitments < 50_000 else 6
        rest = number * SCRAMBLER % 32**length
        characters = ""
        for _ in range(length):
            rest, digit = divmod(rest, 32)
            characters += CROCKFORD[digit]
        return f"{KINDS[kind].letter}-{characters}"

    def joining_day(self, number: int) -> date:
        """Return the day on which a signatory joined, before its first commitment began."""
        rng = self.random("joining", number)
        default = self.until - timedelta(days=rng.randrange(90, 900))
        return self._first_starts.get(number, default) - timedelta(days=rng.randrange(1, 60))

    @cached_property
    def _first_starts(self) -> dict[int, date]:
        """Return the day of the first commitment of each signatory that has one."""
        first: dict[int, date] = {}
        for plan in map(self.plan_of, range(self.commitments)):
            first[plan.signatory] = min(plan.start, first.get(plan.signatory, plan.start))
        return first
