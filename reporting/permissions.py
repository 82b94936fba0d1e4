"""Permission to send updates.

`check_…` raises an error with a sentence for people, `can_…` returns a boolean.
"""

from charter import permissions
from charter.errors import NotAllowedError
from charter.models import Commitment, User


def can_report(user: User, commitment: Commitment) -> bool:
    return permissions.can_write(user, commitment.signatory)


def check_may_report(user: User, commitment: Commitment) -> None:
    if not can_report(user, commitment):
        raise NotAllowedError(
            f"Only an owner or editor of {commitment.signatory} can send an update on this "
            "commitment."
        )
