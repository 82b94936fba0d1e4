"""Errors of reporting, in addition to those in `charter.errors`."""

from charter.errors import CharterError, NotAllowedError


class ClosedLinkError(CharterError):
    """A token link was used, has expired or is no longer needed."""


class EvidenceStorageError(CharterError):
    """An evidence file could not be stored."""


class RemovedTextError(NotAllowedError):
    """A redaction removed this text. Django shows the message on its 403 page."""
