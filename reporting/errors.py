"""What can go wrong in reporting, beside what charter names."""

from charter.errors import CharterError


class ClosedLinkError(CharterError):
    """A link with a token opens nothing: used, run out, or no longer asked for."""


class EvidenceStorageError(CharterError):
    """A file could not be kept."""


class AlreadyDecidedError(CharterError):
    """Nothing waits any more under a key that somebody has open."""


class ChangedSinceReadError(CharterError):
    """What waits is not what somebody read before deciding."""
