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


class AlreadyDecidedError(WrongStateError):
    """The object no longer awaits a decision: it was published, returned or taken back."""

    def __init__(self) -> None:
        super().__init__("Someone has already dealt with this. Go back to the list.")


class ChangedSinceReadError(CharterError):
    """The object is no longer as the user read it. `current` is a draft as it is saved now."""

    def __init__(self, current: Any = None) -> None:
        super().__init__(
            "This has changed since you opened this page. Check the changes again before you go on."
        )
        self.current = current


class InvitationError(CharterError):
    """The invitation was used, has expired, or is for another person."""


class ClosedLinkError(CharterError):
    """The link of an email was used, has expired or is no longer needed."""


class AddressError(CharterError):
    """The recipient or the subject cannot be written into an email header."""


class AlreadyExistsError(CharterError):
    """The object to add exists already."""
