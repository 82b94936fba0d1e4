"""The ledger: a file outside the database that remembers entries and sent mail after a restore.

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

from registry.canonical import canonical
from registry.models import Entry

TAIL = 64 * 1024
# Room for what a run of the outbox hands over, many times.
RESERVE = 1024 * 1024


def path() -> Path:
    return settings.REGISTER_HOME / "ledger" / "ledger.jsonl"


def check_room() -> None:
    """Raise OSError when the disk is full: what could not be remembered is not to happen."""
    path().parent.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(path().parent).free < RESERVE:
        raise OSError(errno.ENOSPC, "The disk of the ledger is full", str(path()))


def append(line: dict[str, Any]) -> None:
    """Append one line and wait until the disk has it."""
    with _locked() as file:
        _write(file, [line])


def catch_up() -> int:
    """Write the entries that the ledger lacks; return how many. Twice or in parallel, each is
    written once.
    """
    with _locked() as file:
        known = _last_entry_number(file)
        missing = Entry.objects.filter(number__gt=known).order_by("number")
        lines = [_line(entry) for entry in missing]
        _write(file, lines)
    return len(lines)


def disagreements(entries: Sequence[Entry]) -> Iterator[tuple[int, str]]:
    """Yield the entries that the ledger remembers differently, or that the log lacks."""
    if not path().exists():
        return
    hashes = {entry.number: entry.hash for entry in entries}
    with path().open(encoding="utf-8") as file:
        for text in file:
            if not text.endswith("\n"):
                return  # a writer is at it, or was killed at it: the next one mends it
            line = json.loads(text)
            if line["what"] == "entry" and hashes.get(line["number"]) != line["hash"]:
                yield line["number"], "the ledger outside the database remembers another entry here"
                return


def _line(entry: Entry) -> dict[str, Any]:
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
def _locked() -> Iterator[IO[bytes]]:
    path().parent.mkdir(parents=True, exist_ok=True)
    with path().open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        _cut_off_half_a_line(file)
        yield file


def _cut_off_half_a_line(file: IO[bytes]) -> None:
    """Remove what a writer that was killed left behind the last whole line."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - TAIL))
    tail = file.read()
    half = len(tail) - (tail.rfind(b"\n") + 1)
    if half:
        file.truncate(end - half)


def _write(file: IO[bytes], lines: list[dict[str, Any]]) -> None:
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
        lines = file.read(size).splitlines()
        for text in reversed(lines if size == end else lines[1:]):
            line = json.loads(text)
            if line["what"] == "entry":
                return int(line["number"])
        if size == end:
            break
        size = min(size * 4, end)
    return 0
