"""Errors raised by actions: one class per meaning, each with a message for users."""

from typing import Any

from django.core.exceptions import PermissionDenied


class CharterError(Exception):
    """An action was refused. The message is a sentence for users."""


class NotAllowedError(CharterError, PermissionDenied):
    """The user may not do this. Django shows the message on its 403 page."""


class WrongStateError(CharterError):
    """The object's state does not allow this action."""


class IncompleteError(CharterError):
    """The object is incomplete. `problems` maps field names to messages."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems


class StaleError(CharterError):
    """Someone else saved in the meantime. `current` is the object in its present state."""

    def __init__(self, current: Any) -> None:
        super().__init__("Someone else has saved this since you opened it.")
        self.current = current


class InvitationError(CharterError):
    """The invitation was used, has expired, or is for another person."""


class AddressError(CharterError):
    """The recipient or the subject cannot be written into an email header."""


class AlreadyExistsError(CharterError):
    """The object to add exists already."""
