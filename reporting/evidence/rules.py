"""Limits and results of file cleaning, without its libraries, which run in another process."""

from dataclasses import dataclass, field

MAX_BYTES = 10 * 1024 * 1024


class RefusedFileError(ValueError):
    """The file is rejected; the message gives the reason for people."""


@dataclass(frozen=True)
class CleanFile:
    """A cleaned file; `pages` is set for documents only, what follows it for pictures only.

    Width and height are in pixels; `sizes` are those of `registry.evidence.SIZES`.
    """

    content: bytes
    media_type: str
    pages: int | None = None
    width: int | None = None
    height: int | None = None
    sizes: dict[str, bytes] = field(default_factory=dict)
