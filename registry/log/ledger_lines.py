"""Reading the lines of a ledger file, forwards and backwards, past those that cannot be read."""

import hashlib
import json
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, Any

Line = dict[str, Any]

TAIL = 64 * 1024  # bytes
BATCH = 1000  # lines in memory
LARGEST_NUMBER = 2**63 - 1
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
        if b'"entry"' in text and (line := parse_line(text)) and line["what"] == "entry":
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


def find_faults(
    file: IO[bytes], hashes_of: Callable[[Collection[int]], dict[int, str]]
) -> Iterator[tuple[int, str]]:
    """Yield the faults of a ledger: the entry concerned, 0 for none, and the problem.

    These are lines that cannot be read, the first one that does not follow the line before, and the
    first entry that differs from the log's, which `hashes_of` gives by number, some at a time.
    """
    previous, previous_is_readable = b"", True
    unreadable_count = 0
    is_chained = is_agreed = True
    file.seek(0)
    for numbered_lines in _read_batches(file):
        hashes = hashes_of({_entry_number(line) for _, _, line in numbered_lines} - {0})
        for number, text, line in numbered_lines:
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
                    is_agreed = hashes.get(_entry_number(line)) == line["hash"]
                    if not is_agreed:
                        problem = "the ledger outside the database remembers another entry here"
                        yield _entry_number(line), problem
            previous, previous_is_readable = text, line is not None


def _read_batches(file: IO[bytes]) -> Iterator[list[tuple[int, bytes, Line | None]]]:
    """Yield number, text and content of the whole lines of a file, some at a time.

    A line without an end is of a writer who is busy, or was killed: the next one removes it.
    """
    whole_lines = (text[:-1] for text in file if text.endswith(b"\n"))
    numbered = ((number, text, parse_line(text)) for number, text in enumerate(whole_lines, 1))
    while batch := list(islice(numbered, BATCH)):
        yield batch


def _entry_number(line: Line | None) -> int:
    """Return the number of the entry that a line is about, or 0."""
    number = line.get("number") if line else 0
    return number if isinstance(number, int) and 0 < number <= LARGEST_NUMBER else 0


@dataclass
class Tail:
    """What the lines of a ledger behind a position say of email, as far as they were read."""

    position: int = 0
    line_count: int = 0  # before the position
    sent_keys: set[str] = field(default_factory=set)
    unreadable_lines: list[int] = field(default_factory=list)

    def read(self, file: IO[bytes], most: int | None = None) -> None:
        """Read on behind the position: whole lines, since a writer may be busy with the last one.

        `most` bounds their number.
        """
        file.seek(self.position)
        for text in islice(file, most):
            if not text.endswith(b"\n"):
                break
            self.position += len(text)
            self.line_count += 1
            line = parse_line(text)
            if line is None:
                self.unreadable_lines = [*self.unreadable_lines, self.line_count][:MAX_NAMED]
            elif line["what"] == "sent":
                self.sent_keys.add(line["key"])


def _read_backwards(file: IO[bytes], end: int | None = None) -> Iterator[bytes]:
    """Yield the whole lines before a position, the last one first, reading some bytes at a time."""
    end = file.seek(0, os.SEEK_END) if end is None else end
    # Behind the last line end is nothing, or a line that a writer has not finished.
    is_unfinished, rest = True, b""
    while end:
        size = min(TAIL, end)
        end -= size
        file.seek(end)
        texts = (file.read(size) + rest).split(b"\n")
        if is_unfinished:
            texts.pop()
            is_unfinished = not texts
        if texts:
            rest = texts.pop(0)  # It may begin before these bytes.
            yield from reversed(texts)
    if not is_unfinished:
        yield rest
