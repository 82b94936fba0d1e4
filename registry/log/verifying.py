"""Verification of the log: every hash, the chain, the records and the copies kept elsewhere.

Other packages add checks with `register_checker`, and hear of faults with `register_alarm`.
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery, TextField
from django.db.models.functions import Cast

from registry import clock
from registry.log import freezing, ledger, ledger_lines, publishing, refolding, whole_log
from registry.log.canonical import HASH_BEFORE_THE_FIRST, hash_fields, hash_item
from registry.log.documents import make_document
from registry.log.records import COLUMNS, column_values
from registry.log.snapshot import long_snapshot
from registry.models import Entry, Record, Verification

LOCK = 7_403_115_202  # any number that no other advisory lock of the database uses
# A broken fold differs in every record: a few of them tell as much.
MAX_FAULTS_KEPT = 20
MOST_RECORD_FAULTS = 1000
# What the hash of an entry is made of, and that hash.
CHAINED = ("number", "time", "kind", "key", "action", "item", "item_hash", "hash")
WHOLE_SECOND = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\+00")
ENTRIES_AT_ONCE = 2000  # in memory
STEP = 10_000  # entries between two reports of progress


@dataclass(frozen=True)
class Fault:
    """A failed check; `number` is the first entry concerned, 0 for none."""

    number: int
    problem: str

    def __str__(self) -> str:
        return f"Entry {self.number}: {self.problem}" if self.number else self.problem


Progress = Callable[[str], None]  # Hears in words how far a verification is.
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


def ignore_progress(words: str) -> None:
    """Report to nobody."""


def verify_daily(progress: Progress = ignore_progress) -> list[Fault]:
    """Verify and record unless the last time was within a day, or another process does it now."""
    latest = Verification.get_latest()
    if latest and clock.now() - latest.at < timedelta(days=1):
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return []
        try:
            return verify_and_record(progress)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def verify_and_record(progress: Progress = ignore_progress) -> list[Fault]:
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


def verify(progress: Progress = ignore_progress) -> list[Fault]:
    """Run every check of the log and the registered ones; return the faults.

    It reads one state of the log in chunks, without its lock and in constant memory: whatever is
    published meanwhile is verified the next time.
    """
    faults = None
    while faults is None:
        refolding.refold_all()
        faults = _verify_snapshot(progress)
    progress("Reading the ledger")
    faults += _verify_ledger()
    faults += _verify_earlier_heads()
    progress("Comparing the copies kept elsewhere")
    return faults + [fault for checker in _checkers for fault in checker()]


def _verify_snapshot(progress: Progress) -> list[Fault] | None:
    """Verify the log and its records in one state; None if some records are about to change."""
    with long_snapshot():
        head = publishing.head()
        if head.stale:
            return None
        return _verify_chain(head.number, progress) or _verify_records(head.number, progress)


def _verify_chain(head: int, progress: Progress) -> list[Fault]:
    """Check numbers, hashes and times, and that a later redaction names each emptied entry."""
    redacted = _read_redactions()
    previous_hash, previous_at = HASH_BEFORE_THE_FIRST, ""
    # The time as text, which Python would take long to read: 2026-01-05 09:00:00+00.
    entries = Entry.objects.annotate(time=Cast("at", TextField())).order_by("number")
    rows = entries.values_list(*CHAINED).iterator(ENTRIES_AT_ONCE)
    for expected, (number, time, kind, key, action, item, item_hash, entry_hash) in enumerate(
        rows, start=1
    ):
        if number != expected:
            return [Fault(expected, f"entry {expected} is missing: entry {number} follows")]
        if item is None:
            if redacted.get((key, number), 0) <= number:
                return [Fault(expected, "the item is gone, and no later redaction names it")]
        elif hash_item(item) != item_hash:
            return [Fault(expected, "the item does not fit its hash")]
        at = f"{time[:10]}T{time[11:19]}Z"
        fields = [previous_hash, number, at, kind, key, action, item_hash]
        if not WHOLE_SECOND.fullmatch(time) or hash_fields(fields) != entry_hash:
            return [
                Fault(expected, "the entry does not fit its hash, or the hash of the entry before")
            ]
        if at < previous_at:
            return [Fault(expected, "the entry is older than the one before")]
        previous_hash, previous_at = entry_hash, at
        if number % STEP == 0:
            progress(f"Hashes: {number:,} of {head:,} entries")
    return []


def _read_redactions() -> dict[tuple[str, int], int]:
    """Return the last redaction that names each emptied entry, by key and number."""
    notes = Entry.objects.filter(action=Entry.Action.REDACT, item__isnull=False).order_by("number")
    return {
        (key, number): redaction
        for redaction, key, item in notes.values_list("number", "key", "item").iterator()
        for number in json.loads(item or "{}").get("entries", [])
    }


def _verify_records(head: int, progress: Progress) -> list[Fault]:
    """Compare the records with those folded from the entries, some at a time."""
    faults: list[Fault] = []
    compared = 0
    for chunk in whole_log.fold_in_chunks():
        faults += _compare_records(chunk.records)
        if len(faults) >= MOST_RECORD_FAULTS:
            return faults
        if (compared + chunk.entry_count) // STEP > compared // STEP:
            progress(f"Records: {compared + chunk.entry_count:,} of {head:,} entries")
        compared += chunk.entry_count
    if compared != head:
        faults.append(
            Fault(0, f"{head - compared:,} entries are about records that no other names")
        )
    entries = Entry.objects.filter(key=OuterRef("key"))
    for key, entry in Record.objects.exclude(Exists(entries)).values_list("key", "entry"):
        faults.append(Fault(entry, f"the record {key} has no entry"))
    return faults


def _compare_records(folded: list[Record]) -> Iterator[Fault]:
    """Yield a fault for each stored record that is not as folded. One query."""
    stored = Record.objects.filter(key__in=[record.key for record in folded])
    columns = [*COLUMNS, "document"]
    rows = {row[columns.index("key")]: row for row in stored.values_list(*columns)}
    for record in folded:
        row, expected = rows.get(record.key), (*column_values(record), make_document(record))
        if row is None:
            yield Fault(record.entry, f"the record {record.key} is missing")
        elif row != expected:
            names = [n for n, old, new in zip(columns, row, expected, strict=True) if old != new]
            problem = f"the record {record.key} differs from its entries in {', '.join(names)}"
            yield Fault(row[columns.index("entry")], problem)


def _verify_ledger() -> list[Fault]:
    """Compare the log with the ledger, and read each of its lines."""
    obstacle = freezing.find_obstacle()
    faults = [Fault(0, obstacle.rstrip("."))] if obstacle else []
    with ledger.open_ledger() as file:
        found = ledger_lines.find_faults(file, _hashes_of) if file else ()
        return faults + [Fault(number, problem) for number, problem in found]


def _hashes_of(numbers: Collection[int]) -> dict[int, str]:
    return dict(Entry.objects.filter(number__in=numbers).values_list("number", "hash"))


def _verify_earlier_heads() -> Iterator[Fault]:
    """Compare the log with the heads of earlier verifications; yield the first that differs."""
    entry = Entry.objects.filter(number=OuterRef("head"))
    known = Verification.objects.filter(faults=[], head__gt=0)
    known = known.annotate(now=Subquery(entry.values("hash")[:1]))
    differing = known.filter(Q(now=None) | ~Q(hash=F("now"))).order_by("head").first()
    if differing:
        day = clock.local_date(differing.at)
        yield Fault(differing.head, f"the verification of {day} found another entry here")
