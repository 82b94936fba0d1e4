"""Reading the lines of a ledger file, forwards and backwards, past those that cannot be read."""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

Line = dict[str, Any]

TAIL = 64 * 1024  # bytes
MAX_NAMED = 20  # of lines that cannot be read: a few of them tell as much
REQUIRED_FIELDS = {
    "ledger": {"identity"},  # and of the kinds that other packages write: none
    "entry": {"number", "at", "kind", "key", "action", "item_hash", "hash"},
    "sent": {"key"},
}


def parse_line(text: bytes) -> Line | None:
    """Return a line's content, or None if it cannot be read."""
    try:
        line = json.loads(text)
        is_whole = line.keys() >= REQUIRED_FIELDS.get(line["what"], set())
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError):
        return None
    return line if is_whole else None


def unreadable(number: int) -> str:
    return f"Line {number} of the ledger cannot be read"


def first_line(file: IO[bytes]) -> Line | None:
    """Return the line that names the ledger, or None if it cannot be read."""
    file.seek(0)
    return parse_line(file.readline())


def last_entry(file: IO[bytes], end: int | None = None) -> Line | None:
    """Return the line of the last entry, or None if there is none."""
    for text in _read_backwards(file, end):
        if (line := parse_line(text)) and line["what"] == "entry":
            return line
    return None


def last_line(file: IO[bytes], end: int | None = None) -> bytes:
    """Return the last whole line before a position, without its end; b"" if there is none."""
    return next(_read_backwards(file, end), b"")


def last_line_hash(file: IO[bytes]) -> str:
    return hashlib.sha256(last_line(file)).hexdigest()


def remove_partial_line(file: IO[bytes]) -> None:
    """Remove the partial line of a killed writer from the end of the file."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - TAIL))
    tail = file.read()
    partial_length = len(tail) - (tail.rfind(b"\n") + 1)
    if partial_length:
        file.truncate(end - partial_length)


def find_faults(file: IO[bytes], hashes: dict[int, str]) -> Iterator[tuple[int, str]]:
    """Yield the faults of a ledger: the entry concerned, 0 for none, and the problem.

    These are lines that cannot be read, the first one that does not follow the line before, and the
    first entry that differs from the log's, whose `hashes` are given by number.
    """
    previous, previous_is_readable = b"", True
    unreadable_count = 0
    is_chained = is_agreed = True
    file.seek(0)
    for number, text in enumerate(file, start=1):
        if not text.endswith(b"\n"):
            return  # a writer is busy, or was killed: the next one removes the partial line
        text = text[:-1]
        line = parse_line(text)
        if line is None:
            unreadable_count += 1
            if unreadable_count <= MAX_NAMED:
                yield 0, unreadable(number)
        else:
            if is_chained and number > 1 and previous_is_readable:
                is_chained = line.get("previous") == hashlib.sha256(previous).hexdigest()
                if not is_chained:
                    yield 0, f"Line {number} of the ledger does not follow the line before"
            if is_agreed and line["what"] == "entry":
                is_agreed = hashes.get(line["number"]) == line["hash"]
                if not is_agreed:
                    problem = "the ledger outside the database remembers another entry here"
                    yield line["number"], problem
        previous, previous_is_readable = text, line is not None


@dataclass
class Scan:
    """What a process has read of a ledger so far."""

    inode: int = 0
    position: int = 0
    line_count: int = 0
    sent_keys: set[str] = field(default_factory=set)
    unreadable_lines: list[int] = field(default_factory=list)

    def read(self, file: IO[bytes]) -> None:
        """Read the complete lines behind the position; a writer may be busy with the rest."""
        file.seek(self.position)
        for text in file:
            if not text.endswith(b"\n"):
                break
            self.position += len(text)
            self.line_count += 1
            line = parse_line(text)
            if line is None:
                self.unreadable_lines = [*self.unreadable_lines, self.line_count][:MAX_NAMED]
            elif line["what"] == "sent":
                self.sent_keys.add(line["key"])


_scans: dict[Path, Scan] = {}


def scan(path: Path) -> Scan:
    """Return what is known of a ledger, after reading what this process has not read yet."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return Scan()
    with file:
        status = os.fstat(file.fileno())
        known = _scans.get(path)
        if known is None or known.inode != status.st_ino or status.st_size < known.position:
            known = _scans[path] = Scan(inode=status.st_ino)
        known.read(file)
        return known


def _read_backwards(file: IO[bytes], end: int | None = None) -> Iterator[bytes]:
    """Yield the whole lines before a position, the last one first, in growing steps."""
    end = file.seek(0, os.SEEK_END) if end is None else end
    size, line_count = min(TAIL, end), 0
    while size:
        file.seek(end - size)
        # Behind the last line end is nothing, or a line that a writer has not finished.
        texts = file.read(size).split(b"\n")[:-1]
        texts = texts if size == end else texts[1:]
        yield from reversed(texts[: len(texts) - line_count])
        if size == end:
            return
        line_count = len(texts)
        size = min(size * 4, end)
