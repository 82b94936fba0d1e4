"""What can go wrong in reporting, beside what charter names."""

from charter.errors import CharterError
from reporting.models import ProgressUpdate


class ClosedLinkError(CharterError):
    """A link with a token opens nothing: used, run out, or no longer asked for."""


class StaleUpdateError(CharterError):
    """Somebody saved the update in between: `current` is what stands there now."""

    def __init__(self, current: ProgressUpdate) -> None:
        super().__init__("Somebody else has saved this update since you opened it.")
        self.current = current


class DecidedAlreadyError(CharterError):
    """Nothing waits any more under a key that somebody has open."""


class ReadOtherwiseError(CharterError):
    """What waits is not what somebody read before deciding."""
