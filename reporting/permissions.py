"""May this person send an update? `check_…` raises with a sentence for people, `can_…` answers."""

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
