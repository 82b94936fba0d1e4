"""Limits and results of file cleaning, without its libraries, which run in another process."""

from dataclasses import dataclass

MAX_BYTES = 10 * 1024 * 1024


class RefusedFileError(ValueError):
    """The file is rejected; the message gives the reason for people."""


@dataclass(frozen=True)
class CleanFile:
    """A cleaned file; `pages` is set for documents only."""

    content: bytes
    media_type: str
    pages: int | None = None
