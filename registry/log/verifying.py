"""Verification of the log: every hash, the chain, the records and the copies kept elsewhere.

Other packages add checks with `register_checker`, and hear of faults with `register_alarm`.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F, OuterRef, Q, Subquery

from registry import clock
from registry.log import folding, freezing, ledger, ledger_lines, publishing
from registry.log.canonical import HASH_BEFORE_THE_FIRST, hash_entry, hash_item
from registry.log.publishing import lock_log
from registry.log.records import COLUMNS, column_values
from registry.models import Entry, Record, Verification

LOCK = 7_403_115_202  # any number that no other advisory lock of the database uses
# A broken fold differs in every record: a few of them tell as much.
MAX_FAULTS_KEPT = 20


@dataclass(frozen=True)
class Fault:
    """A failed check; `number` is the first entry concerned, 0 for none."""

    number: int
    problem: str

    def __str__(self) -> str:
        return f"Entry {self.number}: {self.problem}" if self.number else self.problem


Checker = Callable[[], Iterable[Fault]]
Alarm = Callable[[list[Fault]], None]
_checkers: list[Checker] = []
_alarms: list[Alarm] = []


def register_checker(checker: Checker) -> None:
    """Let every verification run one more check, after those of the log and outside its lock."""
    _checkers.append(checker)


def register_alarm(alarm: Alarm) -> None:
    """Let a function hear of new faults, in the transaction that records them."""
    _alarms.append(alarm)


def verify_daily() -> list[Fault]:
    """Verify and record unless the last time was within a day, or another process does it now."""
    latest = Verification.get_latest()
    if latest and clock.now() - latest.at < timedelta(days=1):
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return []
        try:
            return verify_and_record()
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def verify_and_record(progress: Callable[[int], None] = lambda number: None) -> list[Fault]:
    """Verify the log, keep the outcome and raise the alarm about new faults; return all faults.

    Faults hold until a later verification finds none. The same faults raise one alarm only.
    """
    head = publishing.head()
    faults = verify(progress)
    kept = faults[:MAX_FAULTS_KEPT]
    if len(faults) > len(kept):
        kept.append(Fault(0, f"and {len(faults) - len(kept)} more faults"))
    with transaction.atomic():
        is_new = kept != open_faults()
        Verification.objects.create(
            at=clock.now(),
            head=head.number,
            hash=head.hash,
            faults=[asdict(fault) for fault in kept],
        )
        if kept and is_new:
            for alarm in _alarms:
                alarm(kept)
    return faults


def open_faults() -> list[Fault]:
    """Return the faults of the latest verification, which hold until a later one finds none."""
    latest = Verification.get_latest()
    return [Fault(**fault) for fault in latest.faults] if latest else []


def verify(progress: Callable[[int], None] = lambda number: None) -> list[Fault]:
    """Run every check of the log and the registered ones; return the faults.

    `progress` is called with the number of each verified entry.
    """
    with transaction.atomic():
        lock_log()
        entries = list(Entry.objects.order_by("number"))
        faults = _verify_chain(entries, progress)
        if not faults:
            faults = _verify_records(entries)
    faults += _verify_ledger({entry.number: entry.hash for entry in entries})
    faults += _verify_earlier_heads()
    return faults + [fault for checker in _checkers for fault in checker()]


def _verify_chain(entries: list[Entry], progress: Callable[[int], None]) -> list[Fault]:
    """Check numbers, hashes and times, and that a later redaction names each emptied entry."""
    redacted = {
        (entry.key, number): entry.number
        for entry in entries
        if entry.action == Entry.Action.REDACT and entry.item is not None
        for number in json.loads(entry.item).get("entries", [])
    }
    previous_hash, previous_at = HASH_BEFORE_THE_FIRST, None
    for expected, entry in enumerate(entries, start=1):
        if entry.number != expected:
            return [Fault(expected, f"entry {expected} is missing: entry {entry.number} follows")]
        if entry.item is None:
            if redacted.get((entry.key, entry.number), 0) <= entry.number:
                return [Fault(expected, "the item is gone, and no later redaction names it")]
        elif hash_item(entry.item) != entry.item_hash:
            return [Fault(expected, "the item does not fit its hash")]
        fields = (entry.number, entry.at, entry.kind, entry.key, entry.action, entry.item_hash)
        if entry.at.microsecond or hash_entry(previous_hash, *fields) != entry.hash:
            return [
                Fault(expected, "the entry does not fit its hash, or the hash of the entry before")
            ]
        if previous_at and entry.at < previous_at:
            return [Fault(expected, "the entry is older than the one before")]
        previous_hash, previous_at = entry.hash, entry.at
        progress(entry.number)
    return []


def _verify_records(entries: list[Entry]) -> list[Fault]:
    """Compare the records with those folded from the entries."""
    expected = folding.fold(entries)
    rows = Record.objects.in_bulk()
    faults = [
        Fault(record.entry, f"the record {key} is missing")
        for key, record in expected.items()
        if key not in rows
    ]
    for key, row in rows.items():
        if key not in expected:
            faults.append(Fault(row.entry, f"the record {key} has no entry"))
        elif column_values(row) != column_values(expected[key]):
            names = [n for n in COLUMNS if getattr(row, n) != getattr(expected[key], n)]
            faults.append(
                Fault(row.entry, f"the record {key} differs from its entries in {', '.join(names)}")
            )
    return faults


def _verify_ledger(hashes: dict[int, str]) -> list[Fault]:
    """Compare the log, given by its hashes, with the ledger, and read each of its lines."""
    obstacle = freezing.find_obstacle()
    faults = [Fault(0, obstacle.rstrip("."))] if obstacle else []
    with ledger.open_ledger() as file:
        found = ledger_lines.find_faults(file, hashes) if file else ()
        return faults + [Fault(number, problem) for number, problem in found]


def _verify_earlier_heads() -> Iterator[Fault]:
    """Compare the log with the heads of earlier verifications; yield the first that differs."""
    entry = Entry.objects.filter(number=OuterRef("head"))
    known = Verification.objects.filter(faults=[], head__gt=0)
    known = known.annotate(now=Subquery(entry.values("hash")[:1]))
    differing = known.filter(Q(now=None) | ~Q(hash=F("now"))).order_by("head").first()
    if differing:
        day = clock.local_date(differing.at)
        yield Fault(differing.head, f"the verification of {day} found another entry here")
