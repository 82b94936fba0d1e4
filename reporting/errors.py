"""Errors of reporting, in addition to those in `charter.errors`."""

from charter.errors import CharterError, NotAllowedError


class EvidenceStorageError(CharterError):
    """An evidence file could not be stored."""


class RemovedTextError(NotAllowedError):
    """A redaction removed this text. Django shows the message on its 403 page."""
