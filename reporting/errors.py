"""Errors of reporting, in addition to those in `charter.errors`."""

from charter.errors import CharterError


class ClosedLinkError(CharterError):
    """A token link was used, has expired or is no longer needed."""


class EvidenceStorageError(CharterError):
    """An evidence file could not be stored."""
