"""What can go wrong in an action: one class per meaning, each with a sentence for people."""

from typing import Any

from django.core.exceptions import PermissionDenied


class CharterError(Exception):
    """An action was refused; the message is a sentence for people."""


class NotAllowedError(CharterError, PermissionDenied):
    """This person may not do this. Django shows the sentence on its page for refusals."""


class WrongStateError(CharterError):
    """The thing is in a state from which this does not follow."""


class IncompleteError(CharterError):
    """Something is missing before this can be sent: `problems` has a sentence by field."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems


class StaleError(CharterError):
    """Somebody saved in between: `current` is the commitment, change or updates as it stands
    now.
    """

    def __init__(self, current: Any) -> None:
        super().__init__("Somebody else has saved this since you opened it.")
        self.current = current


class InvitationError(CharterError):
    """The invitation was used, has run out, or does not fit the person."""


class AddressError(CharterError):
    """The recipient or the subject cannot stand in an email's header."""


class AlreadyExistsError(CharterError):
    """What was to be added is there already."""
