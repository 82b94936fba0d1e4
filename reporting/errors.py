"""Errors of reporting, in addition to those in `charter.errors`."""

from charter.errors import CharterError


class ClosedLinkError(CharterError):
    """A token link was used, has expired or is no longer needed."""


class EvidenceStorageError(CharterError):
    """An evidence file could not be stored."""


class AlreadyDecidedError(CharterError):
    """Nothing is awaiting review under this key."""


class ChangedSinceReadError(CharterError):
    """The content changed after the person deciding had read it."""
