"""The ledger: a file outside the database that still knows entries and sent email after a restore.

JSON lines, appended under a lock on the file and flushed to the disk. It holds no addresses and no
names, and no items except the notes of redactions.
"""

import errno
import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from registry.log.canonical import canonical
from registry.models import Entry

TAIL = 64 * 1024  # bytes
# Bytes to keep free: several times the lines of one outbox run.
RESERVE = 1024 * 1024
# By ledger: the position up to which this process has read it, and the keys of sent email so far.
_sent_keys: dict[Path, tuple[int, set[str]]] = {}


def ledger_path() -> Path:
    return settings.REGISTER_HOME / "ledger" / "ledger.jsonl"


def check_disk_space() -> None:
    """Raise OSError if the disk is full: an act that cannot be recorded must not happen."""
    ledger_path().parent.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(ledger_path().parent).free < RESERVE:
        raise OSError(errno.ENOSPC, "The disk of the ledger is full", str(ledger_path()))


def append_line(line: dict[str, Any]) -> None:
    """Append one line and wait until it is on the disk."""
    with _locked_file() as file:
        _write_lines(file, [line])


def catch_up() -> int:
    """Append the entries missing from the ledger; return their number.

    Idempotent. Safe in parallel: the file's lock lets each entry be written once.
    """
    with _locked_file() as file:
        known = _last_entry_number(file)
        missing = Entry.objects.filter(number__gt=known).order_by("number")
        lines = [_entry_line(entry) for entry in missing]
        _write_lines(file, lines)
    return len(lines)


def find_disagreements(entries: Sequence[Entry]) -> Iterator[tuple[int, str]]:
    """Yield the first entry that differs from the ledger or is missing from the log, if any."""
    if not ledger_path().exists():
        return
    hashes = {entry.number: entry.hash for entry in entries}
    with ledger_path().open(encoding="utf-8") as file:
        for text in file:
            if not text.endswith("\n"):
                return  # a writer is busy, or was killed: the next one removes the partial line
            line = json.loads(text)
            if line["what"] == "entry" and hashes.get(line["number"]) != line["hash"]:
                yield line["number"], "the ledger outside the database remembers another entry here"
                return


def last_entry_number() -> int:
    """Return the number of the last entry in the ledger, 0 for none."""
    if not ledger_path().exists():
        return 0
    with ledger_path().open("rb") as file:
        return _last_entry_number(file)


def remembered_entries() -> list[dict[str, Any]]:
    """Return the ledger's line for each entry, oldest first."""
    return remembered_lines("entry")


def remembered_lines(what: str) -> list[dict[str, Any]]:
    """Return the ledger's lines of one kind, oldest first."""
    with ledger_path().open("rb") as file:
        return [line for line in _whole_lines(file.read()) if line["what"] == what]


def was_sent(key: str) -> bool:
    """Return True if an email was sent, even if a restored database has lost the record of it."""
    if not ledger_path().exists():
        return False
    position, keys = _sent_keys.get(ledger_path(), (0, set()))
    size = ledger_path().stat().st_size
    if size < position:  # another file has replaced it
        position, keys = 0, set()
    if size > position:
        with ledger_path().open("rb") as file:
            file.seek(position)
            text = file.read()
        keys |= {line["key"] for line in _whole_lines(text) if line["what"] == "sent"}
        _sent_keys[ledger_path()] = position + text.rfind(b"\n") + 1, keys
    return key in keys


def _whole_lines(text: bytes) -> list[dict[str, Any]]:
    """Parse the complete lines; a writer may still be busy with the rest."""
    return [json.loads(line) for line in text[: text.rfind(b"\n") + 1].splitlines()]


def _entry_line(entry: Entry) -> dict[str, Any]:
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
        _remove_partial_line(file)
        yield file


def _remove_partial_line(file: IO[bytes]) -> None:
    """Remove the partial line of a killed writer from the end of the file."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - TAIL))
    tail = file.read()
    partial_length = len(tail) - (tail.rfind(b"\n") + 1)
    if partial_length:
        file.truncate(end - partial_length)


def _write_lines(file: IO[bytes], lines: list[dict[str, Any]]) -> None:
    if lines:
        file.write("".join(canonical(line) + "\n" for line in lines).encode())
        file.flush()
        os.fsync(file.fileno())


def _last_entry_number(file: IO[bytes]) -> int:
    """Return the number of the last entry, reading backwards in growing steps; 0 for none."""
    end = file.seek(0, os.SEEK_END)
    size = min(TAIL, end)
    while size:
        file.seek(end - size)
        lines = file.read(size).splitlines(keepends=True)
        for text in reversed(lines if size == end else lines[1:]):
            # The last line is incomplete while a writer is busy, or after it was killed.
            if text.endswith(b"\n") and (line := json.loads(text))["what"] == "entry":
                return int(line["number"])
        if size == end:
            break
        size = min(size * 4, end)
    return 0
