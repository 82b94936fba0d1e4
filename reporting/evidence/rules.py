"""What may be given as a file, apart from the libraries that read it: those run elsewhere."""

from dataclasses import dataclass

MAX_BYTES = 10 * 1024 * 1024


class RefusedFileError(ValueError):
    """The file is not taken; the message says why, for people."""


@dataclass(frozen=True)
class CleanFile:
    """What is kept of a file: `pages` for documents alone."""

    content: bytes
    media_type: str
    pages: int | None = None
