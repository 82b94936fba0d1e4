"""The ledger: a file outside the database that remembers entries and sent email after a restore.

JSON lines, appended under a lock of the file and flushed to the disk. No addresses, no names, and
of items only the notes of redactions.
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

TAIL = 64 * 1024
# Room for what a run of the outbox hands over, many times.
RESERVE = 1024 * 1024
# How far this process has read each ledger, and the keys of the email that it tells of.
_sent_keys: dict[Path, tuple[int, set[str]]] = {}


def ledger_path() -> Path:
    return settings.REGISTER_HOME / "ledger" / "ledger.jsonl"


def check_disk_space() -> None:
    """Raise OSError when the disk is full: what could not be remembered is not to happen."""
    ledger_path().parent.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(ledger_path().parent).free < RESERVE:
        raise OSError(errno.ENOSPC, "The disk of the ledger is full", str(ledger_path()))


def append_line(line: dict[str, Any]) -> None:
    """Append one line and wait until the disk has it."""
    with _locked_file() as file:
        _write_lines(file, [line])


def catch_up() -> int:
    """Write the entries that the ledger lacks; return how many. Twice or in parallel, each is
    written once.
    """
    with _locked_file() as file:
        known = _last_entry_number(file)
        missing = Entry.objects.filter(number__gt=known).order_by("number")
        lines = [_entry_line(entry) for entry in missing]
        _write_lines(file, lines)
    return len(lines)


def find_disagreements(entries: Sequence[Entry]) -> Iterator[tuple[int, str]]:
    """Yield the entries that the ledger remembers differently, or that the log lacks."""
    if not ledger_path().exists():
        return
    hashes = {entry.number: entry.hash for entry in entries}
    with ledger_path().open(encoding="utf-8") as file:
        for text in file:
            if not text.endswith("\n"):
                return  # a writer is at it, or was killed at it: the next one mends it
            line = json.loads(text)
            if line["what"] == "entry" and hashes.get(line["number"]) != line["hash"]:
                yield line["number"], "the ledger outside the database remembers another entry here"
                return


def last_entry_number() -> int:
    """Return the number of the last entry that it remembers, 0 for none."""
    if not ledger_path().exists():
        return 0
    with ledger_path().open("rb") as file:
        return _last_entry_number(file)


def remembered_entries() -> list[dict[str, Any]]:
    """Return what it remembers of each entry, oldest first."""
    with ledger_path().open("rb") as file:
        return [line for line in _whole_lines(file.read()) if line["what"] == "entry"]


def was_sent(key: str) -> bool:
    """Say whether an email was handed over, even if a restored database forgot it."""
    if not ledger_path().exists():
        return False
    read_to, keys = _sent_keys.get(ledger_path(), (0, set()))
    size = ledger_path().stat().st_size
    if size < read_to:  # another file in its place
        read_to, keys = 0, set()
    if size > read_to:
        with ledger_path().open("rb") as file:
            file.seek(read_to)
            text = file.read()
        keys |= {line["key"] for line in _whole_lines(text) if line["what"] == "sent"}
        _sent_keys[ledger_path()] = read_to + text.rfind(b"\n") + 1, keys
    return key in keys


def _whole_lines(text: bytes) -> list[dict[str, Any]]:
    """Read what stands before the last end of a line: a writer may be at the rest."""
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
    """Remove what a writer that was killed left behind the last whole line."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - TAIL))
    tail = file.read()
    half = len(tail) - (tail.rfind(b"\n") + 1)
    if half:
        file.truncate(end - half)


def _write_lines(file: IO[bytes], lines: list[dict[str, Any]]) -> None:
    if lines:
        file.write("".join(canonical(line) + "\n" for line in lines).encode())
        file.flush()
        os.fsync(file.fileno())


def _last_entry_number(file: IO[bytes]) -> int:
    """Read backwards until a line tells of an entry; the file grows by whole lines only."""
    end = file.seek(0, os.SEEK_END)
    size = min(TAIL, end)
    while size:
        file.seek(end - size)
        lines = file.read(size).splitlines(keepends=True)
        for text in reversed(lines if size == end else lines[1:]):
            # A writer may be at the last line, or was killed at it.
            if text.endswith(b"\n") and (line := json.loads(text))["what"] == "entry":
                return int(line["number"])
        if size == end:
            break
        size = min(size * 4, end)
    return 0
