"""The ledger: a file outside the database that still knows entries and sent email after a restore.

JSON lines, appended under a lock on the file and flushed to the disk. The first line names the
ledger, and each other line has the hash of the line before. It holds no addresses and no names, and
no items except the notes of redactions. A line that cannot be read is named and passed over.
"""

import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Lock
from typing import IO, Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet, Subquery

from registry.log import ledger_lines
from registry.log.canonical import canonical, published_time
from registry.log.ledger_lines import Line, Tail
from registry.models import Entry, Ledger, LedgerReading, SentKey

# Bytes to keep free: several times the lines of one outbox run.
RESERVE = 1024 * 1024
ENTRIES_AT_ONCE = 1000
LINES_AT_ONCE = 10_000

# By path, where this process began to read a ledger, and what it has read since.
_tails: dict[Path, tuple[tuple[Any, ...] | None, Tail]] = {}
_reading_tail = Lock()  # Threads of the web server read the same one for /health.


class LedgerError(OSError):
    """The file of the ledger is not there, though it was written before."""


def ledger_path() -> Path:
    return settings.REGISTER_HOME / "ledger" / "ledger.jsonl"


def check_disk_space() -> None:
    """Raise OSError if the disk is full: an act that cannot be recorded must not happen."""
    ledger_path().parent.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(ledger_path().parent).free < RESERVE:
        raise OSError(errno.ENOSPC, "The disk of the ledger is full", str(ledger_path()))


def append_line(line: Line, *, wait: bool = True) -> None:
    """Append one line and wait until it is on the disk.

    Without waiting it outlives this process, but only after `wait_for_disk` the machine.
    """
    with _locked_file() as file:
        _write_lines(file, [line], wait=wait)


def wait_for_disk() -> None:
    """Wait until every line that was appended is on the disk."""
    with ledger_path().open("rb") as file:
        os.fsync(file.fileno())


def catch_up() -> int:
    """Append the entries missing from the ledger; return their number.

    The database then notes how far the file has come. Idempotent. Safe in parallel: the file's lock
    lets each entry be written once. If killed before the note: the file is longer than noted, as
    between two notes. Raise LedgerError if the file is gone.
    """
    with _locked_file() as file:
        count = _write_missing(file)
        length, line_hash = file.seek(0, os.SEEK_END), ledger_lines.last_line_hash(file)
    with connection.cursor() as cursor:
        cursor.execute("SELECT grow_ledger(%s, %s)", [length, line_hash])
    return count


def _write_missing(file: IO[bytes]) -> int:
    """Append the entries behind the last one that the file has, some at a time."""
    last = ledger_lines.last_entry(file)
    number, count = last["number"] if last else 0, 0
    # Only the line of a redaction has an item.
    entries = Entry.objects.defer("item", *Entry.PRIVATE).order_by("number")
    while missing := list(entries.filter(number__gt=number)[:ENTRIES_AT_ONCE]):
        _write_lines(file, map(_entry_line, missing))
        number, count = missing[-1].number, count + len(missing)
        if len(missing) < ENTRIES_AT_ONCE:
            break
    return count


def begin_new() -> Ledger:
    """Begin a new ledger, which knows what the log knows; the file in use is set aside.

    The file is replaced once the caller's transaction commits. If killed in between: the register
    stops, because the file names an earlier ledger, until this is done again.
    """
    current = Ledger.get_current()
    begun = Ledger.objects.create(number=current.number + 1 if current else 1)
    transaction.on_commit(partial(_replace_file, begun))
    return begun


def _replace_file(begun: Ledger) -> None:
    if ledger_path().exists():
        name = f"set-aside-{begun.began_at:%Y%m%dT%H%M%S.%fZ}.jsonl"
        ledger_path().rename(ledger_path().with_name(name))
    catch_up()


def last_entry() -> Line | None:
    """Return the line of the ledger's last entry, or None if it has none."""
    with open_ledger() as file:
        return ledger_lines.last_entry(file) if file else None


def remembered_entries() -> Iterator[Line]:
    """Yield the ledger's line for each entry, oldest first."""
    return remembered_lines("entry")


def remembered_lines(what: str) -> Iterator[Line]:
    """Yield the ledger's lines of one kind, oldest first."""
    with open_ledger() as file:
        lines = map(ledger_lines.parse_line, file or [])
        yield from (line for line in lines if line and line["what"] == what)


def find_sent(emails: Collection[str]) -> set[str]:
    """Return the keys of emails that were sent, even if a restored database has lost the record.

    Two queries: the database knows the keys of most lines. The lines since are read from the file.
    """
    reading = _current_readings().first()
    known = SentKey.objects.filter(key__in=emails)
    if reading is None:
        known = known.none()
    else:
        known = known.filter(ledger=reading.identity)
    unread = _read_tail(reading).sent_keys
    return {*known.values_list("key", flat=True), *(key for key in emails if key in unread)}


def unreadable_lines() -> list[str]:
    """Return a sentence for each line that cannot be read.

    Each line is read once: damage done later is found when the ledger is verified.
    """
    reading = _current_readings().first()
    known = reading.unreadable_lines if reading else []
    numbers = [*known, *_read_tail(reading).unreadable_lines][: ledger_lines.MAX_NAMED]
    return [ledger_lines.unreadable(number) for number in numbers]


def note_new_lines() -> None:
    """Let the database know what the new lines say of email, so that nobody reads them again.

    Idempotent. Safe in parallel: the row that says how far it came is locked. If killed: what was
    not noted is read again.
    """
    current = Ledger.get_current()
    while current and _note_some_lines(current):
        pass


@transaction.atomic
def _note_some_lines(current: Ledger) -> bool:
    """Note some lines behind those that are noted; return True if there were any."""
    readings = LedgerReading.objects.select_for_update()
    reading, _ = readings.get_or_create(identity=current.identity)
    tail = Tail(reading.position, reading.line_count)
    with open_ledger() as file:
        if file:
            tail.read(file, LINES_AT_ONCE)
    if tail.position == reading.position:
        return False
    keys = [SentKey(ledger=current.identity, key=key) for key in sorted(tail.sent_keys)]
    SentKey.objects.bulk_create(keys, ignore_conflicts=True)
    reading.position, reading.line_count = tail.position, tail.line_count
    numbers = [*reading.unreadable_lines, *tail.unreadable_lines]
    reading.unreadable_lines = numbers[: ledger_lines.MAX_NAMED]
    reading.save()
    return True


def _current_readings() -> QuerySet[LedgerReading]:
    """Return how far the ledger in use was read: one row, or none before the first time."""
    current = Ledger.objects.order_by("-number").values("identity")[:1]
    return LedgerReading.objects.filter(identity=Subquery(current))


def _read_tail(reading: LedgerReading | None) -> Tail:
    """Return what the lines say that the database has not noted; a process reads each once."""
    with _reading_tail, open_ledger() as file:
        if file is None:
            return Tail()
        status = os.fstat(file.fileno())
        begun = reading or LedgerReading()
        if begun.position > status.st_size:
            begun = LedgerReading()
        start = (status.st_ino, begun.identity, begun.position)
        known_start, tail = _tails.get(ledger_path(), (None, Tail()))
        if known_start != start or status.st_size < tail.position:
            tail = Tail(begun.position, begun.line_count)
            _tails[ledger_path()] = start, tail
        tail.read(file)
        return tail


@contextmanager
def open_ledger() -> Iterator[IO[bytes] | None]:
    """Open the ledger for reading; None if there is no file."""
    try:
        file = ledger_path().open("rb")
    except FileNotFoundError:
        yield None
        return
    with file:
        yield file


def _entry_line(entry: Entry) -> Line:
    line = {
        "what": "entry",
        "number": entry.number,
        "at": entry.published_at,
        "kind": entry.kind,
        "key": entry.key,
        "action": entry.action,
        "item_hash": entry.item_hash,
        "hash": entry.hash,
    }
    return line | {"item": entry.item} if entry.action == Entry.Action.REDACT else line


@contextmanager
def _locked_file() -> Iterator[IO[bytes]]:
    ledger_path().parent.mkdir(parents=True, exist_ok=True)
    with ledger_path().open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        ledger_lines.remove_partial_line(file)
        if not file.seek(0, os.SEEK_END):
            _begin(file)
        yield file


def _begin(file: IO[bytes]) -> None:
    """Write the first line of a ledger into its empty file."""
    if not Entry.objects.exists():
        Ledger.begin_first()
    ledger = Ledger.get_current()
    if ledger is None or ledger.length:
        raise LedgerError(errno.ENOENT, "The ledger of this register is not here")
    began_at = published_time(ledger.began_at)
    first_line = {"what": "ledger", "identity": str(ledger.identity), "began_at": began_at}
    _append(file, [canonical(first_line).encode()])


def _write_lines(file: IO[bytes], lines: Iterable[Line], *, wait: bool = True) -> None:
    """Append lines, each with the hash of the line before."""
    previous = ledger_lines.last_line_hash(file)
    texts = []
    for line in lines:
        text = canonical(line | {"previous": previous}).encode()
        previous = hashlib.sha256(text).hexdigest()
        texts.append(text)
    _append(file, texts, wait=wait)


def _append(file: IO[bytes], texts: list[bytes], *, wait: bool = True) -> None:
    file.write(b"".join(text + b"\n" for text in texts))
    file.flush()
    if wait:
        os.fsync(file.fileno())
